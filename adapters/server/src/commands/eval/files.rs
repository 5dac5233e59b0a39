//! The files of an evaluation: products, judgments, queries.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use vitrina_core::product::{CategoryPath, ProductDraft};
use vitrina_core::{Category, CategoryId, Money, Product, ProductId};

use crate::cli::{Categories, Half};

/// A query with the grade of each product that somebody judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) query: String,
    pub(super) grades: HashMap<ProductId, u32>,
}

/// The products of some files, and the numbers that their own ids have become.
#[derive(Debug, Default)]
pub(super) struct Products {
    pub(super) all: Vec<Product>,
    numbers: HashMap<String, ProductId>,
}

#[derive(Deserialize)]
struct Line {
    id: Value,
    name: Option<String>,
    title: Option<String>,
    description: Option<String>,
    brand: Option<String>,
    #[serde(alias = "top_category")]
    category: Option<String>,
    price: Option<Value>,
    price_cents: Option<i64>,
    stock: Option<u32>,
    category_path: Option<String>,
    subcategory: Option<String>,
    r#type: Option<String>,
    subtype: Option<String>,
}

impl Line {
    /// The finest of the categories that the product stands in.
    fn leaf(&self) -> Option<String> {
        let path = self.category_path.as_ref().and_then(|path| path.rsplit(" > ").next()).map(str::to_owned);
        let mut levels =
            [&self.subtype, &self.r#type, &self.subcategory, &self.category].into_iter().flatten();
        let finest = path.or_else(|| levels.find(|name| !name.trim().is_empty()).cloned());
        finest.map(|name| cut(name, Category::MAX_NAME))
    }
}

impl Products {
    /// Reads JSON Lines, gzipped or not, in the files' order; products are numbered from 1.
    pub(super) fn read(files: &[impl AsRef<Path>]) -> Result<Self> {
        Self::read_with(files, Categories::Flat)
    }

    /// The same with these categories.
    pub(super) fn read_with(files: &[impl AsRef<Path>], categories: Categories) -> Result<Self> {
        let mut products = Self::default();
        let mut known: BTreeMap<String, CategoryId> = BTreeMap::new();
        for file in files {
            let file = file.as_ref();
            for (number, line) in open(file)?.lines().enumerate() {
                let line = line?;
                if line.trim().is_empty() {
                    continue;
                }
                let place = || format!("{}, line {}", file.display(), number + 1);
                let mut line: Line = serde_json::from_str(&line).with_context(place)?;
                if categories == Categories::Leaf {
                    line.category = line.leaf();
                }
                products.add(line, &mut known).with_context(place)?;
            }
        }
        Ok(products)
    }

    fn add(&mut self, line: Line, known: &mut BTreeMap<String, CategoryId>) -> Result<()> {
        let Some(name) = line.title.or(line.name).filter(|name| !name.trim().is_empty()) else {
            bail!("it has neither a name nor a title");
        };
        let id = ProductId(self.all.len() as i64 + 1);
        self.numbers.insert(written(&line.id), id);
        let next = CategoryId(known.len() as i64 + 1);
        let category = line.category.filter(|category| !category.trim().is_empty()).map(|name| {
            let id = *known.entry(name.clone()).or_insert(next);
            Category::new(id, name)
        });
        let price = match (line.price_cents, line.price) {
            (Some(cents), _) => Money::from_minor(cents),
            (None, Some(price)) => Money::from_major(written(&price).parse().unwrap_or(0.0))?,
            (None, None) => Money::default(),
        };
        self.all.push(Product {
            description: line.description.unwrap_or_default(),
            brand: line.brand.filter(|brand| !brand.trim().is_empty()),
            price,
            categories: category.into_iter().map(CategoryPath::from).collect(),
            stock: line.stock,
            ..Product::new(id, cut(name, ProductDraft::MAX_NAME))
        });
        Ok(())
    }

