//! PrestaShop 1.7, 8 and 9: `install-dev/data/db_structure.sql` is the schema.

use std::collections::HashMap;

use async_trait::async_trait;
use vitrina_core::{Error, Result};

use crate::field::Field;

use super::rows::{Builder, Hidden, Micros, Tree, by_id, list};
use super::session::{Record, Session};
use super::{DatabaseOptions, Page, Tables, no_language};

/// What all products of a shop share.
pub(super) struct Shop {
    id: i64,
    group: i64,
    language: i64,
    /// Further languages: ID and ISO code.
    others: Vec<(i64, String)>,
    country: i64,
    currency: Option<(i64, String)>,
    /// VAT by group of tax rules, in per cent.
    rates: HashMap<i64, f64>,
    tree: Tree,
    base: Option<String>,
    since: String,
}

impl Shop {
    pub(super) async fn open(session: &mut Session, options: &DatabaseOptions) -> Result<Self> {
        let setting = |name: &str| {
            format!(
                "SELECT value FROM {{p}}configuration WHERE name = '{name}' ORDER BY id_shop IS NOT NULL, id_shop LIMIT 1"
            )
        };
        let id = match options.shop {
            Some(id) => id,
            None => number(session.value(&setting("PS_SHOP_DEFAULT")).await?).unwrap_or(1),
        };
        let shop = session
            .rows(&format!("SELECT id_shop, id_shop_group FROM {{p}}shop WHERE id_shop = {id}"))
            .await?;
        let group = shop
            .first()
            .map(|row| row.number(1))
            .ok_or_else(|| Error::invalid(format!("the database has no shop {id}")))?;
        let default = number(session.value(&setting("PS_LANG_DEFAULT")).await?).unwrap_or(1);
        let languages =
            session.rows("SELECT id_lang, iso_code FROM {p}lang WHERE active = 1 ORDER BY id_lang").await?;
        let languages: Vec<_> =
            languages.iter().map(|row| (row.number(0), row.text(1).unwrap_or_default())).collect();
        let wanted = languages
            .iter()
            .find(|(id, iso)| options.language.as_ref().map_or(*id == default, |wanted| wanted == iso));
        let Some((language, _)) = wanted.cloned() else {
            return Err(no_language(languages.iter().map(|(_, iso)| iso.as_str())));
        };
        let country = match &options.country {
            Some(iso) => {
                let sql = format!(
                    "SELECT id_country FROM {{p}}country WHERE iso_code = '{}'",
                    iso.to_ascii_uppercase()
                );
                number(session.value(&sql).await?)
                    .ok_or_else(|| Error::invalid(format!("the shop has no country {iso}")))?
            }
            None => number(session.value(&setting("PS_COUNTRY_DEFAULT")).await?).unwrap_or(0),
        };
        let currency = number(session.value(&setting("PS_CURRENCY_DEFAULT")).await?).unwrap_or(0);
        let iso = session
            .value(&format!("SELECT iso_code FROM {{p}}currency WHERE id_currency = {currency}"))
            .await?;
        let base = match &options.base_url {
            Some(url) => Some(url.trim_end_matches('/').to_owned()),
            None => {
                let sql = format!(
                    "SELECT domain_ssl, physical_uri, virtual_uri FROM {{p}}shop_url WHERE id_shop = {id} AND main = 1 AND active = 1 LIMIT 1"
                );
                session.rows(&sql).await?.first().and_then(|row| {
                    let (path, rest) = (row.text(1).unwrap_or_default(), row.text(2).unwrap_or_default());
                    Some(format!("https://{}{path}{rest}", row.filled(0)?).trim_end_matches('/').to_owned())
                })
            }
        };
        let since = options.changed_since.map(|time| format!("AND ps.date_upd >= FROM_UNIXTIME({})", time.0));
        Ok(Self {
            rates: rates(session, country).await?,
            tree: tree(session, id, language).await?,
            others: languages.into_iter().filter(|(id, _)| *id != language).collect(),
            currency: iso.map(|iso| (currency, iso)),
            since: since.unwrap_or_default(),
            id,
            group,
            language,
            country,
            base,
        })
    }

