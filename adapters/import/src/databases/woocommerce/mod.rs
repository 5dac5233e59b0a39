//! WooCommerce: WordPress's posts, their metadata and terms.

mod posts;
mod settings;

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use vitrina_core::Result;

use crate::field::Field;

use super::php::Php;
use super::rows::{Builder, Hidden, Micros, Tree, by_id, list};
use super::session::{Record, Session};
use super::{DatabaseOptions, Page, Tables};
use posts::{Meta, Term, metadata, pictures, terms};
use settings::{Language, language, rates};

/// What all products share.
pub(super) struct Shop {
    home: Option<String>,
    uploads: Option<String>,
    currency: Option<String>,
    /// VAT by tax class, in per cent; empty where prices include it.
    rates: HashMap<String, f64>,
    tree: Tree,
    /// Names of attributes by their taxonomy (`pa_color`).
    labels: HashMap<String, String>,
    /// Names of attribute terms by taxonomy and slug.
    terms: HashMap<(String, String), String>,
    language: Language,
    since: String,
    notes: Vec<String>,
}

impl Shop {
    pub(super) async fn open(session: &mut Session, options: &DatabaseOptions) -> Result<Self> {
        let option = |name: &str| {
            format!("SELECT option_value FROM {{p}}options WHERE option_name = '{name}' LIMIT 1")
        };
        let home = match &options.base_url {
            Some(url) => Some(url.clone()),
            None => session.value(&option("home")).await?,
        };
        let site = match &options.base_url {
            Some(url) => Some(url.clone()),
            None => session.value(&option("siteurl")).await?,
        };
        let stated = session.value(&option("upload_url_path")).await?;
        let trimmed = |url: String| url.trim_end_matches('/').to_owned();
        let uploads = stated.or_else(|| site.map(|site| format!("{}/wp-content/uploads", trimmed(site))));
        let language = language(session, options.language.as_deref()).await?;
        let (rates, notes) = rates(session, options).await?;
        let mut tree = Tree::default();
        let sql = "SELECT x.term_id, x.parent, t.name FROM {p}term_taxonomy x JOIN {p}terms t ON t.term_id = x.term_id WHERE x.taxonomy = 'product_cat'";
        for row in session.rows(sql).await? {
            tree.add(row.number(0), row.number(1), row.text(2).unwrap_or_default(), true, false);
        }
        let mut labels = HashMap::new();
        if session.has("woocommerce_attribute_taxonomies") {
            for row in session
                .rows("SELECT attribute_name, attribute_label FROM {p}woocommerce_attribute_taxonomies")
                .await?
            {
                let name = row.text(0).unwrap_or_default();
                labels.insert(format!("pa_{name}"), row.filled(1).unwrap_or(name));
            }
        }
        let sql = "SELECT x.taxonomy, t.slug, t.name FROM {p}term_taxonomy x JOIN {p}terms t ON t.term_id = x.term_id WHERE x.taxonomy LIKE 'pa\\_%'";
        let terms = session
            .rows(sql)
            .await?
            .iter()
            .filter_map(|row| Some(((row.text(0)?, row.text(1)?), row.text(2)?)))
            .collect();
        let since =
            options.changed_since.map(|time| format!("AND p.post_modified_gmt >= FROM_UNIXTIME({})", time.0));
        Ok(Self {
            home: home.map(trimmed),
            uploads: uploads.map(trimmed),
            currency: session.value(&option("woocommerce_currency")).await?,
            since: since.unwrap_or_default(),
            rates,
            tree,
            labels,
            terms,
            language,
            notes,
        })
    }

    /// Returns the condition that leaves out products in other languages.
    fn in_language(&self) -> String {
        match &self.language {
            Language::One => String::new(),
            Language::Wpml(code) => format!(
                "AND NOT EXISTS (SELECT 1 FROM {{p}}icl_translations l WHERE l.element_type = 'post_product' AND l.element_id = p.ID \
                 AND l.language_code <> '{code}')"
            ),
            Language::Polylang(term) => format!(
                "AND EXISTS (SELECT 1 FROM {{p}}term_relationships l WHERE l.object_id = p.ID AND l.term_taxonomy_id = {term})"
            ),
        }
    }

    fn gross(&self, text: Option<&String>, meta: &Meta) -> Option<String> {
        let text = text?;
        if self.rates.is_empty() || meta.get("_tax_status").is_some_and(|status| status != "taxable") {
            return Some(text.clone());
        }
        let class = meta.get("_tax_class").map(String::as_str).unwrap_or_default();
        match (Micros::parse(text), self.rates.get(class)) {
            (Some(net), Some(rate)) => Some(net.with_rate(*rate).to_string()),
            _ => Some(text.clone()),
        }
    }

