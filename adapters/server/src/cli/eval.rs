//! The flags of `vitrina eval`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ModelOptions;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Evaluation {
    /// Judged queries: nDCG, recall, precision and reciprocal rank, beside SQLite's FTS5 and MariaDB's FULLTEXT
    Text(EvalTextOptions),
    /// Judged queries with slips of the keyboard: what is still found
    Misspellings(EvalMisspellingsOptions),
    /// Queries that shoppers type: whether the first products are the thing asked for, by kind of query, beside SQLite's FTS5
    Shopper(EvalShopperOptions),
    /// Queries with their department: whether it is among the predicted categories
    Categories(EvalCategoriesOptions),
    /// Photos by category: the right category and products, and how far its scores can be believed
    Image(EvalImageOptions),
    /// Photos by product: whether the neighbours of one show the same product
    Similar(EvalSimilarOptions),
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

/// What of a product's place in the shop is its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Categories {
    /// The department: the first of `category_path`, or `category`
    #[default]
    Flat,
    /// The finest: the last of `category_path`, or of `category`, `subcategory`, `type` and `subtype`
    Leaf,
}

/// How to evaluate what shoppers type.
#[derive(Debug, Args)]
pub struct EvalShopperOptions {
    /// The products, as for `eval text`; several files make one shop
    #[arg(long, value_name = "FILE", required = true)]
    pub products: Vec<PathBuf>,
    /// The queries: tab-separated, with a header: `query`, `kind`, `relevant_ids` (with spaces between); queries of the kind
    /// `misspelt` are spelt wrong
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// What the categories are
    #[arg(long, value_enum, default_value_t = Categories::Flat)]
    pub categories: Categories,
    /// Print so many of the worst queries
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub worst: usize,
    /// Print one JSON object
    #[arg(long, conflicts_with = "worst")]
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
    #[arg(long, value_name = "DIR", required_unless_present = "products", conflicts_with = "products")]
    pub catalog_photos: Option<PathBuf>,
    /// Products with one photo each: tab-separated, with a header: `product`, `category`, `photo` (from the table's folder)
    #[arg(long, value_name = "FILE")]
    pub products: Option<PathBuf>,
    /// The customers' photos, in folders of the same names: of the categories, or with `--products` of the products
    #[arg(long, value_name = "DIR")]
    pub query_photos: PathBuf,
    /// Photos of what the shop does not sell, in folders or not
    #[arg(long, alias = "strangers", value_name = "DIR")]
    pub negatives: Option<PathBuf>,
    /// Of the negatives, leave out the files whose names begin so: what the shop does sell; one a line
    #[arg(long, alias = "not-strangers", value_name = "FILE", requires = "negatives")]
    pub not_negatives: Option<PathBuf>,
    /// Take so many photos of each category only, chosen by `--seed`
    #[arg(long, value_name = "N")]
    pub per_category: Option<usize>,
    /// Take photos of this share of the categories only (0 to 1), chosen by `--seed`; the shop sells the others too
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    pub photographed: f64,
    /// Which photos and categories are chosen
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

/// How to evaluate the neighbours of products.
#[derive(Debug, Args)]
pub struct EvalSimilarOptions {
    /// The folder of the photos
    #[arg(long, value_name = "DIR")]
    pub photos: PathBuf,
    /// What they show: tab-separated, with a header: `file`, `product`, `category`
    #[arg(long, value_name = "FILE")]
    pub table: PathBuf,
    /// Which model.
    #[command(flatten)]
    pub model: ModelOptions,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
