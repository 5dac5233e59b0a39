//! Photos of products in the tables: those of an older version, and those that other programs write.

use serde_json::json;
use vitrina_core::Catalog;
use vitrina_core::ProductId;
use vitrina_core::catalog::{Change, ProductPhoto};
use vitrina_core::classify::EmbeddingSpace;

use crate::common::photo_key;

fn key(content: &str) -> String {
    photo_key(content).to_string()
}

/// Rows of products (ID, photo, details) from before each photo had an embedding of its own.
pub(crate) fn rows_of_an_older_version() -> Vec<(i64, String, Option<String>)> {
    let variants = json!([{"key": "r", "photo": key("red")}, {"photo": key("back")}, {"key": "s"}]);
    let more = json!([key("back"), "https://cdn.example/7.jpg"]);
    let details = json!({"more_photos": more, "variants": variants}).to_string();
    vec![
        (7, key("main"), Some(details)),
        (8, key("main"), None),
        (9, "https://cdn.example/9.jpg".into(), None),
    ]
}

/// Each of those products had embeddings of `m/1` and `m/2`: they are of the main photos now.
pub(crate) async fn belong_to_main_photos(catalog: &dyn Catalog) {
    let mut embedded = Vec::new();
    for change in catalog.changes(Default::default(), 10).await.unwrap().changes {
        let Change::Product { embeddings, .. } = change else { continue };
        let of_photo = |stored: &vitrina_core::catalog::PhotoEmbedding| {
            (stored.product.0, stored.photo.clone(), stored.embedding.space().to_string())
        };
        embedded.extend(embeddings.iter().map(of_photo));
    }
    embedded.sort();
    let of = |id, space: &str| (id, photo_key("main"), space.to_owned());
    assert_eq!(embedded, [of(7, "m/1"), of(7, "m/2"), of(8, "m/1"), of(8, "m/2")]);
    lack(catalog, "the migration", &[(7, "back"), (7, "red")]).await;
}

/// What another program does to the table, and the photos that the products have then.
pub(crate) fn writes_of_other_programs() -> Vec<(String, Vec<(i64, &'static str)>)> {
    let (a, b, c) = (key("a"), key("b"), key("c"));
    let details = json!({"more_photos": [b], "variants": [{"photo": c}, {"photo": b}]});
    vec![
        (format!("INSERT INTO product (id, name, photo) VALUES (1, 'a', '{a}')"), vec![(1, "a")]),
        (
            format!(
                "INSERT INTO product (id, name, photo, details) \
                 SELECT 2, name, 'https://cdn.example/2.jpg', '{details}' FROM product"
            ),
            vec![(1, "a"), (2, "b"), (2, "c")],
        ),
        (
            format!("UPDATE product SET photo = '{b}', name = 'b' WHERE id = 2"),
            vec![(1, "a"), (2, "b"), (2, "c")],
        ),
        ("UPDATE product SET details = 'no json' WHERE id = 2".into(), vec![(1, "a"), (2, "b")]),
        ("UPDATE product SET id = 3 WHERE id = 2".into(), vec![(1, "a"), (3, "b")]),
        ("UPDATE product SET photo = 'zapato.jpg' WHERE id = 1".into(), vec![(3, "b")]),
        ("DELETE FROM product WHERE id = 3".into(), vec![]),
    ]
}

/// These photos have no embedding of `m/1`.
pub(crate) async fn lack(catalog: &dyn Catalog, after: &str, photos: &[(i64, &str)]) {
    let space = EmbeddingSpace::new("m/1").unwrap();
    let photo = |(id, name): &(i64, &str)| ProductPhoto { product: ProductId(*id), photo: photo_key(name) };
    let mut wanted: Vec<_> = photos.iter().map(photo).collect();
    wanted.sort();
    assert_eq!(catalog.without_embedding(&space, None, 10).await.unwrap(), wanted, "after {after}");
    assert_eq!(catalog.count_without_embedding(&space).await.unwrap(), wanted.len() as u64);
}