    /// Returns the URL of an image: the digits of its ID are its folders.
    fn image(&self, id: i64) -> String {
        let digits: Vec<String> = id.to_string().chars().map(String::from).collect();
        let path = format!("{}/{id}.jpg", digits.join("/"));
        self.base.as_ref().map_or(path.clone(), |base| format!("{base}/img/p/{path}"))
    }

    async fn texts(&self, session: &mut Session, ids: &str) -> Result<HashMap<i64, Vec<Record>>> {
        let sql = format!(
            "SELECT id_product, id_lang, name, description_short, description FROM {{p}}product_lang \
             WHERE id_shop = {} AND id_product IN ({ids})",
            self.id
        );
        Ok(by_id(session.rows(&sql).await?.into_iter().map(|row| (row.number(0), row))))
    }

    async fn specials(&self, session: &mut Session, ids: &str) -> Result<HashMap<i64, Vec<Special>>> {
        let currency = self.currency.as_ref().map_or(0, |(id, _)| *id);
        let tax = session.column("s", "specific_price", "reduction_tax");
        let sql = format!(
            "SELECT s.id_product, s.id_product_attribute, s.price, s.reduction, {tax}, s.reduction_type, s.`from`, s.`to` \
             FROM {{p}}specific_price s WHERE s.id_product IN ({ids}) AND s.id_cart = 0 AND s.id_customer = 0 \
             AND s.from_quantity <= 1 AND s.id_group = 0 AND s.id_shop IN (0, {}) AND s.id_currency IN (0, {currency}) \
             AND s.id_country IN (0, {}) AND (s.`to` < '1000-01-01' OR s.`to` >= NOW()) ORDER BY s.id_specific_price",
            self.id, self.country
        );
        Ok(by_id(session.rows(&sql).await?.iter().map(|row| (row.number(0), Special::of(row)))))
    }
}

/// A reduced price of a product or of one of its combinations.
struct Special {
    combination: i64,
    /// A price without VAT in place of the product's.
    price: Option<Micros>,
    reduction: String,
    with_tax: bool,
    percentage: bool,
    from: Option<String>,
    to: Option<String>,
}

impl Special {
    fn of(row: &Record) -> Self {
        Self {
            combination: row.number(1),
            price: row.text(2).and_then(|text| Micros::parse(&text)).filter(|price| price.0 >= 0),
            reduction: row.text(3).unwrap_or_default(),
            with_tax: row.text(4).is_none_or(|text| text == "1"),
            percentage: row.text(5).is_some_and(|kind| kind == "percentage"),
            from: row.text(6),
            to: row.text(7),
        }
    }

    /// Returns the reduced price with VAT.
    fn reduced(&self, net: Micros, rate: f64) -> Micros {
        let gross = self.price.unwrap_or(net).with_rate(rate);
        if self.percentage {
            return gross.less(self.reduction.parse().unwrap_or(0.0));
        }
        let off = Micros::parse(&self.reduction).unwrap_or(Micros(0));
        Micros(gross.0 - if self.with_tax { off } else { off.with_rate(rate) }.0)
    }

    /// Adds the price to a row, unless a later special of the same product did.
    fn add(&self, row: &mut Builder, net: Micros, rate: f64) {
        row.add(Field::SalePrice, "specific_price", Some(self.reduced(net, rate).to_string()));
        row.add(Field::SaleFrom, "specific_price.from", self.from.clone());
        row.add(Field::SaleUntil, "specific_price.to", self.to.clone());
    }
}

