//! What all products of a Magento store share: its settings, languages, attributes, taxes and category tree.

use std::collections::HashMap;

use vitrina_core::{Error, Result};

use super::super::rows::{Micros, Tree, list};
use super::super::session::Session;
use super::super::{DatabaseOptions, check_country, no_language};

/// The store views that are read: values of store 0 hold where a view has none of its own.
pub(super) struct Store {
    pub(super) id: i64,
    pub(super) website: i64,
    /// Views of the same website in other languages, with their ISO 639-1 codes.
    pub(super) others: Vec<(i64, String)>,
    pub(super) spanish: bool,
    pub(super) currency: String,
    pub(super) weight_unit: &'static str,
    /// VAT by product tax class, in per cent; empty where prices include it.
    rates: HashMap<i64, f64>,
    base: Option<String>,
    media: Option<String>,
    pub(super) tree: Tree,
    pub(super) attributes: Vec<Attribute>,
    /// The labels of options by ID.
    pub(super) options: HashMap<i64, String>,
    pub(super) since: String,
}

/// An attribute of products.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) id: i64,
    pub(super) code: String,
    /// The table of its values: `varchar`, `int`, `text`, `decimal`, `datetime`.
    pub(super) backend: String,
    pub(super) input: String,
    pub(super) label: String,
    /// True if customers see it, or it distinguishes variants.
    pub(super) shown: bool,
}

/// Attributes that are fields of a product.
const FIELDS: [&str; 16] = [
    "name",
    "description",
    "short_description",
    "price",
    "special_price",
    "special_from_date",
    "special_to_date",
    "status",
    "visibility",
    "tax_class_id",
    "image",
    "weight",
    "mpn",
    "meta_keyword",
    "manufacturer",
    "brand",
];
/// Codes that shops name their GTIN by.
pub(super) const GTINS: [&str; 7] = ["gtin", "ean", "ean13", "barcode", "upc", "isbn", "gtin13"];

impl Store {
    pub(super) async fn open(session: &mut Session, options: &DatabaseOptions) -> Result<Self> {
        if session.has("catalog_product_entity_varchar.row_id") {
            return Err(Error::invalid(
                "this is Adobe Commerce with staged content (row_id), which is not read: export a feed or a CSV instead",
            ));
        }
        let sql = "SELECT store_id, website_id FROM {p}store WHERE store_id > 0 AND is_active = 1 ORDER BY sort_order, store_id";
        let views: Vec<_> =
            session.rows(sql).await?.iter().map(|row| (row.number(0), row.number(1))).collect();
        let default = "SELECT g.default_store_id FROM {p}store_website w JOIN {p}store_group g ON g.group_id = w.default_group_id \
             WHERE w.is_default = 1";
        let default = session.value(default).await?.and_then(|id| id.parse().ok());
        let wanted = options.shop.or(default);
        let first = match wanted {
            Some(id) => views.iter().find(|(view, _)| *view == id),
            None => views.first(),
        };
        let Some(&(first, website)) = first else {
            return Err(Error::invalid(format!(
                "the shop has no such store view; it has {}",
                list(views.iter().map(|(view, _)| *view))
            )));
        };
        let mut languages = Vec::new();
        for (view, _) in views.iter().filter(|view| view.1 == website) {
            let locale = setting(session, "general/locale/code", *view, website).await?;
            let locale = locale.unwrap_or_else(|| "en_US".into());
            languages.push((*view, locale.split('_').next().unwrap_or_default().to_ascii_lowercase()));
        }
        let chosen = match &options.language {
            Some(wanted) => languages.iter().find(|(_, language)| language == wanted),
            None => languages.iter().find(|(view, _)| *view == first),
        };
        let Some((id, language)) = chosen.cloned() else {
            return Err(no_language(languages.iter().map(|(_, language)| language.as_str())));
        };
        let mut others: Vec<(i64, String)> = Vec::new();
        for (view, other) in languages {
            if other != language && others.iter().all(|(_, known)| *known != other) {
                others.push((view, other));
            }
        }
        let mut base = options.base_url.clone();
        for path in ["web/secure/base_url", "web/unsecure/base_url"] {
            if base.is_none() {
                base = setting(session, path, id, website).await?.filter(|url| url.starts_with("http"));
            }
        }
        let base = base.map(|url| url.trim_end_matches('/').to_owned());
        let media = setting(session, "web/secure/base_media_url", id, website).await?;
        let media =
            media.filter(|url| url.starts_with("http")).map(|url| url.trim_end_matches('/').to_owned());
        let weight = setting(session, "general/locale/weight_unit", id, website).await?;
        let since = options.changed_since.map(|time| {
            let time = time.0;
            format!(
                "AND (e.updated_at >= FROM_UNIXTIME({time}) OR EXISTS (SELECT 1 FROM {{p}}catalog_product_super_link c \
                 JOIN {{p}}catalog_product_entity v ON v.entity_id = c.product_id \
                 WHERE c.parent_id = e.entity_id AND v.updated_at >= FROM_UNIXTIME({time})))"
            )
        });
        Ok(Self {
            rates: rates(session, options, id, website).await?,
            tree: tree(session, id).await?,
            attributes: attributes(session, id).await?,
            options: labels(session, id).await?,
            currency: setting(session, "currency/options/base", id, website)
                .await?
                .unwrap_or_else(|| "USD".into()),
            weight_unit: if weight.as_deref() == Some("kgs") { "kg" } else { "lb" },
            media: media.or_else(|| base.as_ref().map(|base| format!("{base}/media"))),
            spanish: language == "es",
            since: since.unwrap_or_default(),
            id,
            website,
            others,
            base,
        })
    }

