//! Magento 2 and Mage-OS: the modules' `etc/db_schema.xml` are the schema. Values of products lie in a table for each type
//! (entity, attribute, value), by attribute and store view.

mod store;

use std::collections::HashMap;

use async_trait::async_trait;
use vitrina_core::Result;

use crate::field::Field;
use crate::row::Row;

use super::rows::{Builder, Hidden, Micros, by_id, list};
use super::session::{Record, Session};
use super::{DatabaseOptions, Page, Tables};

use store::{Attribute, GTINS, Store};

/// The shop as one store view shows it.
pub(super) struct Shop {
    store: Store,
}

impl Shop {
    pub(super) async fn open(session: &mut Session, options: &DatabaseOptions) -> Result<Self> {
        Ok(Self { store: Store::open(session, options).await? })
    }

    /// The products that customers see by themselves: parts of others have visibility 1.
    fn products(&self, columns: &str) -> String {
        let visibility = self.store.attribute("visibility").map_or(0, |attribute| attribute.id);
        let Store { website, since, .. } = &self.store;
        format!(
            "SELECT {columns} FROM {{p}}catalog_product_entity e \
             JOIN {{p}}catalog_product_website w ON w.product_id = e.entity_id AND w.website_id = {website} \
             JOIN {{p}}catalog_product_entity_int v ON v.entity_id = e.entity_id AND v.attribute_id = {visibility} \
             AND v.store_id = 0 AND v.value <> 1 WHERE TRUE {since}"
        )
    }
}

/// The values of a page's products and variants, by entity and attribute; those of store 0 first.
struct Values {
    by_attribute: HashMap<(i64, i64), Vec<(i64, String)>>,
}

impl Values {
    async fn read(session: &mut Session, store: &Store, ids: &str) -> Result<Self> {
        let views =
            list(std::iter::once(0).chain([store.id]).chain(store.others.iter().map(|(view, _)| *view)));
        let mut by_attribute: HashMap<_, Vec<_>> = HashMap::new();
        for table in ["varchar", "text", "int", "decimal", "datetime"] {
            let wanted = store.attributes.iter().filter(|attribute| attribute.backend == table);
            let wanted = list(wanted.map(|attribute| attribute.id));
            let sql = format!(
                "SELECT entity_id, attribute_id, store_id, value FROM {{p}}catalog_product_entity_{table} \
                 WHERE entity_id IN ({ids}) AND attribute_id IN ({wanted}) AND store_id IN ({views}) ORDER BY store_id"
            );
            for row in session.rows(&sql).await? {
                if let Some(value) = row.filled(3) {
                    let key = (row.number(0), row.number(1));
                    by_attribute.entry(key).or_default().push((row.number(2), value));
                }
            }
        }
        Ok(Self { by_attribute })
    }

    /// Returns the value of a store view, else that of all.
    fn get(&self, entity: i64, attribute: Option<&Attribute>, view: i64) -> Option<&str> {
        let values = self.by_attribute.get(&(entity, attribute?.id))?;
        let of = |view: i64| values.iter().find(|value| value.0 == view).map(|value| value.1.as_str());
        of(view).or_else(|| of(0))
    }

    /// Returns the value that a store view has of its own.
    fn own(&self, entity: i64, attribute: Option<&Attribute>, view: i64) -> Option<&str> {
        let values = self.by_attribute.get(&(entity, attribute?.id))?;
        values.iter().find(|value| value.0 == view).map(|value| value.1.as_str())
    }
}

/// What is read of a page beside the values.
struct Related {
    values: Values,
    skus: HashMap<i64, String>,
    stock: HashMap<i64, Record>,
    photos: HashMap<i64, Vec<String>>,
    links: HashMap<i64, String>,
    categories: HashMap<i64, Vec<i64>>,
    /// The variants of a configurable product,
    variants: HashMap<i64, Vec<i64>>,
    /// the attributes that tell them apart,
    apart: HashMap<i64, Vec<i64>>,
    /// and the parts of any product of several.
    parts: HashMap<i64, Vec<i64>>,
}