    fn add_offer(&self, row: &mut Builder, meta: &Meta) {
        row.add(Field::Sku, "_sku", meta.get("_sku").cloned());
        row.add(Field::Gtin, "_global_unique_id", meta.get("_global_unique_id").cloned());
        row.add(Field::Price, "_regular_price", self.gross(meta.get("_regular_price"), meta));
        row.add(Field::SalePrice, "_sale_price", self.gross(meta.get("_sale_price"), meta));
        row.add(Field::SaleFrom, "_sale_price_dates_from", meta.get("_sale_price_dates_from").cloned());
        // WooCommerce stores the last second of the last day.
        let until = meta.get("_sale_price_dates_to").and_then(|text| text.parse::<i64>().ok());
        row.add(Field::SaleUntilMoment, "_sale_price_dates_to", until.map(|until| (until + 1).to_string()));
        if meta.get("_manage_stock").is_some_and(|managed| managed == "yes") {
            row.add(Field::Stock, "_stock", meta.get("_stock").cloned());
        }
        row.add(Field::Availability, "_stock_status", meta.get("_stock_status").cloned());
        row.add(Field::Measure("peso".into(), "kg".into()), "_weight", meta.get("_weight").cloned());
    }

    fn picture(&self, id: i64, files: &HashMap<i64, String>) -> Option<String> {
        let file = files.get(&id)?;
        Some(self.uploads.as_ref().map_or(file.clone(), |uploads| format!("{uploads}/{file}")))
    }
}

