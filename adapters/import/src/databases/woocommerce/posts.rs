//! What belongs to WordPress's posts: metadata and terms.

use std::collections::HashMap;

use vitrina_core::Result;

use super::super::rows::by_id;
use super::super::session::{Record, Session};

/// The metadata that is read; attributes of variations come besides.
const KEYS: &str = "'_sku','_regular_price','_sale_price','_sale_price_dates_from','_sale_price_dates_to','_stock','_manage_stock',\
    '_stock_status','_backorders','_weight','_thumbnail_id','_product_image_gallery','_product_attributes','_global_unique_id',\
    'total_sales','_tax_class','_tax_status'";

/// The metadata of a post.
pub(super) type Meta = HashMap<String, String>;

/// The terms of a product that are looked at, with what they say.
pub(super) struct Term {
    pub(super) taxonomy: String,
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) slug: String,
}

pub(super) async fn terms(session: &mut Session, ids: &str) -> Result<HashMap<i64, Vec<Term>>> {
    let sql = format!(
        "SELECT r.object_id, x.taxonomy, t.term_id, t.name, t.slug FROM {{p}}term_relationships r \
         JOIN {{p}}term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id JOIN {{p}}terms t ON t.term_id = x.term_id \
         WHERE r.object_id IN ({ids}) AND (x.taxonomy IN ('product_cat', 'product_tag', 'product_brand', 'product_visibility') \
         OR x.taxonomy LIKE 'pa\\_%') ORDER BY r.object_id, r.term_order, t.term_id"
    );
    let read = |row: &Record| {
        let text = |column| row.text(column).unwrap_or_default();
        (row.number(0), Term { taxonomy: text(1), id: row.number(2), name: text(3), slug: text(4) })
    };
    Ok(by_id(session.rows(&sql).await?.iter().map(read)))
}

pub(super) async fn metadata(session: &mut Session, ids: &str) -> Result<HashMap<i64, Meta>> {
    let sql = format!(
        "SELECT post_id, meta_key, meta_value FROM {{p}}postmeta WHERE post_id IN ({ids}) \
         AND (meta_key IN ({KEYS}) OR meta_key LIKE 'attribute\\_%') ORDER BY meta_id"
    );
    let mut posts: HashMap<i64, Meta> = HashMap::new();
    for row in session.rows(&sql).await? {
        if let (Some(key), Some(value)) = (row.text(1), row.filled(2)) {
            posts.entry(row.number(0)).or_default().insert(key, value);
        }
    }
    Ok(posts)
}

/// The IDs of a post's pictures, the main one first.
pub(super) fn pictures(meta: &Meta) -> Vec<i64> {
    let gallery = meta.get("_product_image_gallery").map(String::as_str).unwrap_or_default();
    let all = meta.get("_thumbnail_id").into_iter().map(String::as_str).chain(gallery.split(','));
    all.filter_map(|id| id.trim().parse().ok()).filter(|id| *id > 0).collect()
}
