//! Products with their categories.

use sqlx::SqliteExecutor;
use vitrina_core::Product;

use crate::rows::{self, CategoryRow, ProductRow};

/// The columns of a [`ProductRow`] in their order; `more_categories` has no name yet.
macro_rules! product {
    () => {
        "p.id, p.product_key, p.name, p.description, p.brand, p.price, p.sale_price, p.sale_from, p.sale_until, \
         p.stock, p.photo, p.category_id, p.details, \
         (SELECT group_concat(m.category_id ORDER BY m.position) FROM product_in_category m \
          WHERE m.product_id = p.id)"
    };
}

/// The columns of a [`CategoryRow`].
macro_rules! category {
    () => {
        "c.id, c.name, c.parent_id, c.translations"
    };
}

/// Products, and the categories that they name with all above them: one row of two JSON arrays. The driver hands rows from a
/// thread of its own to ours one by one, and each value in memory of its own, which takes longer than reading a page of products.
macro_rules! products {
    ($which:literal) => {
        concat!(
            "WITH RECURSIVE found AS MATERIALIZED (\
             SELECT wanted.key AS place, p.id, p.category_id, json_array(",
            product!(),
            ") AS fields FROM json_each(?) wanted CROSS JOIN product p ON ",
            $which,
            "), named (id) AS (SELECT category_id FROM found \
             UNION SELECT m.category_id FROM found JOIN product_in_category m ON m.product_id = found.id \
             UNION SELECT c.parent_id FROM named JOIN category c ON c.id = named.id) \
             SELECT (SELECT '[' || COALESCE(group_concat(fields, ',' ORDER BY place), '') || ']' FROM found), \
             (SELECT json_group_array(json_array(",
            category!(),
            ")) FROM named JOIN category c ON c.id = named.id)"
        )
    };
}

/// The products of a list of IDs, for [`products`].
pub(super) const BY_ID: &str = products!("p.id = wanted.value");

/// The products of a list of keys, for [`products`].
pub(super) const BY_KEY: &str = products!("p.product_key = wanted.value");

/// The rows of a list of IDs.
pub(super) const ROWS_BY_ID: &str = concat!(
    "SELECT ",
    product!(),
    " AS more_categories FROM json_each(?) wanted CROSS JOIN product p ON p.id = wanted.value ORDER BY wanted.key"
);

/// The categories of these IDs, and all above them.
const CATEGORIES_WITH_ABOVE: &str = concat!(
    "WITH RECURSIVE above (id) AS (SELECT value FROM json_each(?) \
     UNION SELECT c.parent_id FROM above JOIN category c ON c.id = above.id) SELECT ",
    category!(),
    " FROM above JOIN category c ON c.id = above.id"
);

/// The products that [`BY_ID`] or [`BY_KEY`] finds, in the order of the list.
pub(super) async fn products<'e>(
    executor: impl SqliteExecutor<'e>,
    sql: &'static str,
    wanted: String,
) -> Result<Vec<Product>, sqlx::Error> {
    let (products, categories): (String, String) =
        sqlx::query_as(sql).bind(wanted).fetch_one(executor).await?;
    let products: Vec<ProductRow> = decode(&products)?;
    let categories: Vec<CategoryRow> = decode(&categories)?;
    Ok(rows::products(products, categories))
}

fn decode<T: serde::de::DeserializeOwned>(rows: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(rows).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The products of rows, with their categories and those above.
pub(super) async fn with_categories<'e>(
    executor: impl SqliteExecutor<'e>,
    rows: Vec<ProductRow>,
) -> Result<Vec<Product>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(CATEGORIES_WITH_ABOVE).bind(rows::categories_of(&rows));
    let categories: Vec<CategoryRow> = query.fetch_all(executor).await?;
    Ok(rows::products(rows, categories))
}
