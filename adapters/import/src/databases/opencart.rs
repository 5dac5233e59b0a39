//! OpenCart 3 and 4: `upload/system/helper/db_schema.php` is the schema.

use std::collections::HashMap;

use async_trait::async_trait;
use vitrina_core::Result;

use crate::field::Field;

use super::rows::{Builder, Hidden, Micros, Tree, by_id, list};
use super::session::{Record, Session};
use super::{DatabaseOptions, Page, Tables, no_language};

/// What all products of a store share.
pub(super) struct Store {
    id: i64,
    language: i64,
    others: Vec<(i64, String)>,
    currency: Option<String>,
    /// VAT by tax class, in per cent.
    rates: HashMap<i64, f64>,
    tree: Tree,
    base: Option<String>,
    since: String,
}

impl Store {
    pub(super) async fn open(session: &mut Session, options: &DatabaseOptions) -> Result<Self> {
        let id = options.shop.unwrap_or(0);
        let setting = |key: &str| {
            format!(
                "SELECT value FROM {{p}}setting WHERE `key` = '{key}' AND store_id IN (0, {id}) ORDER BY store_id DESC LIMIT 1"
            )
        };
        let languages = session
            .rows(
                "SELECT language_id, code FROM {p}language WHERE status = 1 ORDER BY sort_order, language_id",
            )
            .await?;
        let languages: Vec<_> =
            languages.iter().map(|row| (row.number(0), row.text(1).unwrap_or_default())).collect();
        let default = session.value(&setting("config_language")).await?;
        let matches = |code: &str, wanted: &str| code == wanted || code.split('-').next() == Some(wanted);
        let wanted = match (&options.language, &default) {
            (Some(wanted), _) => languages.iter().find(|(_, code)| matches(code, wanted)),
            (None, Some(default)) => languages.iter().find(|(_, code)| code == default).or(languages.first()),
            (None, None) => languages.first(),
        };
        let Some((language, _)) = wanted.cloned() else {
            return Err(no_language(languages.iter().map(|(_, code)| code.as_str())));
        };
        let country = match &options.country {
            Some(iso) => {
                let sql = format!(
                    "SELECT country_id FROM {{p}}country WHERE iso_code_2 = '{}'",
                    iso.to_ascii_uppercase()
                );
                session.value(&sql).await?
            }
            None => session.value(&setting("config_country_id")).await?,
        };
        let country: i64 = country.and_then(|id| id.parse().ok()).unwrap_or(0);
        let url = match &options.base_url {
            Some(url) => Some(url.clone()),
            None => session.value(&format!("SELECT url FROM {{p}}store WHERE store_id = {id}")).await?,
        };
        let since =
            options.changed_since.map(|time| format!("AND p.date_modified >= FROM_UNIXTIME({})", time.0));
        let iso = |code: &str| code.split('-').next().unwrap_or(code).to_ascii_lowercase();
        Ok(Self {
            rates: rates(session, country).await?,
            tree: tree(session, language).await?,
            others: languages
                .iter()
                .filter(|(id, _)| *id != language)
                .map(|(id, code)| (*id, iso(code)))
                .collect(),
            currency: session.value(&setting("config_currency")).await?,
            base: url.map(|url| url.trim_end_matches('/').to_owned()),
            since: since.unwrap_or_default(),
            id,
            language,
        })
    }

    fn gross(&self, text: Option<String>, rate: f64) -> Option<String> {
        text.and_then(|text| Micros::parse(&text)).map(|net| net.with_rate(rate).to_string())
    }

    fn image(&self, file: Option<String>) -> Option<String> {
        let file = file.filter(|file| !file.is_empty())?;
        Some(self.base.as_ref().map_or(file.clone(), |base| format!("{base}/image/{file}")))
    }

    /// Specials are a table of their own in OpenCart 3 and 4.0, and marked discounts in later versions.
    async fn specials(&self, session: &mut Session, ids: &str) -> Result<HashMap<i64, Vec<Record>>> {
        let (table, only) = match session.has("product_special") {
            true => ("product_special", ""),
            false if session.has("product_discount.special") => {
                ("product_discount", "AND special = 1 AND type = 'F' AND quantity <= 1")
            }
            false => return Ok(HashMap::new()),
        };
        let sql = format!(
            "SELECT product_id, price, date_start, date_end FROM {{p}}{table} WHERE product_id IN ({ids}) {only} \
             AND (date_end < '1000-01-01' OR date_end >= CURDATE()) ORDER BY priority DESC, price DESC"
        );
        Ok(by_id(session.rows(&sql).await?.into_iter().map(|row| (row.number(0), row))))
    }
}

