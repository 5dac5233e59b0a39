//! The query of a listing, alike for both databases but for a few expressions.

use sqlx::{Database, Encode, QueryBuilder, Type};
use vitrina::{Cursor, CursorKey, Filter, ListQuery, Page, Product, Sort};

/// How a database writes what a listing filters and orders by.
pub(crate) struct Dialect {
    /// Everything up to the `WHERE` clause.
    pub(crate) select: &'static str,
    /// The brand, to be compared with lower-case names.
    pub(crate) brand: &'static str,
    /// The price in minor units.
    pub(crate) price: &'static str,
    /// The name in the order of names.
    pub(crate) name: &'static str,
}

/// The query of one product more than the page holds; values are bound, never written into the text.
pub(crate) fn select<DB>(dialect: &Dialect, query: &ListQuery) -> QueryBuilder<DB>
where
    DB: Database,
    DB::Arguments: Default,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let mut sql = QueryBuilder::new(dialect.select);
    sql.push(" WHERE 1 = 1");
    push_filter(&mut sql, dialect, &query.filter);
    if let Some(after) = &query.after {
        push_after(&mut sql, dialect, after);
    }
    let order = match query.sort {
        Sort::Relevance => ("", "p.id"),
        Sort::Newest => ("", "p.id DESC"),
        Sort::PriceAscending => (dialect.price, ", p.id"),
        Sort::PriceDescending => (dialect.price, " DESC, p.id"),
        Sort::Name => (dialect.name, ", p.id"),
    };
    sql.push(" ORDER BY ").push(order.0).push(order.1);
    sql.push(" LIMIT ").push_bind(query.limit as i64 + 1);
    sql
}

fn push_filter<DB>(sql: &mut QueryBuilder<DB>, dialect: &Dialect, filter: &Filter)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    if !filter.categories.is_empty() {
        sql.push(" AND p.category_id IN (");
        let mut ids = sql.separated(", ");
        filter.categories.iter().for_each(|id| {
            ids.push_bind(id.0);
        });
        sql.push(")");
    }
    if !filter.brands.is_empty() {
        sql.push(" AND ").push(dialect.brand).push(" IN (");
        let mut brands = sql.separated(", ");
        filter.brands.iter().for_each(|brand| {
            brands.push_bind(brand.to_lowercase());
        });
        sql.push(")");
    }
    for (price, operator) in [(filter.min_price, " >= "), (filter.max_price, " <= ")] {
        if let Some(price) = price {
            sql.push(" AND ").push(dialect.price).push(operator).push_bind(price.minor());
        }
    }
    if filter.in_stock {
        sql.push(" AND (p.stock IS NULL OR p.stock > 0)");
    }
}

fn push_after<DB>(sql: &mut QueryBuilder<DB>, dialect: &Dialect, after: &Cursor)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    // `k >= ? AND (k > ? OR id > ?)` rather than `k > ? OR (k = ? AND id > ?)`: the first part is a range of an index.
    match (after.sort, &after.key) {
        (Sort::PriceAscending, CursorKey::Price(price)) => {
            sql.push(" AND ").push(dialect.price).push(" >= ").push_bind(*price);
            sql.push(" AND (").push(dialect.price).push(" > ").push_bind(*price);
            sql.push(" OR p.id > ").push_bind(after.id).push(")");
        }
        (Sort::PriceDescending, CursorKey::Price(price)) => {
            sql.push(" AND ").push(dialect.price).push(" <= ").push_bind(*price);
            sql.push(" AND (").push(dialect.price).push(" < ").push_bind(*price);
            sql.push(" OR p.id > ").push_bind(after.id).push(")");
        }
        (Sort::Name, CursorKey::Name(name)) => {
            sql.push(" AND ").push(dialect.name).push(" >= ").push_bind(name.clone());
            sql.push(" AND (").push(dialect.name).push(" > ").push_bind(name.clone());
            sql.push(" OR p.id > ").push_bind(after.id).push(")");
        }
        (Sort::Newest, _) => {
            sql.push(" AND p.id < ").push_bind(after.id);
        }
        _ => {
            sql.push(" AND p.id > ").push_bind(after.id);
        }
    }
}

/// The page out of what [`select`] found.
pub(crate) fn page(query: &ListQuery, mut found: Vec<Product>) -> Page<Product> {
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().filter(|_| more).map(|last| Cursor::after(query.sort, last));
    Page { items: found, next }
}
