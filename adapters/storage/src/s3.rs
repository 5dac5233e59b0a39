//! Photos in a bucket of S3.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientConfigKey, RetryConfig};
use vitrina_core::{Error, Result};

use crate::ObjectPhotos;

/// How often a request is repeated that failed by no fault of its own, and for how long: a customer waits for it.
const RETRIES: RetryConfig =
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(10), backoff: BACKOFF };
const BACKOFF: BackoffConfig = BackoffConfig {
    init_backoff: Duration::from_millis(100),
    max_backoff: Duration::from_secs(2),
    base: 2.0,
};

const EXPECTED: &str = "the store of photos in S3 is `s3://BUCKET` or `s3://BUCKET/PREFIX`";

impl ObjectPhotos {
    /// Opens the store in a bucket, `s3://BUCKET/PREFIX`; without a prefix the bucket must hold nothing else. The bucket must
    /// exist, but need not be reachable yet.
    ///
    /// `options` are names and values as of the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
    /// `AWS_ENDPOINT`, `AWS_ALLOW_HTTP` and all others that [`AmazonS3ConfigKey`] documents. What it does not know is ignored.
    /// Without keys the machine's role is used (web identity, ECS, EC2).
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a URL without a bucket or with a password, and for options that do not
    /// go together.
    pub fn in_s3(url: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let rest = url.strip_prefix("s3://").ok_or_else(|| Error::invalid(EXPECTED))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.contains(['@', ':']) {
            return Err(Error::invalid(format!(
                "{EXPECTED}: name the keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )));
        }
        if bucket.is_empty() || rest.contains(['?', '#']) {
            return Err(Error::invalid(EXPECTED));
        }
        let mut builder = AmazonS3Builder::new().with_retry(RETRIES);
        // Compose files and systemd set what is left out to nothing.
        let given = options.into_iter().filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        for (name, value) in given {
            if let Ok(key) = name.to_ascii_lowercase().parse() {
                builder = builder.with_config(key, value);
            }
        }
        let builder = builder.with_bucket_name(bucket);
        refuse_plain_http(&builder)?;
        // reqwest is compiled without a provider of its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = builder.build().map_err(|error| {
            let message = "the options of S3 (AWS_…) cannot be used; the log says why";
            Error::invalid(message).with_source(error)
        })?;
        Ok(Self::new(Arc::new(store), prefix))
    }
}

/// Refuses an endpoint that no request would reach, before the first photo is lost on it.
fn refuse_plain_http(builder: &AmazonS3Builder) -> Result<()> {
    let value = |key| builder.get_config_value(&key).unwrap_or_default();
    let allowed = value(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)).to_ascii_lowercase();
    let endpoints = [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint].map(value);
    let is_allowed = ["true", "1", "on", "yes", "y"].contains(&allowed.as_str());
    if !is_allowed && endpoints.iter().any(|endpoint| endpoint.starts_with("http://")) {
        return Err(Error::invalid(
            "the endpoint of S3 is http://: use https://, or set AWS_ALLOW_HTTP=true in a network that you trust",
        ));
    }
    Ok(())
}