impl Related {
    async fn read(session: &mut Session, store: &Store, ids: &str) -> Result<Self> {
        let pairs = |rows: Vec<Record>| {
            by_id(rows.iter().map(|row| (row.number(0), row.number(1))).collect::<Vec<_>>())
        };
        let sql = format!(
            "SELECT parent_id, child_id FROM {{p}}catalog_product_relation WHERE parent_id IN ({ids}) ORDER BY parent_id, child_id"
        );
        let parts = pairs(session.rows(&sql).await?);
        let sql = format!(
            "SELECT parent_id, product_id FROM {{p}}catalog_product_super_link WHERE parent_id IN ({ids}) ORDER BY parent_id, product_id"
        );
        let variants = pairs(session.rows(&sql).await?);
        let sql = format!(
            "SELECT product_id, attribute_id FROM {{p}}catalog_product_super_attribute WHERE product_id IN ({ids}) \
             ORDER BY product_id, position"
        );
        let apart = pairs(session.rows(&sql).await?);
        let sql = format!(
            "SELECT product_id, category_id FROM {{p}}catalog_category_product WHERE product_id IN ({ids}) \
             ORDER BY product_id, position, category_id"
        );
        let categories = pairs(session.rows(&sql).await?);
        let children = list(parts.values().chain(variants.values()).flatten().copied());
        let all = format!("{ids},{children}");
        let values = Values::read(session, store, &all).await?;
        let sql =
            format!("SELECT entity_id, sku FROM {{p}}catalog_product_entity WHERE entity_id IN ({all})");
        let named = |rows: Vec<Record>| -> HashMap<i64, String> {
            rows.iter().filter_map(|row| Some((row.number(0), row.filled(1)?))).collect()
        };
        let skus = named(session.rows(&sql).await?);
        let sql = format!(
            "SELECT product_id, qty, is_in_stock, manage_stock, use_config_manage_stock FROM {{p}}cataloginventory_stock_item \
             WHERE product_id IN ({all}) AND stock_id = 1"
        );
        let stock = session.rows(&sql).await?.into_iter().map(|row| (row.number(0), row)).collect();
        let sql = format!(
            "SELECT e.entity_id, g.value FROM {{p}}catalog_product_entity_media_gallery_value_to_entity e \
             JOIN {{p}}catalog_product_entity_media_gallery g ON g.value_id = e.value_id \
             LEFT JOIN {{p}}catalog_product_entity_media_gallery_value v ON v.value_id = g.value_id AND v.entity_id = e.entity_id \
             AND v.store_id = 0 WHERE e.entity_id IN ({ids}) AND g.media_type = 'image' AND g.disabled = 0 \
             AND COALESCE(v.disabled, 0) = 0 ORDER BY e.entity_id, v.position, g.value_id"
        );
        let photos = session.rows(&sql).await?;
        let photos =
            by_id(photos.iter().filter_map(|row| Some((row.number(0), row.filled(1)?))).collect::<Vec<_>>());
        let sql = format!(
            "SELECT entity_id, request_path FROM {{p}}url_rewrite WHERE entity_type = 'product' AND store_id = {} \
             AND redirect_type = 0 AND metadata IS NULL AND entity_id IN ({ids}) ORDER BY url_rewrite_id DESC",
            store.id
        );
        let links = named(session.rows(&sql).await?);
        Ok(Self { values, skus, stock, photos, links, categories, variants, apart, parts })
    }
}

