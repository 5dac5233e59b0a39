//! The query of a listing, alike for both databases but for a few expressions.

use sqlx::{Database, Encode, QueryBuilder, Type};
use vitrina_core::Product;
use vitrina_core::catalog::{Cursor, CursorKey, Filter, ListQuery, Page, Sort};

/// How a database writes what a listing filters and orders by.
pub(crate) struct Dialect {
    /// The columns of products, `FROM product p`, up to the `WHERE` clause; the last column is `listed`, a number that
    /// [`select`] orders by.
    pub(crate) select: &'static str,
    /// The brand, to be compared with lower-case names.
    pub(crate) brand: &'static str,
    /// The regular price in minor units.
    pub(crate) price: &'static str,
    /// The reduced price in minor units, or the regular one while that does not apply.
    pub(crate) sale: &'static str,
    /// The name in the order of names.
    pub(crate) name: &'static str,
    /// The same by the name of a column of `select`.
    pub(crate) listed_name: &'static str,
}

/// A part of the products that pass a filter. Each part is read in the order of an index of its own, and no further than
/// the page needs; the parts together are all products, each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    prices: Prices,
    place: Place,
}

/// Which products a part is about, by what their price depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prices {
    /// Those without a sale, whose prices an index has in order.
    Regular,
    /// Those with a sale, mostly few.
    Sale,
    /// Both.
    Any,
}

/// Which products a part is about, by where their category stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Their main category is asked for.
    Main,
    /// One of their further categories is, and not the main one.
    Further,
    /// No category is asked for.
    Any,
}

/// The query of one product more than the page holds; values are bound, never written into the text, but for the IDs of
/// categories, which are more than may be bound. They are those of the filter with all below them.
pub(crate) fn select<DB>(dialect: &Dialect, query: &ListQuery) -> QueryBuilder<DB>
where
    DB: Database,
    DB::Arguments: Default,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let limit = query.limit as i64 + 1;
    let mut sql = QueryBuilder::new("");
    let parts = parts(query);
    if let [part] = parts[..] {
        push_part(&mut sql, dialect, query, part);
        sql.push(" LIMIT ").push_bind(limit);
        return sql;
    }
    let mut before = "SELECT * FROM (SELECT * FROM (";
    for part in parts {
        sql.push(before);
        push_part(&mut sql, dialect, query, part);
        sql.push(" LIMIT ").push_bind(limit).push(") AS part");
        before = " UNION ALL SELECT * FROM (";
    }
    sql.push(") AS parts ORDER BY ").push(match query.sort {
        Sort::Relevance => "id",
        Sort::Newest => "id DESC",
        Sort::PriceAscending => "listed, id",
        Sort::PriceDescending => "listed DESC, id",
        Sort::Name => dialect.listed_name,
    });
    sql.push(if query.sort == Sort::Name { ", id LIMIT " } else { " LIMIT " }).push_bind(limit);
    sql
}

fn parts(query: &ListQuery) -> Vec<Part> {
    let prices: &[Prices] = match query.sort {
        Sort::PriceAscending | Sort::PriceDescending => &[Prices::Regular, Prices::Sale],
        _ => &[Prices::Any],
    };
    let places: &[Place] =
        if query.filter.categories.is_empty() { &[Place::Any] } else { &[Place::Main, Place::Further] };
    let part = |prices: Prices| places.iter().map(move |place| Part { prices, place: *place });
    prices.iter().flat_map(|prices| part(*prices)).collect()
}

impl Prices {
    /// The price of these products.
    fn of(self, dialect: &Dialect) -> &'static str {
        if self == Self::Regular { dialect.price } else { dialect.sale }
    }
}

/// The products of a part that pass the filter, after the cursor, in order.
fn push_part<DB>(sql: &mut QueryBuilder<DB>, dialect: &Dialect, query: &ListQuery, part: Part)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let prices = part.prices;
    sql.push(dialect.select).push(match prices {
        Prices::Regular => " WHERE p.sale_price IS NULL",
        Prices::Sale => " WHERE p.sale_price IS NOT NULL",
        Prices::Any => " WHERE 1 = 1",
    });
    push_place(sql, &query.filter, part.place);
    push_filter(sql, dialect, &query.filter, prices);
    if let Some(after) = &query.after {
        push_after(sql, dialect, after, prices);
    }
    let (key, then) = match query.sort {
        Sort::Relevance => ("", "p.id"),
        Sort::Newest => ("", "p.id DESC"),
        Sort::PriceAscending => (prices.of(dialect), ", p.id"),
        Sort::PriceDescending => (prices.of(dialect), " DESC, p.id"),
        Sort::Name => (dialect.name, ", p.id"),
    };
    sql.push(" ORDER BY ").push(key).push(then);
}

fn push_place<DB>(sql: &mut QueryBuilder<DB>, filter: &Filter, place: Place)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    match place {
        Place::Any => return,
        Place::Main => sql.push(" AND p.category_id IN ("),
        Place::Further => {
            sql.push(" AND p.id IN (SELECT m.product_id FROM product_in_category m WHERE m.category_id IN (");
            push_categories(sql, filter);
            sql.push(")) AND (p.category_id IS NULL OR p.category_id NOT IN (")
        }
    };
    push_categories(sql, filter);
    sql.push(if place == Place::Main { ")" } else { "))" });
}

fn push_filter<DB>(sql: &mut QueryBuilder<DB>, dialect: &Dialect, filter: &Filter, prices: Prices)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
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
            sql.push(" AND ").push(prices.of(dialect)).push(operator).push_bind(price.minor());
        }
    }
    if filter.in_stock {
        sql.push(" AND COALESCE(p.available, p.stock IS NULL OR p.stock > 0)");
    }
}

fn push_categories<DB>(sql: &mut QueryBuilder<DB>, filter: &Filter)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
{
    let mut ids = sql.separated(", ");
    filter.categories.iter().for_each(|id| {
        ids.push(id.0);
    });
}

fn push_after<DB>(sql: &mut QueryBuilder<DB>, dialect: &Dialect, after: &Cursor, prices: Prices)
where
    DB: Database,
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let price = prices.of(dialect);
    // `k >= ? AND (k > ? OR id > ?)` rather than `k > ? OR (k = ? AND id > ?)`: the first part is a range of an index.
    match (after.sort, &after.key) {
        (Sort::PriceAscending, CursorKey::Price(minor)) => {
            sql.push(" AND ").push(price).push(" >= ").push_bind(*minor);
            sql.push(" AND (").push(price).push(" > ").push_bind(*minor);
            sql.push(" OR p.id > ").push_bind(after.id).push(")");
        }
        (Sort::PriceDescending, CursorKey::Price(minor)) => {
            sql.push(" AND ").push(price).push(" <= ").push_bind(*minor);
            sql.push(" AND (").push(price).push(" < ").push_bind(*minor);
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
