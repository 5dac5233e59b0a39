//! HTTPS: TLS on accepted connections, with a certificate from files that may be replaced while the server runs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result};
use poem::http::uri::Scheme;
use poem::listener::{Acceptor, TcpAcceptor};
use poem::web::{LocalAddr, RemoteAddr};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{Accept, TlsAcceptor, server::TlsStream};

/// How often the files are looked at, while there are handshakes.
const RELOAD: Duration = Duration::from_secs(1);

/// A certificate chain and its key, from PEM files.
struct CertificateFiles {
    cert: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    certified: Arc<CertifiedKey>,
    stamps: Stamps,
    checked: Instant,
}

/// When both files were written last.
type Stamps = [Option<SystemTime>; 2];

impl CertificateFiles {
    fn open(cert: &Path, key: &Path) -> Result<Self> {
        let stamps = stamps(cert, key);
        let certified = Arc::new(read(cert, key)?);
        let current = Mutex::new(Current { certified, stamps, checked: Instant::now() });
        Ok(Self { cert: cert.to_owned(), key: key.to_owned(), current })
    }

    /// The certificate of the files as they are now; while they cannot be used, the one before.
    fn current(&self) -> Arc<CertifiedKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.checked.elapsed() >= RELOAD {
            current.checked = Instant::now();
            let stamps = stamps(&self.cert, &self.key);
            if stamps != current.stamps {
                match read(&self.cert, &self.key) {
                    Ok(certified) => {
                        tracing::info!(file = %self.cert.display(), "a new TLS certificate is in use");
                        current.certified = Arc::new(certified);
                        current.stamps = stamps;
                    }
                    // Perhaps one of the two is written and the other is not yet: the next look tells.
                    Err(error) => {
                        tracing::warn!(error = %format!("{error:#}"), "the new TLS certificate cannot be used")
                    }
                }
            }
        }
        current.certified.clone()
    }
}

impl fmt::Debug for CertificateFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateFiles").field("cert", &self.cert).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for CertificateFiles {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn stamps(cert: &Path, key: &Path) -> Stamps {
    [cert, key].map(|file| std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok())
}

fn read(cert: &Path, key: &Path) -> Result<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .with_context(|| format!("no certificate can be read from {}: it must be PEM", cert.display()))?;
    let key_of =
        || format!("no private key can be read from {}: it must be PEM, without a password", key.display());
    let secret = PrivateKeyDer::from_pem_file(key).with_context(key_of)?;
    CertifiedKey::from_der(chain, secret, &rustls::crypto::ring::default_provider()).with_context(|| {
        format!(
            "the certificate in {} and the key in {} do not belong together",
            cert.display(),
            key.display()
        )
    })
}

/// TLS by these files.
///
/// # Errors
/// Files that cannot be read, or that do not belong together.
fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor> {
    let files = Arc::new(CertificateFiles::open(cert, key)?);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(files);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A listener for HTTP, or for HTTPS where there is a certificate.
pub(crate) struct Listener {
    tcp: TcpAcceptor,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// A listener for plain HTTP.
    pub(crate) fn plain(tcp: TcpAcceptor) -> Self {
        Self { tcp, tls: None }
    }

    /// A listener for HTTPS, with a certificate chain and its key in PEM files. They may be replaced at any time: new
    /// connections get the new certificate within a second.
    ///
    /// # Errors
    /// Files that cannot be read, or that do not belong together.
    pub(crate) fn secure(tcp: TcpAcceptor, cert: &Path, key: &Path) -> Result<Self> {
        Ok(Self { tcp, tls: Some(acceptor(cert, key)?) })
    }

    /// The URL that it is reached at.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let address = self.tcp.local_addr()[0].to_string();
        format!("{scheme}://{}", address.trim_start_matches("socket://"))
    }
}

impl Acceptor for Listener {
    type Io = Connection;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.tcp.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Connection, LocalAddr, RemoteAddr, Scheme)> {
        let (tcp, local, remote, scheme) = self.tcp.accept().await?;
        Ok(match &self.tls {
            None => (Connection::Plain(tcp), local, remote, scheme),
            Some(tls) => (Connection::Handshake(Box::new(tls.accept(tcp))), local, remote, Scheme::HTTPS),
        })
    }
}

/// A connection; its handshake goes on when it is first read from or written to, so that nobody else waits for it.
pub(crate) enum Connection {
    Plain(TcpStream),
    Handshake(Box<Accept<TcpStream>>),
    Secure(Box<TlsStream<TcpStream>>),
    Failed,
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

impl Connection {
    fn poll_stream(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        if let Self::Handshake(accept) = self {
            match ready!(Pin::new(&mut **accept).poll(context)) {
                Ok(stream) => *self = Self::Secure(Box::new(stream)),
                Err(error) => {
                    *self = Self::Failed;
                    tracing::debug!(%error, "a TLS handshake failed");
                    return Poll::Ready(Err(error));
                }
            }
        }
        let stream: Pin<&mut dyn Stream> = match self {
            Self::Plain(stream) => Pin::new(stream),
            Self::Secure(stream) => Pin::new(&mut **stream),
            Self::Handshake(_) | Self::Failed => {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        };
        Poll::Ready(Ok(stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_stream(context))?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_stream(context))?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_stream(context))?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Secure(stream) => stream.is_write_vectored(),
            Self::Handshake(_) | Self::Failed => false,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_stream(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_stream(context))?.poll_shutdown(context)
    }
}