#[async_trait]
impl Tables for Shop {
    async fn count(&self, session: &mut Session) -> Result<u64> {
        let count = session.value(&self.products("COUNT(*)")).await?;
        Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    fn currency(&self) -> Option<String> {
        Some(self.store.currency.clone())
    }

    async fn page(&self, session: &mut Session, after: i64, limit: usize) -> Result<Page> {
        let sql = format!(
            "{} AND e.entity_id > {after} ORDER BY e.entity_id LIMIT {limit}",
            self.products("e.entity_id, e.updated_at")
        );
        let products = session.rows(&sql).await?;
        let Some(last) = products.last().map(|row| row.number(0)) else { return Ok(Page::default()) };
        let ids = list(products.iter().map(|row| row.number(0)));
        let related = Related::read(session, &self.store, &ids).await?;
        let mut page = Page { last, ..Page::default() };
        for product in &products {
            let id = product.number(0);
            let shown = |entity| self.number(&related.values, entity, "status") != Some(2);
            if !shown(id) || self.number(&related.values, id, "visibility") == Some(1) {
                page.hidden = Hidden(page.hidden.0 + 1);
                continue;
            }
            let variants = related.variants.get(&id).map(Vec::as_slice).unwrap_or_default();
            let variants: Vec<_> = variants.iter().copied().filter(|variant| shown(*variant)).collect();
            let mut rows = vec![self.product(product, &variants, &related)];
            rows.extend(variants.iter().map(|variant| self.variant(id, *variant, &related)));
            page.products.push(rows);
        }
        Ok(page)
    }
}

impl Shop {
    fn value<'a>(&self, values: &'a Values, entity: i64, code: &str) -> Option<&'a str> {
        values.get(entity, self.store.attribute(code), self.store.id)
    }

    fn number(&self, values: &Values, entity: i64, code: &str) -> Option<i64> {
        self.value(values, entity, code)?.trim().parse().ok()
    }

    fn price(&self, values: &Values, entity: i64, code: &str) -> Option<Micros> {
        let tax_class = self.number(values, entity, "tax_class_id").unwrap_or(0);
        self.store.gross(self.value(values, entity, code)?, tax_class)
    }

    fn product(&self, product: &Record, variants: &[i64], related: &Related) -> Row {
        let Related { values, .. } = related;
        let id = product.number(0);
        let mut row = Builder::new(id);
        row.add(Field::Key, "entity_id", Some(id.to_string()));
        row.add(Field::UpdatedAt, "updated_at", product.text(1));
        let texts = [
            ("name", Field::Name),
            ("description", Field::Description),
            ("short_description", Field::Summary),
        ];
        for (code, field) in texts {
            row.add(field, code, self.value(values, id, code));
        }
        for (view, language) in &self.store.others {
            let text = |code: &str| values.own(id, self.store.attribute(code), *view);
            row.add(Field::NameIn(language.as_str().into()), "name", text("name"));
            row.add(Field::DescriptionIn(language.as_str().into()), "description", text("description"));
        }
        // A product of several costs what the cheapest of them does.
        let priced = |entity: &i64| self.price(values, *entity, "price").map(|price| (price, *entity));
        let own = priced(&id).filter(|(price, _)| variants.is_empty() && price.0 > 0);
        let parts = if variants.is_empty() {
            related.parts.get(&id).map_or(&[][..], Vec::as_slice)
        } else {
            variants
        };
        let offer = own.or_else(|| parts.iter().filter_map(priced).min()).map_or(id, |(_, entity)| entity);
        self.add_price(&mut row, offer, values);
        self.add_stock(&mut row, id, !variants.is_empty(), related);
        self.add_codes(&mut row, id, related);
        for code in ["manufacturer", "brand"] {
            for brand in self.texts(values, id, code).into_iter().take(1) {
                row.add(Field::Brand, code, Some(brand));
            }
        }
        let weight = Field::Measure(
            self.store.attribute("weight").map_or("weight", |weight| &weight.label).into(),
            self.store.weight_unit.into(),
        );
        row.add(weight, "weight", self.value(values, id, "weight"));
        for category in related.categories.get(&id).into_iter().flatten() {
            row.add(Field::Categories, "category", self.store.tree.path(*category));
        }
        let main = self.value(values, id, "image");
        let further = related.photos.get(&id).into_iter().flatten().map(String::as_str);
        for file in main.into_iter().chain(further.filter(|file| Some(*file) != main)) {
            row.add(Field::Photos, "image", self.store.photo(file));
        }
        row.add(Field::Link, "request_path", related.links.get(&id).and_then(|path| self.store.link(path)));
        let apart = related.apart.get(&id).map(Vec::as_slice).unwrap_or_default();
        for attribute in self.store.attributes.iter().filter(|attribute| attribute.shown) {
            if !apart.contains(&attribute.id) {
                self.add_attribute(&mut row, id, attribute, values);
            }
        }
        row.row()
    }

    fn variant(&self, product: i64, id: i64, related: &Related) -> Row {
        let mut row = Builder::new(product);
        row.add(Field::Key, "entity_id", Some(id.to_string()));
        self.add_price(&mut row, id, &related.values);
        self.add_stock(&mut row, id, false, related);
        self.add_codes(&mut row, id, related);
        row.add(
            Field::Photos,
            "image",
            self.value(&related.values, id, "image").and_then(|file| self.store.photo(file)),
        );
        for apart in related.apart.get(&product).into_iter().flatten() {
            if let Some(attribute) = self.store.attributes.iter().find(|attribute| attribute.id == *apart) {
                self.add_attribute(&mut row, id, attribute, &related.values);
            }
        }
        row.row()
    }

    fn add_price(&self, row: &mut Builder, id: i64, values: &Values) {
        let text = |code| self.price(values, id, code).map(|price| price.to_string());
        row.add(Field::Price, "price", text("price"));
        if let Some(sale) = text("special_price") {
            row.add(Field::SalePrice, "special_price", Some(sale));
            row.add(Field::SaleFrom, "special_from_date", self.value(values, id, "special_from_date"));
            // The day is included, whatever the time says.
            let until = self.value(values, id, "special_to_date").and_then(|until| until.get(..10));
            row.add(Field::SaleUntil, "special_to_date", until);
        }
    }

    /// Adds how many there are, or whether there are any where the shop does not count.
    fn add_stock(&self, row: &mut Builder, id: i64, has_variants: bool, related: &Related) {
        let Some(stock) = related.stock.get(&id) else { return };
        let is_in_stock = stock.number(2) == 1;
        let counts = stock.number(4) == 1 || stock.number(3) == 1;
        let quantity = stock.text(1).and_then(|text| text.parse().ok()).unwrap_or(0.0_f64);
        if !is_in_stock {
            row.add(Field::Availability, "is_in_stock", Some("out_of_stock"));
        } else if counts && !has_variants && quantity > 0.0 {
            row.add(Field::Stock, "qty", Some(format!("{}", quantity.floor())));
        } else if !has_variants {
            row.add(Field::Availability, "is_in_stock", Some("in_stock"));
        }
    }

    fn add_codes(&self, row: &mut Builder, id: i64, related: &Related) {
        row.add(Field::Sku, "sku", related.skus.get(&id).cloned());
        row.add(Field::Mpn, "mpn", self.value(&related.values, id, "mpn"));
        for code in GTINS {
            row.add(Field::Gtin, code, self.value(&related.values, id, code));
        }
    }

    fn add_attribute(&self, row: &mut Builder, id: i64, attribute: &Attribute, values: &Values) {
        for text in self.texts(values, id, &attribute.code) {
            row.attribute(&attribute.label, Some(text));
        }
    }

    /// The values of an attribute as customers read them.
    fn texts(&self, values: &Values, id: i64, code: &str) -> Vec<String> {
        let (Some(attribute), Some(value)) = (self.store.attribute(code), self.value(values, id, code))
        else {
            return Vec::new();
        };
        match attribute.input.as_str() {
            "select" | "multiselect" => {
                let options = value.split(',').filter_map(|option| option.trim().parse().ok());
                options.filter_map(|option: i64| self.store.options.get(&option).cloned()).collect()
            }
            "boolean" => {
                let (yes, no) = if self.store.spanish { ("Sí", "No") } else { ("Yes", "No") };
                vec![if value == "1" { yes } else { no }.into()]
            }
            "price" | "media_image" | "gallery" => Vec::new(),
            _ if attribute.backend == "decimal" => {
                vec![value.trim_end_matches('0').trim_end_matches('.').into()]
            }
            _ if attribute.backend == "datetime" => vec![value.get(..10).unwrap_or(value).into()],
            _ => vec![value.into()],
        }
    }
}