    pub(super) fn attribute(&self, code: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.code == code)
    }

    /// Adds VAT to a price of a tax class.
    pub(super) fn gross(&self, price: &str, tax_class: i64) -> Option<Micros> {
        let rate = self.rates.get(&tax_class).copied().unwrap_or(0.0);
        Micros::parse(price).map(|price| price.with_rate(rate))
    }

    pub(super) fn photo(&self, file: &str) -> Option<String> {
        let file = (!file.is_empty() && file != "no_selection").then_some(file)?;
        let path = format!("catalog/product/{}", file.trim_start_matches('/'));
        Some(self.media.as_ref().map_or(path.clone(), |media| format!("{media}/{path}")))
    }

    pub(super) fn link(&self, path: &str) -> Option<String> {
        self.base.as_ref().map(|base| format!("{base}/{path}"))
    }
}

/// Returns a setting of a store view, else of its website, else of all.
async fn setting(session: &mut Session, path: &str, view: i64, website: i64) -> Result<Option<String>> {
    let sql = format!(
        "SELECT value FROM {{p}}core_config_data WHERE path = '{path}' AND (scope = 'default' \
         OR scope = 'websites' AND scope_id = {website} OR scope = 'stores' AND scope_id = {view}) \
         ORDER BY FIELD(scope, 'stores', 'websites', 'default') LIMIT 1"
    );
    session.value(&sql).await
}

/// VAT by product tax class for the country; none where the shop's prices include it.
async fn rates(
    session: &mut Session,
    options: &DatabaseOptions,
    view: i64,
    website: i64,
) -> Result<HashMap<i64, f64>> {
    let included = setting(session, "tax/calculation/price_includes_tax", view, website).await?;
    if included.as_deref() == Some("1") {
        return Ok(HashMap::new());
    }
    let mut country = options.country.clone();
    for path in ["tax/defaults/country", "general/country/default"] {
        if country.is_none() {
            country = setting(session, path, view, website).await?;
        }
    }
    let country = country.unwrap_or_else(|| "US".into()).to_ascii_uppercase();
    check_country(&country)?;
    let sql = format!(
        "SELECT DISTINCT t.product_tax_class_id, r.tax_calculation_rate_id, r.rate FROM {{p}}tax_calculation t \
         JOIN {{p}}tax_calculation_rate r ON r.tax_calculation_rate_id = t.tax_calculation_rate_id \
         WHERE r.tax_country_id = '{country}' AND r.tax_region_id = 0 AND COALESCE(r.tax_postcode, '*') IN ('*', '')"
    );
    let mut rates: HashMap<i64, f64> = HashMap::new();
    for row in session.rows(&sql).await? {
        *rates.entry(row.number(0)).or_default() +=
            row.text(2).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    }
    Ok(rates)
}