async fn rates(session: &mut Session, country: i64) -> Result<HashMap<i64, f64>> {
    let sql = format!(
        "SELECT DISTINCT u.tax_class_id, r.tax_rate_id, r.rate FROM {{p}}tax_rule u JOIN {{p}}tax_rate r ON r.tax_rate_id = u.tax_rate_id \
         JOIN {{p}}zone_to_geo_zone z ON z.geo_zone_id = r.geo_zone_id WHERE r.type = 'P' AND z.country_id = {country}"
    );
    let mut rates: HashMap<i64, f64> = HashMap::new();
    for row in session.rows(&sql).await? {
        *rates.entry(row.number(0)).or_default() +=
            row.text(2).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    }
    Ok(rates)
}

async fn tree(session: &mut Session, language: i64) -> Result<Tree> {
    let sql = format!(
        "SELECT c.category_id, c.parent_id, c.status, d.name FROM {{p}}category c \
         JOIN {{p}}category_description d ON d.category_id = c.category_id AND d.language_id = {language}"
    );
    let mut tree = Tree::default();
    for row in session.rows(&sql).await? {
        tree.add(
            row.number(0),
            row.number(1),
            unescape(row.text(3)).unwrap_or_default(),
            row.number(2) == 1,
            false,
        );
    }
    Ok(tree)
}

