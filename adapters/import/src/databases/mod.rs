//! Live databases of shop systems, read in one consistent snapshot.
//!
//! Only `SELECT`s are sent, inside a read-only transaction, so the shop goes on selling meanwhile. Products are read in
//! pages by ID; categories, taxes and languages once at the start.

mod magento;
mod opencart;
mod php;
mod prestashop;
mod rows;
mod session;
mod woocommerce;

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use vitrina_core::product::Timestamp;
use vitrina_core::source::{MAX_SOURCE_BATCH, SourceBatch, SourcePosition, SourceProgress};
use vitrina_core::{Error, ProductSource, Result};

use crate::assemble::{Assembled, Assembler, Reading};
use crate::headers::Dialect;
use crate::row::Row;
use crate::values::DecimalMark;

use rows::Hidden;
use session::Session;

/// How many products are read at a time: their attributes and variants are held at once.
const PAGE: usize = 500;

/// A shop system whose tables can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum System {
    /// PrestaShop 1.7, 8 and 9.
    PrestaShop,
    /// WooCommerce on WordPress.
    WooCommerce,
    /// OpenCart 3 and 4.
    OpenCart,
    /// Magento 2 (Open Source) and Mage-OS.
    Magento,
}

impl System {
    /// Every system.
    pub const ALL: [Self; 4] = [Self::PrestaShop, Self::WooCommerce, Self::OpenCart, Self::Magento];

    /// Returns the name by which `--from` selects it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrestaShop => "prestashop",
            Self::WooCommerce => "woocommerce",
            Self::OpenCart => "opencart",
            Self::Magento => "magento",
        }
    }

    /// Returns a table that every installation has, without its prefix.
    fn table(self) -> &'static str {
        match self {
            Self::PrestaShop => "product_shop",
            Self::WooCommerce => "wc_product_meta_lookup",
            Self::OpenCart => "product_to_store",
            Self::Magento => "catalog_product_super_link",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrestaShop => "PrestaShop",
            Self::WooCommerce => "WooCommerce",
            Self::OpenCart => "OpenCart",
            Self::Magento => "Magento",
        })
    }
}

impl FromStr for System {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|system| system.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid(format!("the shop system `{text}` is unknown: use one of {names}"))
        })
    }
}

/// Which shop to read.
#[derive(Clone)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// The system.
    pub system: System,
    /// The database: `mysql://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// The prefix of its tables; `None` is found.
    pub prefix: Option<String>,
    /// The ID of the shop or store of a multishop installation; `None` is the default one.
    pub shop: Option<i64>,
    /// The language of names and descriptions by ISO 639-1 code; `None` is the default one. Texts in others are translations.
    pub language: Option<String>,
    /// The country whose VAT is added to prices without it, by ISO 3166 code; `None` is the shop's.
    pub country: Option<String>,
    /// The base URL of the shop for links and photos; `None` is what the shop says.
    pub base_url: Option<String>,
    /// Only products that changed at this time or later; what is gone cannot be seen so.
    pub changed_since: Option<Timestamp>,
}

impl DatabaseOptions {
    /// Creates options for a system and its database.
    pub fn new(system: System, url: impl Into<String>) -> Self {
        Self {
            system,
            url: url.into(),
            prefix: None,
            shop: None,
            language: None,
            country: None,
            base_url: None,
            changed_since: None,
        }
    }

    /// Sets the prefix of its tables.
    #[must_use]
    pub fn prefix(mut self, prefix: Option<String>) -> Self {
        self.prefix = prefix;
        self
    }

    /// Sets the ID of the shop or store of a multishop installation.
    #[must_use]
    pub fn shop(mut self, shop: Option<i64>) -> Self {
        self.shop = shop;
        self
    }

    /// Sets the language of names and descriptions by ISO 639-1 code.
    #[must_use]
    pub fn language(mut self, language: Option<String>) -> Self {
        self.language = language;
        self
    }

    /// Sets the country whose VAT is added to prices without it, by ISO 3166 code.
    #[must_use]
    pub fn country(mut self, country: Option<String>) -> Self {
        self.country = country;
        self
    }

    /// Sets the base URL of the shop for links and photos.
    #[must_use]
    pub fn base_url(mut self, base_url: Option<String>) -> Self {
        self.base_url = base_url;
        self
    }

    /// Sets the time since which products have changed; others are not read.
    #[must_use]
    pub fn changed_since(mut self, changed_since: Option<Timestamp>) -> Self {
        self.changed_since = changed_since;
        self
    }

    /// Checks what becomes part of a query.
    fn check(&self) -> Result<()> {
        let is_language = |code: &String| code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        if let Some(code) = self.language.as_ref().filter(|code| !is_language(code)) {
            return Err(Error::invalid(format!(
                "`{code}` is no language: write an ISO 639-1 code such as `es`"
            )));
        }
        self.country.as_deref().map_or(Ok(()), check_country)
    }
}

