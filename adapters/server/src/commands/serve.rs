//! `vitrina serve`: the server, with the worker inside.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use poem::Server;
use poem::listener::{Acceptor, Listener, TcpAcceptor, TcpListener};
use tokio::signal::unix::{SignalKind, signal};
use vitrina::{Error, QueueOptions, SearchService, Stop, Worker, WorkerOptions};
use vitrina_onnx::PhotoLimits;

use super::shop_config;
use crate::api::{Backend, ModelState, optional_secret};
use crate::cli::ServeOptions;
use crate::http;
use crate::metrics::Metrics;
use crate::shop::{Shop, embed_missing, fill_with_demo};

/// How often the change feed is looked at.
const REFRESH: Duration = Duration::from_millis(500);
/// How long requests may go on after the server was told to stop and the queue is empty.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT; then takes no new photos, finishes those it has, and goes.
///
/// # Errors
/// A wrong configuration, an address that is taken, a catalogue that does not answer.
pub async fn serve(options: Box<ServeOptions>) -> Result<()> {
    let queue = QueueOptions {
        capacity: options.queue_capacity,
        keep_results: Duration::from_secs(options.keep_results),
        ..QueueOptions::default()
    };
    let webhook_secret = optional_secret(options.webhook_secret.as_deref())?;
    let acceptor = listen(options.listen).await?;
    let elsewhere =
        options.no_worker || options.queue.as_deref().is_some_and(|url| !url.starts_with("memory:"));
    let shop = Shop::open(&shop_config(&options.shop, options.queue.clone(), queue)).await?;
    let classifier = shop.classifier.as_ref().ok().cloned();
    if options.demo {
        let filled = fill_with_demo(&shop.service, &shop.photos).await?;
        if filled.products > 0 {
            tracing::info!(products = filled.products, "filled the catalogue with the demo products");
        }
    }
    let draining = Arc::new(AtomicBool::new(false));
    let backend = Backend {
        service: shop.service.clone(),
        photos: shop.photos.clone(),
        classifier: classifier.clone(),
        admin_key: options.admin_key.filter(|key| !key.is_empty()),
        model: match (&shop.classifier, elsewhere) {
            (_, true) => ModelState::Elsewhere,
            (Ok(classifier), false) => ModelState::Inside(classifier.model().to_owned()),
            (Err(reason), false) => ModelState::Missing(reason.clone()),
        },
        max_upload: options.max_upload,
        photo_limits: PhotoLimits::default(),
        webhook_secret,
        uploads_per_second: options.uploads_per_second,
        metrics: Arc::new(Metrics::default()),
        draining: draining.clone(),
    };

    let stop = Stop::new();
    tokio::spawn(keep_fresh(shop.service.clone()));
    if let Some(classifier) = classifier.clone() {
        let (service, photos) = (shop.service.clone(), shop.photos.clone());
        tokio::spawn(async move {
            if let Err(error) = embed_missing(&**service.catalog(), &photos, &*classifier).await {
                tracing::warn!(error = %error.chain(), "not all photos of products could be recognised");
            }
        });
    }
    let worker = classifier.filter(|_| !elsewhere).map(|classifier| {
        let settings = WorkerOptions { drain: true, ..WorkerOptions::default() };
        let worker = Worker::new(shop.service.queue().clone(), classifier, settings);
        let stop = stop.clone();
        tokio::spawn(async move { worker.run(&stop).await })
    });

    announce(&acceptor);
    let told = async move {
        asked_to_stop().await;
        tracing::info!("stopping: finishing what was accepted");
        draining.store(true, Ordering::Relaxed);
        stop.stop();
        if let Some(worker) = worker {
            let _ = worker.await;
        }
    };
    Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(http::app(backend), told, Some(GRACE))
        .await?;
    Ok(())
}

/// Takes changes of the catalogue over as they come, whoever made them.
async fn keep_fresh(service: Arc<SearchService>) {
    let mut failing = false;
    loop {
        tokio::time::sleep(REFRESH).await;
        // An index works while it takes changes over: off the async threads.
        let (service, runtime) = (service.clone(), tokio::runtime::Handle::current());
        let refreshed = tokio::task::spawn_blocking(move || runtime.block_on(service.refresh())).await;
        match refreshed.unwrap_or_else(|error| Err(Error::internal("the index failed").with_source(error))) {
            Ok(_) => failing = false,
            Err(error) => {
                if !failing {
                    tracing::warn!(error = %error.chain(), "changes of the catalogue cannot be taken over for now");
                }
                failing = true;
            }
        }
    }
}

pub(super) async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Takes an address, before anything that lasts is begun.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpAcceptor> {
    let acceptor = TcpListener::bind(address).into_acceptor().await;
    acceptor.with_context(|| format!("the address {address} cannot be listened on"))
}

/// Scripts read the first line; nobody needs to.
pub(super) fn announce(acceptor: &TcpAcceptor) {
    let address = acceptor.local_addr()[0].to_string();
    let address = address.trim_start_matches("socket://");
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address}\ndocumentation at http://{address}/docs");
    let _ = out.flush();
}
