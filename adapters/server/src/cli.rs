//! The flags of the `vitrina` command; every one of them can come from the environment too.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vitrina::IndexLocation;

mod eval;
mod import;
mod key;
mod limits;
mod secrets;

pub use eval::*;
pub use import::{ImportOptions, ImportsOptions, SourceOptions};
pub use key::*;
pub use limits::LimitOptions;
pub use secrets::secrets_from_files;

/// Product search by words and by photo, on your own machines.
#[derive(Debug, Parser)]
#[command(name = "vitrina", version, about, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the shop over HTTP; without any flag on SQLite, with the queue and the worker inside
    Serve(Box<ServeOptions>),
    /// Classify the photos of a Redis queue, in as many processes as needed
    Worker(WorkerOptions),
    /// Import products from a file, a feed or a live shop's database
    Import(Box<ImportOptions>),
    /// Export every category and product as JSON Lines, which `import` brings back
    Export(ExportOptions),
    /// List the last imports
    Imports(ImportsOptions),
    /// Delete the photos that no product has any more
    CleanPhotos(CleanPhotosOptions),
    /// Copy the SQLite catalogue and its photos to a new folder, while the server runs
    Backup(BackupOptions),
    /// Create, list and revoke keys of API clients
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print what the model sees in photos
    Classify(ClassifyOptions),
    /// Measure how good the search is, on products and judgments of your own
    #[command(subcommand)]
    Eval(Evaluation),
    /// Ask a running server or worker whether it is well: exit code 0 for a yes
    Health(HealthOptions),
    /// Print the OpenAPI document
    Openapi,
}

impl Command {
    /// The name by which traces of this command go, and the collector that takes them.
    pub fn telemetry(&self) -> (&'static str, Option<&str>) {
        let (service, options) = match self {
            Self::Serve(options) => ("vitrina-server", &options.telemetry),
            Self::Worker(options) => ("vitrina-worker", &options.telemetry),
            _ => return ("vitrina", None),
        };
        (service, options.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()))
    }
}

/// Where traces go.
#[derive(Debug, Clone, Args)]
pub struct TelemetryOptions {
    /// Export traces to this OpenTelemetry collector (OTLP over HTTP), such as http://localhost:4318 (docs/operations.md)
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

/// Which model.
#[derive(Debug, Clone, Args)]
pub struct ModelOptions {
    /// The folder of the model; by default the one that `make build` leaves in the checkout
    #[arg(long, env = "MODEL_PATH", value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Which of the model's files to use: `fp32`, `int8`; by default the one that suits this processor
    #[arg(long, env = "VITRINA_PRECISION", value_name = "NAME")]
    pub precision: Option<String>,
    /// The ONNX Runtime library; by default the one in the checkout's Python environment
    #[arg(long, env = "ORT_DYLIB_PATH", value_name = "FILE")]
    pub onnxruntime: Option<PathBuf>,
}

/// Which shop.
#[derive(Debug, Clone, Args)]
pub struct ShopOptions {
    /// The catalogue: `sqlite:PATH` or `mysql://USER:PASSWORD@HOST/DATABASE`; by default a SQLite file in the data folder
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub catalog: Option<String>,
    /// The folder for all that the embedded default writes: the SQLite file, the index, the photos
    #[arg(long, env = "VITRINA_DATA_DIR", value_name = "DIR", default_value = "vitrina-data")]
    pub data_dir: PathBuf,
    /// Where the search index is kept: `disk` (`index` in the data folder), `memory`, or a folder of its own
    #[arg(long, env = "VITRINA_INDEX", value_name = "WHERE", default_value = "disk")]
    pub index: IndexLocation,
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Words and labels by which categories are known (JSON), instead of the built-in ones
    #[arg(long, env = "VITRINA_VOCABULARY", value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// What words may be called too (JSON), instead of the built-in synonyms
    #[arg(long, env = "VITRINA_SYNONYMS", value_name = "FILE")]
    pub synonyms: Option<PathBuf>,
    /// How much popularity, sales, newness, brands and categories count in the order of products (JSON, docs/operations.md)
    #[arg(long, env = "VITRINA_RANKING", value_name = "FILE")]
    pub ranking: Option<PathBuf>,
    /// A predicted category is kept when its score is above this, 0 to 1
    #[arg(long, env = "INFERENCE_CONFIDENCE_THRESHOLD", value_name = "SCORE", default_value_t = 0.1)]
    pub confidence_threshold: f32,
}

/// How much a demo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DemoSize {
    /// No demo.
    #[default]
    #[value(alias = "false")]
    None,
    /// About a hundred products, half of them with photos.
    #[value(alias = "true")]
    Small,
    /// 20,000 generated products more.
    Large,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, env = "VITRINA_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// The TLS certificate chain (PEM) to serve HTTPS with; may be replaced while the server runs
    #[arg(long, env = "VITRINA_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key (PEM) of the TLS certificate
    #[arg(long, env = "VITRINA_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
    /// Keep in step with a source: a file, an `http(s)` URL of a feed, or a live shop's database such as
    /// `prestashop+mysql://USER:PASSWORD@HOST/DATABASE`; what is gone from it is removed within --max-removals
    #[arg(long, env = "VITRINA_FOLLOW", value_name = "SOURCE", hide_env_values = true)]
    pub follow: Option<String>,
    /// The seconds between two imports of --follow
    #[arg(long, env = "VITRINA_FOLLOW_INTERVAL", value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub follow_interval: u64,
    /// The mapping file of --follow
    #[arg(long, env = "VITRINA_FOLLOW_MAPPING", value_name = "FILE", requires = "follow")]
    pub follow_mapping: Option<PathBuf>,
    /// The largest part of the catalogue that --follow may remove at a time, in per cent
    #[arg(long, env = "VITRINA_MAX_REMOVALS", value_name = "PERCENT", default_value_t = 20.0)]
    pub max_removals: f64,
    /// Fill an empty catalogue with the demo products; `--demo=large` with 20,000 more
    #[arg(long, env = "VITRINA_DEMO", value_name = "SIZE", num_args = 0..=1, require_equals = true,
          default_value = "none", default_missing_value = "small", hide_default_value = true)]
    pub demo: DemoSize,
    /// The queue: `memory:` inside this process, or `redis://HOST:PORT` (`rediss://` for TLS) with workers elsewhere
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub queue: Option<String>,
    /// The store of products' photos: `file:DIR`, or `s3://BUCKET/PREFIX` with the options of the environment (AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, AWS_ALLOW_HTTP); by default `photos` in the data folder
    #[arg(long, env = "VITRINA_PHOTOS", value_name = "URL", hide_env_values = true)]
    pub photos: Option<String>,
    /// Classify no photos inside this process; so it is with a Redis queue
    #[arg(long)]
    pub no_worker: bool,
    /// How many photos may wait or be worked on at a time
    #[arg(long, env = "VITRINA_QUEUE_CAPACITY", value_name = "N", default_value_t = 1000)]
    pub queue_capacity: usize,
    /// How long results of photos are kept, in seconds
    #[arg(long, env = "VITRINA_KEEP_RESULTS", value_name = "SECONDS", default_value_t = 3600)]
    pub keep_results: u64,
    /// The secret (`whsec_…`) that calls of the webhook must be signed with
    #[arg(long, env = "WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// Take unsigned calls of the webhook from everybody who reaches this server: for workers of other makes, in a network of
    /// their own
    #[arg(long, env = "VITRINA_WEBHOOK_UNSIGNED")]
    pub webhook_unsigned: bool,
    /// The key of the endpoints that write to the catalogue; without it they are off
    #[arg(long, env = "VITRINA_ADMIN_KEY", value_name = "KEY", hide_env_values = true)]
    pub admin_key: Option<String>,
    /// Searching needs a key too (`vitrina key create`)
    #[arg(long, env = "VITRINA_REQUIRE_KEY")]
    pub require_key: bool,
    /// Other sites whose pages may call the API, such as `https://shop.example`, besides the origins of keys
    #[arg(long, env = "VITRINA_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Serve `/metrics` and the details of `/ready` at this address too, without keys: for a network of your own
    #[arg(long, env = "VITRINA_METRICS_LISTEN", value_name = "ADDR")]
    pub metrics_listen: Option<SocketAddr>,
    /// What clients may take.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// Where traces go.
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
}