    /// The categories of the products, by number.
    pub(super) fn categories(&self) -> Vec<Category> {
        let of = |product: &Product| product.category().cloned().map(|category| (category.id, category));
        self.all.iter().filter_map(of).collect::<BTreeMap<_, _>>().into_values().collect()
    }
}

/// Reads judgments: tab-separated, with a header that names `query` and either `product_id` and `grade`, or
/// `relevant_ids`, which are ids of grade 1 with spaces between. Products that are not there are left out.
pub(super) fn judgments(file: &Path, products: &Products, half: Half) -> Result<Vec<Judged>> {
    let mut judged: BTreeMap<String, HashMap<ProductId, u32>> = BTreeMap::new();
    for row in table(file)? {
        let query = row.get("query").context("the judgments have no column `query`")?;
        let grades = judged.entry(query.clone()).or_default();
        let mut note = |id: &str, grade: u32| {
            if let Some(product) = products.numbers.get(id) {
                grades.insert(*product, grade);
            }
        };
        match (row.get("product_id"), row.get("grade"), row.get("relevant_ids")) {
            (Some(id), Some(grade), _) => note(id, grade.parse::<f64>()?.max(0.0) as u32),
            (_, _, Some(ids)) => ids.split_whitespace().for_each(|id| note(id, 1)),
            _ => bail!("the judgments have neither `product_id` and `grade` nor `relevant_ids`"),
        }
    }
    let all = judged.into_iter().filter(|(query, _)| half.holds(query));
    Ok(all.map(|(query, grades)| Judged { query, grades }).collect())
}

/// The kind of each query of a file with the columns `query` and `kind`.
pub(super) fn kinds(file: &Path) -> Result<HashMap<String, String>> {
    let pair = |row: HashMap<String, String>| Some((row.get("query")?.clone(), row.get("kind")?.clone()));
    Ok(table(file)?.into_iter().filter_map(pair).collect())
}

/// The rows of a tab-separated file by the names in its header.
pub(super) fn table(file: &Path) -> Result<Vec<HashMap<String, String>>> {
    let mut rows = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(open(file)?);
    let header = rows.headers()?.clone();
    let named = |row: csv::StringRecord| {
        header.iter().zip(row.iter()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    rows.records().map(|row| Ok(named(row?))).collect()
}

impl Half {
    /// Whether a query belongs to this half: decided by the query alone, so that both halves stay what they are.
    pub(super) fn holds(self, query: &str) -> bool {
        let even = Sha256::digest(query.as_bytes())[0] % 2 == 0;
        match self {
            Self::All => true,
            Self::Tune => even,
            Self::Report => !even,
        }
    }
}

fn open(file: &Path) -> Result<Box<dyn BufRead>> {
    let mut opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut magic = [0; 2];
    let gzipped = opened.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    let opened = File::open(file)?;
    Ok(if gzipped {
        Box::new(BufReader::new(MultiGzDecoder::new(opened)))
    } else {
        Box::new(BufReader::new(opened))
    })
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn cut(mut text: String, characters: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_judgments_of_every_shape_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (products, graded, listed) =
            (folder.path().join("p.jsonl"), folder.path().join("g.tsv"), folder.path().join("l.tsv"));
        let lines = "{\"id\":\"a7\",\"title\":\"Bota\",\"price\":\"12.5\",\"category\":\"Zapatos\"}\n\
                     {\"id\":8,\"name\":\"Gorra\",\"price_cents\":990}\n";
        std::fs::write(&products, lines).unwrap();
        std::fs::write(&graded, "query\tproduct_id\tgrade\nbota\ta7\t3\nbota\t99\t1\n").unwrap();
        std::fs::write(&listed, "query\tcategory\trelevant_ids\n27\" gorra\tX\t8 a7\n").unwrap();
        let read = Products::read(&[products]).unwrap();
        assert_eq!(read.all[0].price.minor(), 1250);
        assert_eq!(read.all[1].price.minor(), 990);
        assert_eq!(read.categories().len(), 1);
        let judged = judgments(&graded, &read, Half::All).unwrap();
        assert_eq!(judged[0].grades, HashMap::from([(ProductId(1), 3)]));
        let judged = judgments(&listed, &read, Half::All).unwrap();
        assert_eq!((judged[0].query.as_str(), judged[0].grades.len()), ("27\" gorra", 2));
        let halves = [Half::Tune, Half::Report].map(|half| judgments(&listed, &read, half).unwrap().len());
        assert_eq!(halves[0] + halves[1], 1);
    }
}
