//! Rows as structs.

/// Defines a struct that is read from the columns of its fields' names, in the rows of every database. What sqlx derives, without
/// the crates of its macros.
macro_rules! from_row {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$note:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$about])*
        $visibility struct $name {
            $($(#[$note])* $field: $type,)+
        }

        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $name
        where
            for<'c> &'c str: sqlx::ColumnIndex<R>,
            $($type: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)+
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get(stringify!($field))?,)+ })
            }
        }
    };
}

pub(crate) use from_row;