impl fmt::Debug for DatabaseOptions {
    /// Leaves out the URL: the password is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseOptions")
            .field("system", &self.system)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A page of products: for each its own row and those of its variants.
#[derive(Default)]
pub(crate) struct Page {
    products: Vec<Vec<Row>>,
    hidden: Hidden,
    /// The highest ID that was read; 0 after the last page.
    last: i64,
}

/// The tables of one system.
#[async_trait]
trait Tables: Send + Sync {
    /// Reads the products with IDs above `after`, at most `limit`, in the order of their IDs.
    async fn page(&self, session: &mut Session, after: i64, limit: usize) -> Result<Page>;

    /// Counts the products.
    async fn count(&self, session: &mut Session) -> Result<u64>;

    /// Returns the currency of the prices.
    fn currency(&self) -> Option<String>;

    /// Returns what should be known about the shop.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The products of a live shop.
pub struct DatabaseSource {
    description: String,
    session: Session,
    tables: Box<dyn Tables>,
    assembler: Assembler,
    waiting: std::vec::IntoIter<Vec<Row>>,
    after: i64,
    ended: bool,
    hidden: u64,
    progress: SourceProgress,
}

impl DatabaseSource {
    /// Connects, begins a read-only transaction with a consistent snapshot, and reads what all products share.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when the database holds no such shop, or not the wanted language or
    /// shop; [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be reached.
    pub async fn open(options: DatabaseOptions) -> Result<Self> {
        options.check()?;
        let mut session = Session::open(&options.url).await?;
        let prefix =
            session.prefix(options.prefix.as_deref(), options.system.table(), options.system).await?;
        session.set_prefix(&prefix).await?;
        let tables: Box<dyn Tables> = match options.system {
            System::PrestaShop => Box::new(prestashop::Shop::open(&mut session, &options).await?),
            System::WooCommerce => Box::new(woocommerce::Shop::open(&mut session, &options).await?),
            System::OpenCart => Box::new(opencart::Store::open(&mut session, &options).await?),
            System::Magento => Box::new(magento::Shop::open(&mut session, &options).await?),
        };
        let total = tables.count(&mut session).await?;
        let reading = Reading {
            dialect: Dialect::Database,
            decimal: Some(DecimalMark::Point),
            vat: None,
            currency: tables.currency(),
            plain_texts: false,
        };
        Ok(Self {
            description: format!("{} database ({total} products, prefix `{prefix}`)", options.system),
            session,
            tables,
            assembler: Assembler::new(reading),
            waiting: Vec::new().into_iter(),
            after: 0,
            ended: false,
            hidden: 0,
            progress: SourceProgress { done: 0, total: Some(total) },
        })
    }

    async fn next_rows(&mut self) -> Result<Option<Vec<Row>>> {
        loop {
            if let Some(rows) = self.waiting.next() {
                return Ok(Some(rows));
            }
            if self.ended {
                return Ok(None);
            }
            let page = self.tables.page(&mut self.session, self.after, PAGE).await?;
            self.ended = page.last == 0;
            self.after = page.last;
            self.hidden += page.hidden.0;
            self.progress.done += page.hidden.0;
            self.waiting = page.products.into_iter();
        }
    }
}

#[async_trait]
impl ProductSource for DatabaseSource {
    fn description(&self) -> String {
        self.description.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.tables.notes()
    }

    async fn next_batch(&mut self, limit: usize) -> Result<Option<SourceBatch>> {
        let limit = limit.clamp(1, MAX_SOURCE_BATCH);
        let mut batch = SourceBatch::default();
        let mut read = false;
        while batch.products.len() < limit {
            let Some(rows) = self.next_rows().await? else { break };
            read = true;
            self.progress.done += 1;
            match self.assembler.assemble(&rows, &mut batch.problems) {
                Assembled::Product(product) => batch.products.push(*product),
                Assembled::Hidden => batch.hidden += 1,
                Assembled::Refused => {}
            }
        }
        batch.hidden += std::mem::take(&mut self.hidden);
        batch.progress = self.progress;
        if !read && batch.hidden == 0 {
            return Ok(None);
        }
        Ok(Some(batch))
    }
}

/// Checks a country that becomes part of a query.
fn check_country(code: &str) -> Result<()> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{code}` is no country: write an ISO 3166 code such as `ES`")))
}

/// The error for a language that a shop does not have.
fn no_language<'a>(known: impl Iterator<Item = &'a str>) -> Error {
    Error::invalid(format!("the shop has no such language; it has {}", known.collect::<Vec<_>>().join(", ")))
}

/// Names a product in reports.
pub(crate) fn position(id: i64) -> SourcePosition {
    SourcePosition::Record(format!("product {id}"))
}
