//! The flags of the `vitrina` command; every one of them can come from the environment too.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod eval;

pub use eval::*;

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
    /// Recognise the photos of a Redis queue, in as many processes as needed
    Worker(WorkerOptions),
    /// Write products (JSON Lines, JSON or CSV) and their photos into the catalogue
    Import(ImportOptions),
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

/// Which model.
#[derive(Debug, Clone, Args)]
pub struct ModelOptions {
    /// The folder of the model; by default the one that `make build` leaves in the checkout
    #[arg(long, env = "MODEL_PATH", value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Which of the model's files to use: `fp32`, `int8`; by default the faster one on this processor
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
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Words and labels by which categories are known (JSON), instead of the built-in ones
    #[arg(long, env = "VITRINA_VOCABULARY", value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// What words may be called too (JSON), instead of the built-in synonyms
    #[arg(long, env = "VITRINA_SYNONYMS", value_name = "FILE")]
    pub synonyms: Option<PathBuf>,
    /// A predicted category is kept when its score is above this, 0 to 1
    #[arg(long, env = "INFERENCE_CONFIDENCE_THRESHOLD", value_name = "SCORE", default_value_t = 0.1)]
    pub confidence_threshold: f32,
}

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, env = "VITRINA_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
    /// Fill an empty catalogue with the demo products
    #[arg(long, env = "VITRINA_DEMO")]
    pub demo: bool,
    /// The queue: `memory:` inside this process, or `redis://HOST:PORT` with workers elsewhere
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub queue: Option<String>,
    /// Recognise no photos inside this process; so it is with a Redis queue
    #[arg(long)]
    pub no_worker: bool,
    /// How many photos may wait or be worked on at a time
    #[arg(long, env = "VITRINA_QUEUE_CAPACITY", value_name = "N", default_value_t = 1000)]
    pub queue_capacity: usize,
    /// How long results of photos are kept, in seconds
    #[arg(long, env = "VITRINA_KEEP_RESULTS", value_name = "SECONDS", default_value_t = 3600)]
    pub keep_results: u64,
    /// The largest upload in bytes
    #[arg(long, env = "VITRINA_MAX_UPLOAD", value_name = "BYTES", default_value_t = 10 << 20)]
    pub max_upload: usize,
    /// How many photos one client address may send a second; no limit unless given
    #[arg(long, env = "VITRINA_UPLOADS_PER_SECOND", value_name = "N")]
    pub uploads_per_second: Option<NonZeroU32>,
    /// The secret (`whsec_…`) that calls of the webhook must be signed with
    #[arg(long, env = "WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// The key of the endpoints that write to the catalogue; without it they are off
    #[arg(long, env = "VITRINA_ADMIN_KEY", value_name = "KEY", hide_env_values = true)]
    pub admin_key: Option<String>,
}

/// How to work.
#[derive(Debug, Args)]
pub struct WorkerOptions {
    /// The address of the worker's own small API; port 0 takes a free one
    #[arg(long, env = "VITRINA_WORKER_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8001")]
    pub listen: SocketAddr,
    /// The queue: `redis://HOST:PORT`
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
    /// How many batches are recognised at a time; by default as many as there are processor cores
    #[arg(long, env = "VITRINA_LANES", value_name = "N")]
    pub lanes: Option<NonZeroUsize>,
    /// The largest upload to `/infer/image` in bytes
    #[arg(long, env = "VITRINA_MAX_UPLOAD", value_name = "BYTES", default_value_t = 10 << 20)]
    pub max_upload: usize,
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// The products: `.jsonl`, `.json` or `.csv` with `name`, and `id`, `description`, `brand`, `price`, `category`, `stock`,
    /// `photo` where there are such
    pub file: PathBuf,
    /// The folder that the products' `photo` names files in
    #[arg(long, value_name = "DIR")]
    pub photos: Option<PathBuf>,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
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
