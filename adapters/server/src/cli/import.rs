//! Flags of `vitrina import` and `vitrina imports`.

use std::path::PathBuf;

use clap::Args;

use super::ShopOptions;

/// What to import, and how.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// A file or an `http(s)` URL: exports of Shopify, WooCommerce, PrestaShop and Vendure, Google Merchant feeds, CSV, JSON
    /// Lines, JSON; also as `.gz`. The format is detected by the content
    #[arg(value_name = "FILE|URL", required_unless_present = "from")]
    pub file: Option<String>,
    /// The store of products' photos, as that of `serve --photos`
    #[arg(long, env = "VITRINA_PHOTOS", value_name = "URL", hide_env_values = true)]
    pub photo_store: Option<String>,
    /// The folder that the products' photos name files in
    #[arg(long, value_name = "DIR")]
    pub photos: Option<PathBuf>,
    /// How the source is read.
    #[command(flatten)]
    pub source: SourceOptions,
    /// Compare and report what would change; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Remove products that the source no longer has
    #[arg(long)]
    pub prune: bool,
    /// The largest part of the catalogue that --prune may remove, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 20.0)]
    pub max_removals: f64,
    /// Write everything that is refused or left out to a file: a JSON object a line, with line, field, value and reason
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Remove the demo products first, where the folder holds them
    #[arg(long)]
    pub replace_demo: bool,
    /// Fetch photos that are URLs; a feed by URL does so by itself, from its own site
    #[arg(long)]
    pub fetch_photos: bool,
    /// Hosts that photos may be fetched from: `cdn.example.com`, `*.example.com`, or `*` for every public host
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub photo_hosts: Vec<String>,
    /// Import again at an interval, until stopped
    #[arg(long)]
    pub follow: bool,
    /// The seconds between two imports of --follow
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub interval: u64,
    /// With --follow, compare all products of a database in every N-th import, and read only what has a newer update stamp
    /// in those between; 1 compares all every time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub full_every: u32,
    /// Which shop.
    #[command(flatten)]
    pub shop: ShopOptions,
}

/// How a source is read.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceOptions {
    /// The format, where it is not detected: `csv`, `json`, `shopify`, `woocommerce`, `prestashop`, `merchant`, `vendure`
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// A file (TOML or JSON) with the fields of columns, and separator, encoding, decimal mark, currency, VAT
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// PrestaShop's file of combinations, beside that of products
    #[arg(long, value_name = "FILE")]
    pub combinations: Option<PathBuf>,
    /// Let feeds and photos be fetched from loopback and private addresses: for a shop on your own network
    #[arg(long)]
    pub private_addresses: bool,
    /// Read a live shop's database: `prestashop`, `woocommerce`, `opencart`, `magento`
    #[arg(long, value_name = "SYSTEM", requires = "database")]
    pub from: Option<String>,
    /// The live shop's database: `mysql://USER:PASSWORD@HOST/DATABASE`; only read, in one consistent snapshot
    #[arg(
        long = "source",
        env = "VITRINA_SOURCE_URL",
        value_name = "URL",
        hide_env_values = true,
        id = "database"
    )]
    pub database: Option<String>,
    /// The prefix of the live shop's tables, where there are several
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// The ID of the shop in a multishop installation; by default its default one
    #[arg(long = "shop-id", value_name = "ID")]
    pub shop_id: Option<i64>,
    /// The language of names and descriptions, such as `es`; by default the shop's
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// The country whose VAT is added where prices are stored without it, such as `ES`; by default the shop's
    #[arg(long, value_name = "CODE")]
    pub country: Option<String>,
    /// The live shop's address, for links and photos; by default what the shop says
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

/// Which imports to list.
#[derive(Debug, Args)]
pub struct ImportsOptions {
    /// How many, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Print a JSON object a line
    #[arg(long)]
    pub json: bool,
    /// The data folder of the embedded default
    #[arg(long, env = "VITRINA_DATA_DIR", value_name = "DIR", default_value = "vitrina-data")]
    pub data_dir: PathBuf,
}
