//! Products from files into the catalogue.

use std::collections::HashMap;
use std::io::BufRead;
use std::ops::AddAssign;
use std::path::{Component, Path};

use serde::Deserialize;
use vitrina::{
    Category, CategoryId, Classifier, Error, Money, ProductDraft, ProductId, Result, SearchService,
};

use super::photos::read_bounded;
use super::{PhotoStore, embed_missing};

/// How many products are written at a time.
const BATCH: usize = 1000;

/// A product as files write it: a line of JSON, an element of a JSON list, or a row of CSV.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProductLine {
    /// Its number; a new one is taken where it is missing.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: Option<String>,
    /// Who makes it.
    #[serde(default)]
    pub brand: Option<String>,
    /// What it costs, in major units.
    #[serde(default)]
    pub price: Option<f64>,
    /// The name of its category, which is made where it is missing.
    #[serde(default)]
    pub category: Option<String>,
    /// Pieces in stock.
    #[serde(default)]
    pub stock: Option<u32>,
    /// A file in the folder of photos, or an `http(s)` address.
    #[serde(default)]
    pub photo: Option<String>,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Products written.
    pub products: usize,
    /// Categories made.
    pub categories: usize,
    /// Photos recognised.
    pub photos: usize,
}

impl AddAssign for ImportReport {
    fn add_assign(&mut self, other: Self) {
        self.products += other.products;
        self.categories += other.categories;
        self.photos += other.photos;
    }
}

/// Imports a file (`.jsonl`, `.ndjson`, `.json`, `.csv`), then recognises the photos that came with it.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) naming the line that cannot be used; what stands before its batch of 1,000 is
/// written then, and the import can be repeated. Those of the catalogue.
pub async fn import_file(
    service: &SearchService,
    photos: &PhotoStore,
    file: &Path,
    photo_folder: Option<&Path>,
    classifier: Option<&dyn Classifier>,
) -> Result<ImportReport> {
    let lines = read_lines(file)?;
    import_lines(service, photos, lines, photo_folder, classifier).await
}

/// Imports products, then recognises the photos that came with them.
///
/// # Errors
/// As [`import_file`].
pub async fn import_lines(
    service: &SearchService,
    photos: &PhotoStore,
    lines: Vec<ProductLine>,
    photo_folder: Option<&Path>,
    classifier: Option<&dyn Classifier>,
) -> Result<ImportReport> {
    let catalog = service.catalog();
    let mut report = ImportReport::default();
    let known = catalog.categories().await?;
    let mut highest = known.iter().map(|category| category.id.0).max().unwrap_or(0);
    let mut by_name: HashMap<_, _> = known.into_iter().map(|category| (category.name, category.id)).collect();
    let mut number = 0;
    for batch in lines.chunks(BATCH) {
        let (mut drafts, mut fresh) = (Vec::with_capacity(batch.len()), Vec::new());
        for line in batch {
            number += 1;
            if let Some(name) = category_name(line)
                && !by_name.contains_key(name)
            {
                highest += 1;
                fresh.push(Category { id: CategoryId(highest), name: name.to_owned() });
                by_name.insert(name.to_owned(), CategoryId(highest));
            }
            let made = draft(line, &by_name, photos, photo_folder);
            drafts.push(
                made.map_err(|error| Error::invalid(format!("product {number} (`{}`): {error}", line.name)))?,
            );
        }
        catalog.upsert_categories(&fresh).await?;
        report.products += catalog.upsert_products(&drafts).await?.len();
        report.categories += fresh.len();
    }
    if let Some(classifier) = classifier {
        report.photos = embed_missing(&**catalog, photos, classifier).await?;
    }
    service.refresh().await?;
    Ok(report)
}

fn category_name(line: &ProductLine) -> Option<&str> {
    line.category.as_deref().map(str::trim).filter(|name| !name.is_empty())
}

fn draft(
    line: &ProductLine,
    categories: &HashMap<String, CategoryId>,
    photos: &PhotoStore,
    photo_folder: Option<&Path>,
) -> Result<ProductDraft> {
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let photo = match given(&line.photo) {
        Some(address) if address.starts_with("http://") || address.starts_with("https://") => Some(address),
        Some(name) => {
            let folder = photo_folder
                .ok_or_else(|| Error::invalid("it has a photo: name the folder with --photos"))?;
            Some(photos.put(&read_bounded(&folder.join(inner(&name)?))?)?)
        }
        None => None,
    };
    let draft = ProductDraft {
        id: line.id.map(ProductId),
        name: line.name.trim().to_owned(),
        description: given(&line.description).unwrap_or_default(),
        brand: given(&line.brand),
        price: Money::from_major(line.price.unwrap_or(0.0))?,
        category: category_name(line).and_then(|name| categories.get(name)).copied(),
        stock: line.stock,
        photo,
    };
    draft.validate()?;
    Ok(draft)
}

/// A file's name that does not lead out of its folder.
fn inner(name: &str) -> Result<&Path> {
    let path = Path::new(name);
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    Err(Error::invalid(format!("the photo `{name}` leads out of the folder of photos")))
}

fn read_lines(file: &Path) -> Result<Vec<ProductLine>> {
    let shown = file.display().to_string();
    let opened = std::fs::File::open(file);
    let opened =
        opened.map_err(|error| Error::invalid(format!("{shown} cannot be read")).with_source(error))?;
    let reader = std::io::BufReader::new(opened);
    let wrong =
        |line: usize, error: &dyn std::fmt::Display| Error::invalid(format!("{shown}, line {line}: {error}"));
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("jsonl" | "ndjson") => {
            let lines = reader
                .lines()
                .zip(1..)
                .filter(|(line, _)| !line.as_ref().is_ok_and(|line| line.trim().is_empty()));
            let read = |(line, number): (std::io::Result<String>, usize)| {
                let line = line.map_err(|error| wrong(number, &error))?;
                serde_json::from_str(&line).map_err(|error| wrong(number, &error))
            };
            lines.map(read).collect()
        }
        Some("json") => serde_json::from_reader(reader).map_err(|error| wrong(error.line(), &error)),
        Some("csv") => {
            let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(reader);
            let numbered = rows.deserialize().zip(2..);
            numbered.map(|(row, number)| row.map_err(|error| wrong(number, &error))).collect()
        }
        _ => Err(Error::invalid(format!("{shown} is neither .jsonl, .json nor .csv"))),
    }
}
