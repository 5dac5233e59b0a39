//! The flags for what clients may take (`docs/limits.md`).

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use crate::limits::{Limits, RateLimits, TrustedProxies};

const MIB: usize = 1 << 20;

/// What clients may take, one by one and together.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits (docs/limits.md)")]
pub struct LimitOptions {
    /// Connections at a time; by default four fifths of the file descriptors that the process may open, 2048 at most
    #[arg(long, env = "VITRINA_MAX_CONNECTIONS", value_name = "N")]
    pub max_connections: Option<usize>,
    /// Connections of one client at a time; by default a quarter of all
    #[arg(long, env = "VITRINA_MAX_CONNECTIONS_PER_CLIENT", value_name = "N")]
    pub max_connections_per_client: Option<usize>,
    /// How long a client may take to send the head of a request, in seconds
    #[arg(long, env = "VITRINA_HEADER_TIME", value_name = "SECONDS", default_value = "10")]
    pub header_time: NonZeroU32,
    /// How long a connection may stay open without a request, in seconds
    #[arg(long, env = "VITRINA_IDLE_TIME", value_name = "SECONDS", default_value = "75")]
    pub idle_time: NonZeroU32,
    /// How long a client may take to send a body, in seconds
    #[arg(long, env = "VITRINA_BODY_TIME", value_name = "SECONDS", default_value = "60")]
    pub body_time: NonZeroU32,
    /// The least bytes a second that bodies arrive with
    #[arg(long, env = "VITRINA_BODY_RATE", value_name = "BYTES", default_value = "1024")]
    pub body_rate: NonZeroU32,
    /// How long the server works on a request, in seconds; long polls may take a minute more
    #[arg(long, env = "VITRINA_REQUEST_TIME", value_name = "SECONDS", default_value = "30")]
    pub request_time: NonZeroU32,
    /// The largest upload in bytes
    #[arg(long, env = "VITRINA_MAX_UPLOAD", value_name = "BYTES", default_value_t = 20 * MIB)]
    pub max_upload: usize,
    /// Memory for all bodies that are not uploads, in MiB
    #[arg(long, env = "VITRINA_BODY_MEMORY", value_name = "MIB", default_value_t = 32)]
    pub body_memory: usize,
    /// Memory for all uploads, in MiB
    #[arg(long, env = "VITRINA_UPLOAD_MEMORY", value_name = "MIB", default_value_t = 128)]
    pub upload_memory: usize,
    /// Searches, listings and results that one client may ask for a second; 0 for no limit
    #[arg(long, env = "VITRINA_SEARCHES_PER_SECOND", value_name = "N", default_value_t = 2000)]
    pub searches_per_second: u32,
    /// Suggestions that one client may ask for a second; 0 for no limit
    #[arg(long, env = "VITRINA_SUGGESTIONS_PER_SECOND", value_name = "N", default_value_t = 2000)]
    pub suggestions_per_second: u32,
    /// Photos that one client may send a second, costly ones counted several times; 0 for no limit
    #[arg(long, env = "VITRINA_UPLOADS_PER_SECOND", value_name = "N", default_value_t = 100)]
    pub uploads_per_second: u32,
    /// Writes that one client may send a second; 0 for no limit
    #[arg(long, env = "VITRINA_WRITES_PER_SECOND", value_name = "N", default_value_t = 500)]
    pub writes_per_second: u32,
    /// Proxies that are believed when they name the client (`X-Forwarded-For`, `Forwarded`), and that have no limits of
    /// their own: addresses and networks, separated by commas
    #[arg(long, env = "VITRINA_TRUSTED_PROXIES", value_name = "LIST", default_value = "")]
    pub trusted_proxies: TrustedProxies,
}

impl LimitOptions {
    /// The limits that the flags say.
    pub fn limits(&self) -> Limits {
        let seconds = |seconds: NonZeroU32| Duration::from_secs(seconds.get().into());
        let default = Limits::default();
        let connections = self.max_connections.unwrap_or(default.connections).max(1);
        Limits {
            connections,
            connections_per_client: self.max_connections_per_client.unwrap_or((connections / 4).max(1)),
            header_time: seconds(self.header_time),
            idle_time: seconds(self.idle_time),
            body_time: seconds(self.body_time),
            body_rate: self.body_rate.get().into(),
            request_time: seconds(self.request_time),
            upload: self.max_upload,
            body_memory: self.body_memory.saturating_mul(MIB),
            upload_memory: self.upload_memory.saturating_mul(MIB),
            rates: RateLimits {
                searches: NonZeroU32::new(self.searches_per_second),
                suggestions: NonZeroU32::new(self.suggestions_per_second),
                photos: NonZeroU32::new(self.uploads_per_second),
                administration: NonZeroU32::new(self.writes_per_second),
            },
            trusted_proxies: self.trusted_proxies.clone(),
            ..default
        }
    }
}