async fn attributes(session: &mut Session, view: i64) -> Result<Vec<Attribute>> {
    let sql = format!(
        "SELECT a.attribute_id, a.attribute_code, a.backend_type, a.frontend_input, COALESCE(l.value, a.frontend_label), \
         a.is_user_defined = 1 AND (c.is_visible_on_front = 1 OR c.is_filterable > 0 OR c.is_searchable = 1) \
         OR EXISTS (SELECT 1 FROM {{p}}catalog_product_super_attribute s WHERE s.attribute_id = a.attribute_id) \
         FROM {{p}}eav_attribute a JOIN {{p}}eav_entity_type t ON t.entity_type_id = a.entity_type_id \
         LEFT JOIN {{p}}catalog_eav_attribute c ON c.attribute_id = a.attribute_id \
         LEFT JOIN {{p}}eav_attribute_label l ON l.attribute_id = a.attribute_id AND l.store_id = {view} \
         WHERE t.entity_type_code = 'catalog_product' ORDER BY a.attribute_id"
    );
    let mut attributes = Vec::new();
    for row in session.rows(&sql).await? {
        let text = |column| row.text(column).unwrap_or_default();
        let code = text(1);
        let is_field = FIELDS.contains(&code.as_str()) || GTINS.contains(&code.as_str());
        let shown = !is_field && row.number(5) == 1;
        if is_field || shown {
            let label = row.filled(4).unwrap_or_else(|| code.clone());
            attributes.push(Attribute {
                id: row.number(0),
                code,
                backend: text(2),
                input: text(3),
                label,
                shown,
            });
        }
    }
    Ok(attributes)
}

async fn labels(session: &mut Session, view: i64) -> Result<HashMap<i64, String>> {
    let sql = format!(
        "SELECT option_id, value FROM {{p}}eav_attribute_option_value WHERE store_id IN (0, {view}) ORDER BY store_id"
    );
    let rows = session.rows(&sql).await?;
    Ok(rows.iter().filter_map(|row| Some((row.number(0), row.filled(1)?))).collect())
}

/// Level 0 is the root of all, level 1 that of a store: customers see neither.
async fn tree(session: &mut Session, view: i64) -> Result<Tree> {
    let sql = "SELECT a.attribute_code, a.attribute_id FROM {p}eav_attribute a \
         JOIN {p}eav_entity_type t ON t.entity_type_id = a.entity_type_id \
         WHERE t.entity_type_code = 'catalog_category' AND a.attribute_code IN ('name', 'is_active')";
    let ids: HashMap<_, _> =
        session.rows(sql).await?.iter().map(|row| (row.text(0).unwrap_or_default(), row.number(1))).collect();
    let id = |code: &str| ids.get(code).copied().unwrap_or(0);
    let value = |table: &str, code: &str, view: i64| {
        format!(
            "(SELECT v.value FROM {{p}}catalog_category_entity_{table} v WHERE v.entity_id = c.entity_id \
             AND v.attribute_id = {} AND v.store_id = {view} LIMIT 1)",
            id(code)
        )
    };
    let sql = format!(
        "SELECT c.entity_id, c.parent_id, c.level, COALESCE({}, {}), COALESCE({}, {}, 1) FROM {{p}}catalog_category_entity c",
        value("varchar", "name", view),
        value("varchar", "name", 0),
        value("int", "is_active", view),
        value("int", "is_active", 0),
    );
    let mut tree = Tree::default();
    for row in session.rows(&sql).await? {
        let name = row.text(3).unwrap_or_default();
        let root = row.number(2) < 2;
        tree.add(row.number(0), row.number(1), name, root || row.number(4) == 1, root);
    }
    Ok(tree)
}