/// OpenCart stores texts as they stand in a page: `&lt;p&gt;`, `&quot;`.
fn unescape(text: Option<String>) -> Option<String> {
    let text = text?;
    if !text.contains('&') {
        return Some(text);
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#039;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[async_trait]
impl Tables for Store {
    async fn count(&self, session: &mut Session) -> Result<u64> {
        let sql = format!(
            "SELECT COUNT(*) FROM {{p}}product p JOIN {{p}}product_to_store s ON s.product_id = p.product_id AND s.store_id = {} WHERE 1 {}",
            self.id, self.since
        );
        Ok(session.value(&sql).await?.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    fn currency(&self) -> Option<String> {
        self.currency.clone()
    }

    fn notes(&self) -> Vec<String> {
        let missing = "the shop keeps its address in a file: name it with --base-url for links and photos; photos are paths below image/";
        self.base.is_none().then(|| missing.to_owned()).into_iter().collect()
    }

    async fn page(&self, session: &mut Session, after: i64, limit: usize) -> Result<Page> {
        let (store, language) = (self.id, self.language);
        let codes: Vec<_> =
            ["sku", "ean", "upc", "isbn", "mpn"].map(|code| session.column("p", "product", code)).into();
        let sql = format!(
            "SELECT p.product_id, p.model, p.price, p.tax_class_id, p.quantity, p.image, p.status, p.date_modified, p.weight, m.name, {} \
             FROM {{p}}product p JOIN {{p}}product_to_store s ON s.product_id = p.product_id AND s.store_id = {store} \
             LEFT JOIN {{p}}manufacturer m ON m.manufacturer_id = p.manufacturer_id \
             WHERE p.product_id > {after} {} ORDER BY p.product_id LIMIT {limit}",
            codes.join(", "),
            self.since
        );
        let products = session.rows(&sql).await?;
        let Some(last) = products.last().map(|row| row.number(0)) else { return Ok(Page::default()) };
        let ids = list(products.iter().map(|row| row.number(0)));
        let pairs = |rows: Vec<Record>| by_id(rows.into_iter().map(|row| (row.number(0), row)));
        let texts = pairs(session.rows(&format!("SELECT product_id, language_id, name, description, tag FROM {{p}}product_description WHERE product_id IN ({ids})")).await?);
        let categories = pairs(session.rows(&format!("SELECT product_id, category_id FROM {{p}}product_to_category WHERE product_id IN ({ids}) ORDER BY product_id, category_id")).await?);
        let images = pairs(session.rows(&format!("SELECT product_id, image FROM {{p}}product_image WHERE product_id IN ({ids}) ORDER BY product_id, sort_order, product_image_id")).await?);
        let specials = self.specials(session, &ids).await?;
        let attributes = pairs(session.rows(&format!(
            "SELECT a.product_id, d.name, a.text FROM {{p}}product_attribute a \
             JOIN {{p}}attribute_description d ON d.attribute_id = a.attribute_id AND d.language_id = {language} \
             WHERE a.language_id = {language} AND a.product_id IN ({ids}) ORDER BY a.product_id, a.attribute_id")).await?);
        let options = pairs(session.rows(&format!(
            "SELECT v.product_id, o.name, d.name FROM {{p}}product_option_value v \
             JOIN {{p}}option_description o ON o.option_id = v.option_id AND o.language_id = {language} \
             JOIN {{p}}option_value_description d ON d.option_value_id = v.option_value_id AND d.language_id = {language} \
             WHERE v.product_id IN ({ids}) ORDER BY v.product_id, v.product_option_value_id")).await?);

        let none = Vec::new();
        let mut page = Page { last, ..Page::default() };
        for product in &products {
            let id = product.number(0);
            if product.number(6) != 1 {
                page.hidden = Hidden(page.hidden.0 + 1);
                continue;
            }
            let rate = self.rates.get(&product.number(3)).copied().unwrap_or(0.0);
            let mut row = Builder::new(id);
            row.add(Field::Key, "product_id", Some(id.to_string()));
            for text in texts.get(&id).unwrap_or(&none) {
                let language = text.number(1);
                if language == self.language {
                    row.add(Field::Name, "name", unescape(text.text(2)));
                    row.add(Field::Description, "description", unescape(text.text(3)));
                    for tag in unescape(text.text(4)).unwrap_or_default().split(',') {
                        row.add(Field::Tags, "tag", Some(tag.trim()));
                    }
                } else if let Some((_, iso)) = self.others.iter().find(|(id, _)| *id == language) {
                    row.add(Field::NameIn(iso.as_str().into()), "name", unescape(text.text(2)));
                    row.add(Field::DescriptionIn(iso.as_str().into()), "description", unescape(text.text(3)));
                }
            }
            row.add(Field::Price, "price", self.gross(product.text(2), rate));
            if let Some(special) = specials.get(&id).and_then(|all| all.last()) {
                row.add(Field::SalePrice, "special.price", self.gross(special.text(1), rate));
                row.add(Field::SaleFrom, "special.date_start", special.text(2));
                row.add(Field::SaleUntil, "special.date_end", special.text(3));
            }
            row.add(Field::Stock, "quantity", product.text(4));
            row.add(Field::UpdatedAt, "date_modified", product.text(7));
            row.add(Field::Measure("peso".into(), "kg".into()), "weight", product.text(8));
            row.add(Field::Brand, "manufacturer", unescape(product.text(9)));
            // The model is what OpenCart requires; the SKU may be empty.
            let sku = product.filled(10);
            row.add(
                Field::Code,
                "model",
                product.filled(1).filter(|model| sku.as_ref().is_some_and(|sku| sku != model)),
            );
            row.add(Field::Sku, "sku", sku.or_else(|| product.filled(1)));
            row.add(Field::Gtin, "ean", product.text(11));
            row.add(Field::Code, "upc", product.text(12));
            row.add(Field::Code, "isbn", product.text(13));
            row.add(Field::Mpn, "mpn", product.text(14));
            for category in categories.get(&id).unwrap_or(&none) {
                row.add(Field::Categories, "category", self.tree.path(category.number(1)));
            }
            row.add(Field::Photos, "image", self.image(product.text(5)));
            for image in images.get(&id).unwrap_or(&none) {
                row.add(Field::Photos, "image", self.image(image.text(1)));
            }
            let named = attributes.get(&id).unwrap_or(&none).iter().chain(options.get(&id).unwrap_or(&none));
            for attribute in named {
                row.attribute(&unescape(attribute.text(1)).unwrap_or_default(), unescape(attribute.text(2)));
            }
            row.add(
                Field::Link,
                "link",
                self.base
                    .as_ref()
                    .map(|base| format!("{base}/index.php?route=product/product&product_id={id}")),
            );
            page.products.push(vec![row.row()]);
        }
        Ok(page)
    }
}