fn number(text: Option<String>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// VAT of a country by group of tax rules: the first active tax, and those that are added to it.
async fn rates(session: &mut Session, country: i64) -> Result<HashMap<i64, f64>> {
    let sql = format!(
        "SELECT r.id_tax_rules_group, t.rate, r.behavior FROM {{p}}tax_rule r JOIN {{p}}tax t ON t.id_tax = r.id_tax \
         WHERE r.id_country = {country} AND r.id_state = 0 AND t.active = 1 ORDER BY r.id_tax_rule"
    );
    let mut rates: HashMap<i64, f64> = HashMap::new();
    for row in session.rows(&sql).await? {
        let rate = row.text(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        let known = rates.get(&row.number(0)).copied();
        match known {
            Some(known) if row.number(2) == 1 => rates.insert(row.number(0), known + rate),
            Some(_) => None,
            None => rates.insert(row.number(0), rate),
        };
    }
    Ok(rates)
}

async fn tree(session: &mut Session, shop: i64, language: i64) -> Result<Tree> {
    let sql = format!(
        "SELECT c.id_category, c.id_parent, c.active, c.is_root_category, l.name FROM {{p}}category c \
         LEFT JOIN {{p}}category_lang l ON l.id_category = c.id_category AND l.id_lang = {language} AND l.id_shop = {shop}"
    );
    let mut tree = Tree::default();
    for row in session.rows(&sql).await? {
        let root = row.number(1) == 0 || row.number(3) == 1;
        tree.add(row.number(0), row.number(1), row.text(4).unwrap_or_default(), row.number(2) == 1, root);
    }
    Ok(tree)
}

#[async_trait]
impl Tables for Shop {
    async fn count(&self, session: &mut Session) -> Result<u64> {
        let sql = format!(
            "SELECT COUNT(*) FROM {{p}}product_shop ps WHERE ps.id_shop = {} {}",
            self.id, self.since
        );
        Ok(number(session.value(&sql).await?).unwrap_or(0).unsigned_abs())
    }

    fn currency(&self) -> Option<String> {
        self.currency.as_ref().map(|(_, iso)| iso.clone())
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.rates.is_empty() {
            notes.push("the shop has no taxes for its country: prices are taken without VAT".into());
        }
        if self.base.is_none() {
            notes
                .push("the shop says no address: products have no link, photos are paths below img/p".into());
        }
        notes
    }

    async fn page(&self, session: &mut Session, after: i64, limit: usize) -> Result<Page> {
        let shop = self.id;
        let (mpn, isbn) = (session.column("p", "product", "mpn"), session.column("p", "product", "isbn"));
        let state = if session.has("product.state") { "AND p.state = 1" } else { "" };
        let sql = format!(
            "SELECT p.id_product, ps.price, ps.id_tax_rules_group, ps.date_upd, ps.id_category_default, ps.active, ps.visibility, \
             p.reference, p.ean13, p.upc, {isbn}, {mpn}, p.weight, m.name, ps.show_price FROM {{p}}product p \
             JOIN {{p}}product_shop ps ON ps.id_product = p.id_product AND ps.id_shop = {shop} \
             LEFT JOIN {{p}}manufacturer m ON m.id_manufacturer = p.id_manufacturer \
             WHERE p.id_product > {after} {state} {} ORDER BY p.id_product LIMIT {limit}",
            self.since
        );
        let products = session.rows(&sql).await?;
        let Some(last) = products.last().map(|row| row.number(0)) else { return Ok(Page::default()) };
        let ids = list(products.iter().map(|row| row.number(0)));
        let texts = self.texts(session, &ids).await?;
        let specials = self.specials(session, &ids).await?;
        let pairs = |rows: Vec<Record>| by_id(rows.into_iter().map(|row| (row.number(0), row)));
        let categories = pairs(session.rows(&format!("SELECT id_product, id_category FROM {{p}}category_product WHERE id_product IN ({ids}) ORDER BY id_product, position, id_category")).await?);
        let stocks = pairs(session.rows(&format!(
            "SELECT id_product, id_product_attribute, quantity, out_of_stock FROM {{p}}stock_available WHERE id_product IN ({ids}) \
             AND (id_shop = {shop} OR id_shop = 0 AND id_shop_group = {})", self.group)).await?);
        let images = pairs(session.rows(&format!(
            "SELECT i.id_product, i.id_image FROM {{p}}image i JOIN {{p}}image_shop s ON s.id_image = i.id_image AND s.id_shop = {shop} \
             WHERE i.id_product IN ({ids}) ORDER BY COALESCE(s.cover, 0) DESC, i.position, i.id_image")).await?);
        let language = self.language;
        let features = pairs(session.rows(&format!(
            "SELECT f.id_product, l.name, v.value FROM {{p}}feature_product f \
             JOIN {{p}}feature_lang l ON l.id_feature = f.id_feature AND l.id_lang = {language} \
             JOIN {{p}}feature_value_lang v ON v.id_feature_value = f.id_feature_value AND v.id_lang = {language} \
             WHERE f.id_product IN ({ids}) ORDER BY f.id_product, f.id_feature, f.id_feature_value")).await?);
        let tags = pairs(session.rows(&format!(
            "SELECT pt.id_product, t.name FROM {{p}}product_tag pt JOIN {{p}}tag t ON t.id_tag = pt.id_tag AND t.id_lang = {language} \
             WHERE pt.id_product IN ({ids}) ORDER BY pt.id_product, t.id_tag")).await?);
        let mpn = session.column("a", "product_attribute", "mpn");
        let combinations = session.rows(&format!(
            "SELECT a.id_product, a.id_product_attribute, a.reference, a.ean13, a.upc, {mpn}, s.price FROM {{p}}product_attribute a \
             JOIN {{p}}product_attribute_shop s ON s.id_product_attribute = a.id_product_attribute AND s.id_shop = {shop} \
             WHERE a.id_product IN ({ids}) ORDER BY a.id_product, a.id_product_attribute")).await?;
        let chosen = list(combinations.iter().map(|row| row.number(1)));
        let combinations = pairs(combinations);
        let options = pairs(session.rows(&format!(
            "SELECT c.id_product_attribute, g.public_name, l.name FROM {{p}}product_attribute_combination c \
             JOIN {{p}}attribute a ON a.id_attribute = c.id_attribute \
             JOIN {{p}}attribute_lang l ON l.id_attribute = a.id_attribute AND l.id_lang = {language} \
             JOIN {{p}}attribute_group_lang g ON g.id_attribute_group = a.id_attribute_group AND g.id_lang = {language} \
             WHERE c.id_product_attribute IN ({chosen}) ORDER BY c.id_product_attribute, a.id_attribute_group, a.id_attribute")).await?);
        let pictures = pairs(
            session
                .rows(&format!(
                    "SELECT a.id_product_attribute, MIN(a.id_image) FROM {{p}}product_attribute_image a \
             WHERE a.id_product_attribute IN ({chosen}) AND a.id_image > 0 GROUP BY a.id_product_attribute"
                ))
                .await?,
        );

        let none = Vec::new();
        let mut page = Page { last, ..Page::default() };
        for product in &products {
            let id = product.number(0);
            if product.number(5) != 1 || product.text(6).is_some_and(|visibility| visibility == "none") {
                page.hidden = Hidden(page.hidden.0 + 1);
                continue;
            }
            let rate = self.rates.get(&product.number(2)).copied().unwrap_or(0.0);
            let net = product.text(1).and_then(|text| Micros::parse(&text));
            let specials = specials.get(&id);
            let mut row = Builder::new(id);
            row.add(Field::Key, "id_product", Some(id.to_string()));
            for text in texts.get(&id).unwrap_or(&none) {
                let language = text.number(1);
                if language == self.language {
                    row.add(Field::Name, "name", text.text(2));
                    row.add(Field::Summary, "description_short", text.text(3));
                    row.add(Field::Description, "description", text.text(4));
                } else if let Some((_, iso)) = self.others.iter().find(|(id, _)| *id == language) {
                    row.add(Field::NameIn(iso.as_str().into()), "name", text.text(2));
                    row.add(
                        Field::DescriptionIn(iso.as_str().into()),
                        "description",
                        text.text(4).or(text.text(3)),
                    );
                }
            }
            row.add(Field::Price, "price", net.map(|net| net.with_rate(rate).to_string()));
            if let (Some(special), Some(net)) =
                (specials.and_then(|all| all.iter().rev().find(|special| special.combination == 0)), net)
            {
                special.add(&mut row, net, rate);
            }
            row.add(Field::UpdatedAt, "date_upd", product.text(3));
            row.add(Field::Sku, "reference", product.text(7));
            row.add(Field::Gtin, "ean13", product.text(8));
            row.add(Field::Code, "upc", product.text(9));
            row.add(Field::Code, "isbn", product.text(10));
            row.add(Field::Mpn, "mpn", product.text(11));
            row.add(Field::Measure("peso".into(), "kg".into()), "weight", product.text(12));
            row.add(Field::Brand, "manufacturer", product.text(13));
            let default = product.number(4);
            let others = categories
                .get(&id)
                .unwrap_or(&none)
                .iter()
                .map(|row| row.number(1))
                .filter(|other| *other != default);
            for category in std::iter::once(default).chain(others) {
                row.add(Field::Categories, "category", self.tree.path(category));
            }
            let stock = |combination: i64, row: &mut Builder| {
                let Some(found) =
                    stocks.get(&id).and_then(|all| all.iter().find(|stock| stock.number(1) == combination))
                else {
                    return;
                };
                row.add(Field::Stock, "quantity", found.text(2));
                if found.number(2) <= 0 && found.number(3) == 1 {
                    row.add(Field::Availability, "out_of_stock", Some("backorder"));
                }
            };
            stock(0, &mut row);
            for image in images.get(&id).unwrap_or(&none) {
                row.add(Field::Photos, "image", Some(self.image(image.number(1))));
            }
            for feature in features.get(&id).unwrap_or(&none) {
                row.attribute(&feature.text(1).unwrap_or_default(), feature.text(2));
            }
            for tag in tags.get(&id).unwrap_or(&none) {
                row.add(Field::Tags, "tag", tag.text(1));
            }
            row.add(
                Field::Link,
                "link",
                self.base.as_ref().map(|base| format!("{base}/index.php?controller=product&id_product={id}")),
            );
            let mut rows = vec![row.row()];
            for combination in combinations.get(&id).unwrap_or(&none) {
                let number = combination.number(1);
                let mut row = Builder::new(id);
                row.add(Field::Key, "id_product_attribute", Some(number.to_string()));
                row.add(Field::Sku, "reference", combination.text(2));
                row.add(Field::Gtin, "ean13", combination.text(3));
                row.add(Field::Code, "upc", combination.text(4));
                row.add(Field::Mpn, "mpn", combination.text(5));
                let impact = combination.text(6).and_then(|text| Micros::parse(&text)).unwrap_or(Micros(0));
                if let Some(net) = net.map(|net| Micros(net.0 + impact.0)) {
                    row.add(Field::Price, "price", Some(net.with_rate(rate).to_string()));
                    let of = |special: &&Special| special.combination == number || special.combination == 0;
                    if let Some(special) = specials
                        .and_then(|all| all.iter().rev().filter(of).max_by_key(|special| special.combination))
                    {
                        special.add(&mut row, net, rate);
                    }
                }
                for option in options.get(&number).unwrap_or(&none) {
                    row.attribute(&option.text(1).unwrap_or_default(), option.text(2));
                }
                stock(number, &mut row);
                let picture = pictures.get(&number).and_then(|all| all.first());
                row.add(Field::Photos, "image", picture.map(|row| self.image(row.number(1))));
                rows.push(row.row());
            }
            page.products.push(rows);
        }
        Ok(page)
    }
}