/// How to work.
#[derive(Debug, Args)]
pub struct WorkerOptions {
    /// The address of the worker's own small API; port 0 takes a free one
    #[arg(long, env = "VITRINA_WORKER_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8001")]
    pub listen: SocketAddr,
    /// The queue: `redis://HOST:PORT`, or `rediss://HOST:PORT` for TLS
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub queue: String,
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Report results to this webhook of the backend, instead of to the queue's result store
    #[arg(long, env = "BACKEND_WEBHOOK_URL", value_name = "URL")]
    pub webhook: Option<String>,
    /// The secret (`whsec_…`) to sign calls of the webhook with
    #[arg(long, env = "WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// Words and labels by which categories are known (JSON), instead of the built-in ones
    #[arg(long, env = "VITRINA_VOCABULARY", value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// How long a photo is held without a sign of life before another worker takes it over, in seconds
    #[arg(long, env = "VITRINA_LEASE", value_name = "SECONDS", default_value = "30")]
    pub lease: NonZeroU32,
    /// How often a photo is tried before it ends as a failure
    #[arg(long, env = "VITRINA_MAX_DELIVERIES", value_name = "N", default_value = "3")]
    pub max_deliveries: NonZeroU32,
    /// How long results of photos are kept, in seconds
    #[arg(long, env = "VITRINA_KEEP_RESULTS", value_name = "SECONDS", default_value_t = 3600)]
    pub keep_results: u64,
    /// How many batches are classified at a time; by default as many as there are processor cores
    #[arg(long, env = "VITRINA_LANES", value_name = "N")]
    pub lanes: Option<NonZeroUsize>,
    /// What clients of `/infer/image` may take.
    #[command(flatten)]
    pub limits: LimitOptions,
    /// Where traces go.
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
}

/// Which photos to delete.
#[derive(Debug, Args)]
pub struct CleanPhotosOptions {
    /// Photos that were stored longer ago than this, in hours; 1 at least
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub older_than: u32,
    /// The store of products' photos, as that of `serve --photos`; it must be this shop's alone
    #[arg(long, env = "VITRINA_PHOTOS", value_name = "URL", hide_env_values = true)]
    pub photo_store: Option<String>,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
}

/// What to export, and where to.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// The file to write; standard output without it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
}

/// What to back up, and where to.
#[derive(Debug, Args)]
pub struct BackupOptions {
    /// The folder to write; it must not exist
    #[arg(value_name = "DIR")]
    pub target: PathBuf,
    /// The data folder of the embedded default
    #[arg(long, env = "VITRINA_DATA_DIR", value_name = "DIR", default_value = "vitrina-data")]
    pub data_dir: PathBuf,
}

/// Whom to ask.
#[derive(Debug, Args)]
pub struct HealthOptions {
    /// The address: `/ready` for whether all that it depends on answers too, `/health` for the process alone
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8000/ready")]
    pub url: String,
}

/// Which photos to classify, and how.
#[derive(Debug, Args)]
pub struct ClassifyOptions {
    /// The photos
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Print a JSON object a photo, with the embedding: base64 of little-endian 4-byte floats
    #[arg(long)]
    pub json: bool,
}