#[async_trait]
impl Tables for Shop {
    async fn count(&self, session: &mut Session) -> Result<u64> {
        let sql = format!(
            "SELECT COUNT(*) FROM {{p}}posts p WHERE p.post_type = 'product' AND p.post_status = 'publish' {} {}",
            self.since,
            self.in_language()
        );
        Ok(session.value(&sql).await?.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    fn currency(&self) -> Option<String> {
        self.currency.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    async fn page(&self, session: &mut Session, after: i64, limit: usize) -> Result<Page> {
        let sql = format!(
            "SELECT p.ID, p.post_title, p.post_excerpt, p.post_content, p.post_modified_gmt FROM {{p}}posts p \
             WHERE p.post_type = 'product' AND p.post_status = 'publish' AND p.ID > {after} {} {} ORDER BY p.ID LIMIT {limit}",
            self.since,
            self.in_language()
        );
        let products = session.rows(&sql).await?;
        let Some(last) = products.last().map(|row| row.number(0)) else { return Ok(Page::default()) };
        let ids = list(products.iter().map(|row| row.number(0)));
        let sql = format!(
            "SELECT p.post_parent, p.ID FROM {{p}}posts p WHERE p.post_type = 'product_variation' AND p.post_status = 'publish' \
             AND p.post_parent IN ({ids}) ORDER BY p.post_parent, p.menu_order, p.ID"
        );
        let variations: Vec<_> =
            session.rows(&sql).await?.iter().map(|row| (row.number(0), row.number(1))).collect();
        let all = list(products.iter().map(|row| row.number(0)).chain(variations.iter().map(|(_, id)| *id)));
        let meta = metadata(session, &all).await?;
        let terms = terms(session, &ids).await?;
        let wanted = list(meta.values().flat_map(pictures));
        let sql = format!(
            "SELECT post_id, meta_value FROM {{p}}postmeta WHERE meta_key = '_wp_attached_file' AND post_id IN ({wanted})"
        );
        let files: HashMap<_, _> = session
            .rows(&sql)
            .await?
            .iter()
            .filter_map(|row| Some((row.number(0), row.filled(1)?)))
            .collect();
        let variations = by_id(variations);

        let mut page = Page { last, ..Page::default() };
        let no_meta = Meta::new();
        for product in &products {
            let id = product.number(0);
            let terms = terms.get(&id).map(Vec::as_slice).unwrap_or_default();
            let hides = |slug: &str| {
                terms.iter().any(|term| term.taxonomy == "product_visibility" && term.slug == slug)
            };
            if hides("exclude-from-catalog") && hides("exclude-from-search") {
                page.hidden = Hidden(page.hidden.0 + 1);
                continue;
            }
            let meta_of = |id: i64| meta.get(&id).unwrap_or(&no_meta);
            let own = meta_of(id).get("_product_attributes").and_then(|text| Php::parse(text));
            let mut rows = vec![self.product(product, meta_of(id), own.as_ref(), terms, &files)];
            for variation in variations.get(&id).map(Vec::as_slice).unwrap_or_default() {
                let mut row = Builder::new(id);
                row.add(Field::Key, "ID", Some(variation.to_string()));
                let meta = meta_of(*variation);
                self.add_offer(&mut row, meta);
                self.add_options(&mut row, meta, own.as_ref());
                let picture = pictures(meta).first().and_then(|id| self.picture(*id, &files));
                row.add(Field::Photos, "_thumbnail_id", picture);
                rows.push(row.row());
            }
            page.products.push(rows);
        }
        Ok(page)
    }
}

impl Shop {
    fn product(
        &self,
        product: &Record,
        meta: &Meta,
        own: Option<&Php>,
        terms: &[Term],
        files: &HashMap<i64, String>,
    ) -> crate::row::Row {
        let id = product.number(0);
        let mut row = Builder::new(id);
        row.add(Field::Key, "ID", Some(id.to_string()));
        row.add(Field::Name, "post_title", product.text(1));
        row.add(Field::Summary, "post_excerpt", product.text(2));
        row.add(Field::Description, "post_content", product.text(3));
        row.add(Field::UpdatedAt, "post_modified_gmt", product.text(4));
        self.add_offer(&mut row, meta);
        row.add(Field::Popularity, "total_sales", meta.get("total_sales").cloned());
        row.add(
            Field::Link,
            "link",
            self.home.as_ref().map(|home| format!("{home}/?post_type=product&p={id}")),
        );
        for picture in pictures(meta) {
            row.add(Field::Photos, "_product_image_gallery", self.picture(picture, files));
        }
        let paths: Vec<_> = terms
            .iter()
            .filter(|term| term.taxonomy == "product_cat")
            .filter_map(|term| self.tree.path(term.id))
            .collect();
        // A product is in the categories above its own too: the deepest path of each says all.
        let above: HashSet<_> = paths
            .iter()
            .enumerate()
            .filter(|(at, path)| {
                let below = format!("{path}{}", crate::headers::CATEGORY_MARK);
                paths.iter().enumerate().any(|(other, longer)| other != *at && longer.starts_with(&below))
            })
            .map(|(at, _)| at)
            .collect();
        for path in (0..).zip(paths).filter(|(at, _)| !above.contains(at)).map(|(_, path)| path) {
            row.add(Field::Categories, "product_cat", Some(path));
        }
        for term in terms {
            match term.taxonomy.as_str() {
                "product_tag" => {
                    row.add(Field::Tags, "product_tag", Some(term.name.clone()));
                }
                "product_brand" => {
                    row.add(Field::Brand, "product_brand", Some(term.name.clone()));
                }
                taxonomy if taxonomy.starts_with("pa_") => {
                    row.attribute(
                        self.labels.get(taxonomy).map_or(&taxonomy[3..], String::as_str),
                        Some(term.name.clone()),
                    );
                }
                _ => {}
            }
        }
        // Attributes of this product alone, with their values between bars.
        for attribute in own.into_iter().flat_map(Php::values) {
            let text = |key: &str| attribute.get(key).and_then(Php::text).unwrap_or_default();
            if text("is_taxonomy") != "1" {
                for value in text("value").split('|') {
                    row.attribute(text("name").trim(), Some(value.trim()));
                }
            }
        }
        row.row()
    }

    /// Adds the attributes that tell a variation from its siblings; `own` are those of the product alone.
    fn add_options(&self, row: &mut Builder, meta: &Meta, own: Option<&Php>) {
        let mut options: Vec<_> =
            meta.iter().filter_map(|(key, value)| Some((key.strip_prefix("attribute_")?, value))).collect();
        options.sort();
        for (key, value) in options {
            if let Some(name) = self.terms.get(&(key.to_owned(), value.clone())) {
                row.attribute(self.labels.get(key).map_or(key, String::as_str), Some(name.clone()));
                continue;
            }
            let name = own
                .and_then(|all| all.get(key))
                .and_then(|attribute| attribute.get("name"))
                .and_then(Php::text);
            let label = self.labels.get(key).cloned();
            row.attribute(
                &name.or(label).unwrap_or_else(|| key.trim_start_matches("pa_").to_owned()),
                Some(value.clone()),
            );
        }
    }
}
