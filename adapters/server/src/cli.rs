//! The flags of the `vitrina` command; every one of them can come from the environment too.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Evaluation {
    /// Judged queries: nDCG, recall, precision and reciprocal rank, beside SQLite's FTS5 and MariaDB's FULLTEXT
    Text(EvalTextOptions),
    /// Judged queries with slips of the keyboard: what is still found
    Misspellings(EvalMisspellingsOptions),
    /// Queries with their department: whether it is among the predicted categories
    Categories(EvalCategoriesOptions),
    /// Photos by category: the right category and products, and how far its scores can be believed
    Image(EvalImageOptions),
}

/// Which of the queries; what is tuned on one half is reported on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Half {
    /// All of them
    All,
    /// Those that may be looked at while tuning
    Tune,
    /// Those that figures are reported on
    Report,
}

/// How to evaluate judged queries.
#[derive(Debug, Args)]
pub struct EvalTextOptions {
    /// The products: JSON Lines, gzipped or not, with `id`, `name` or `title`, `description`, `brand`, `category`, and
    /// `price` or `price_cents`
    #[arg(long, value_name = "FILE", required = true)]
    pub products: Vec<PathBuf>,
    /// The judgments: tab-separated, with a header: `query`, `product_id`, `grade`
    #[arg(long, value_name = "FILE")]
    pub judgments: PathBuf,
    /// Which of the queries
    #[arg(long, value_enum, default_value_t = Half::All)]
    pub half: Half,
    /// A MariaDB server to compare with, in a database that is made for it and removed again
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub mariadb: Option<String>,
    /// Words and labels by which categories are known (JSON), instead of the built-in ones
    #[arg(long, env = "VITRINA_VOCABULARY", value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// What words may be called too (JSON), instead of the built-in synonyms
    #[arg(long, env = "VITRINA_SYNONYMS", value_name = "FILE")]
    pub synonyms: Option<PathBuf>,
    /// Print the figures of every query too
    #[arg(long)]
    pub each: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "each")]
    pub json: bool,
}

/// How to evaluate misspelt queries.
#[derive(Debug, Args)]
pub struct EvalMisspellingsOptions {
    /// The products, as for `eval text`
    #[arg(long, value_name = "FILE", required = true)]
    pub products: Vec<PathBuf>,
    /// The judgments, as for `eval text`; the queries are misspelt
    #[arg(long, value_name = "FILE")]
    pub judgments: PathBuf,
    /// Which of the queries
    #[arg(long, value_enum, default_value_t = Half::All)]
    pub half: Half,
    /// Where the misspellings come from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print what was not found again
    #[arg(long)]
    pub each: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "each")]
    pub json: bool,
}

/// How to evaluate the categories of queries.
#[derive(Debug, Args)]
pub struct EvalCategoriesOptions {
    /// The products, as for `eval text`; several files make one shop
    #[arg(long, value_name = "FILE", required = true)]
    pub products: Vec<PathBuf>,
    /// The queries: tab-separated, with a header: `query`, `department`
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// What the shop calls the departments: a JSON object of lists; by default they are called as in the queries
    #[arg(long, value_name = "FILE")]
    pub departments: Option<PathBuf>,
    /// Which of the queries
    #[arg(long, value_enum, default_value_t = Half::All)]
    pub half: Half,
    /// Print what was predicted wrongly
    #[arg(long)]
    pub each: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "each")]
    pub json: bool,
}

/// How to evaluate photos. Folders hold a folder of photos for each category.
#[derive(Debug, Args)]
pub struct EvalImageOptions {
    /// The photos of the products
    #[arg(long, value_name = "DIR")]
    pub catalog_photos: PathBuf,
    /// The customers' photos, in folders of the same names
    #[arg(long, value_name = "DIR")]
    pub query_photos: PathBuf,
    /// Photos of what the shop does not sell, in folders or not
    #[arg(long, value_name = "DIR")]
    pub strangers: Option<PathBuf>,
    /// Of the strangers, leave out the files whose names begin so: what the shop does sell; one a line
    #[arg(long, value_name = "FILE", requires = "strangers")]
    pub not_strangers: Option<PathBuf>,
    /// Take so many photos of each category only, chosen by `--seed`
    #[arg(long, value_name = "N")]
    pub per_category: Option<usize>,
    /// Which photos are chosen
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Words and labels by which categories are known (JSON), instead of the built-in ones
    #[arg(long, env = "VITRINA_VOCABULARY", value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// Print the reliability curve and what was taken for something else, too
    #[arg(long)]
    pub each: bool,
    /// Print one JSON object
    #[arg(long, conflicts_with = "each")]
    pub json: bool,
}
