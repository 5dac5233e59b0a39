//! Imports into a shop on SQLite.

use serde_json::json;
use vitrina::sources::run::{self, ImportOptions, ImportRun};
use vitrina::sources::{FileOptions, FileSource};
use vitrina::{ProductId, Shop};

fn options() -> ImportOptions {
    ImportOptions::default()
}

async fn import(shop: &Shop, text: &str, options: &ImportOptions) -> ImportRun {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("productos.csv");
    std::fs::write(&path, text).unwrap();
    let mut source = FileSource::open(&path, FileOptions::default()).await.unwrap();
    let run = shop.import(&mut source, options).await.unwrap();
    assert_eq!(run.error, None);
    run
}

#[tokio::test]
async fn what_is_beyond_the_limits_of_a_catalogue_is_reported_by_row_and_stops_nothing() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    let long = |length: usize| "x".repeat(length);
    let list = |count: usize, of: fn(usize) -> serde_json::Value| (0..count).map(of).collect::<Vec<_>>();
    let mut rows = vec![json!({"key": "plain"})];
    // Field, value, what the report names, and whether the product is refused.
    for (field, value, named, refused) in [
        ("sku", json!(long(101)), "sku", false),
        ("codes", json!({"others": [long(101)]}), "code", false),
        ("codes", json!({"others": list(101, |n| json!(format!("c{n}")))}), "code", false),
        ("tags", json!([long(256)]), "tags", false),
        ("tags", json!(list(251, |n| json!(format!("t{n}")))), "tags", false),
        ("url", json!(format!("https://a.example/{}", long(2048))), "url", false),
        ("photo", json!(format!("https://a.example/{}", long(512))), "photo", false),
        ("photos", json!(list(101, |n| json!(format!("https://a.example/{n}.jpg")))), "photos", false),
        ("attributes", json!({"color": long(501)}), "color", false),
        ("attributes", json!({"color": list(201, |n| json!(format!("c{n}")))}), "color", false),
        ("categories", json!([[long(256)]]), "category", false),
        ("categories", json!([list(17, |n| json!(format!("n{n}")))]), "category", false),
        ("categories", json!(list(101, |n| json!([format!("n{n}")]))), "category", false),
        ("translations", json!({"english": {"name": "A"}}), "translations", false),
        ("translations", json!({"en": {"name": long(256)}}), "translations", false),
        ("sale", json!({"price": 1, "from": "2026-12-02", "until": "2026-12-01"}), "sale", false),
        ("brand", json!(long(101)), "brand", true),
        ("key", json!(long(256)), "key", true),
        ("variants", json!(list(1001, |n| json!({"sku": n.to_string()}))), "variants", true),
    ] {
        rows.push(json!({"key": format!("{field} {}", rows.len()), field: value, "named": named, "refused": refused}));
    }
    let mut lines = String::new();
    for row in &mut rows {
        row["name"] = json!("Producto");
        row["price"] = json!(9.5);
        lines.push_str(&format!("{row}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("productos.jsonl");
    std::fs::write(&path, lines).unwrap();
    let mut source = FileSource::open(&path, FileOptions::default()).await.unwrap();
    let mut report = Vec::new();
    let run = run::import(&mut source, &shop.import_target(), &options(), &mut report, &|_| {}).await;
    assert_eq!(run.error, None);
    let report: Vec<serde_json::Value> =
        String::from_utf8(report).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (row, line) in rows.iter().zip(1..).skip(1) {
        let found: Vec<_> = report.iter().filter(|problem| problem["position"]["line"] == line).collect();
        let [problem] = found.as_slice() else { panic!("{row}: {found:?}") };
        assert_eq!((&problem["field"], &problem["refused"]), (&row["named"], &row["refused"]), "{problem}");
    }
    let refused = rows.iter().filter(|row| row["refused"] == true).count();
    assert_eq!((run.new, run.refused), ((rows.len() - refused) as u64, refused as u64), "{run:?}");
}

#[tokio::test]
async fn a_product_with_more_photos_than_a_catalogue_holds_does_not_stop_its_batch() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    let mut rows =
        "Handle,Title,Variant SKU,Variant Price,Image Src,Image Position\nb,Bolso,B1,20.00,,\n".to_owned();
    for number in 1..=101 {
        let first = if number == 1 { ("Tetera", "T1", "34.90") } else { ("", "", "") };
        let (title, sku, price) = first;
        rows.push_str(&format!("t,{title},{sku},{price},https://a.example/{number}.jpg,{number}\n"));
    }
    let run = import(&shop, &rows, &options()).await;
    assert_eq!((run.new, run.left_out, run.refused), (2, 1, 0), "{run:?}");
    assert_eq!(shop.product(ProductId(2)).await.unwrap().photos.len(), 100);
}

#[tokio::test]
async fn an_id_with_the_key_of_another_product_is_refused_alone() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    import(&shop, "key;nombre;precio\nA;Taza;1\nB;Tetera;2\n", &options()).await;
    let run = import(&shop, "id;key;nombre;precio\n7;A;Otra;3\n8;C;Plato;4\n9;D;Vaso;5\n", &options()).await;
    assert_eq!((run.new, run.refused), (2, 1), "{run:?}");
    assert!(run.examples.problems[0].reason.contains("key"), "{run:?}");
    assert_eq!(shop.product(ProductId(1)).await.unwrap().name, "Taza");
}

const ROWS: &str = "key;nombre;precio;precio oferta;categoría;existencias;color;talla;enlace;foto\n\
    V1;Vestido Alba;49,90;39,90;Ropa > Vestidos;3;rojo;M;https://tienda.example/v1;https://cdn.tienda.example/v1.jpg\n\
    C1;Cinturón;24,50;;Ropa > Complementos;0;;;;\n";

#[tokio::test]
async fn every_field_comes_in_and_a_second_import_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    let dry = import(&shop, ROWS, &options().dry_run(true)).await;
    assert_eq!((dry.new, shop.categories().await.unwrap().len()), (2, 0));
    let first = import(&shop, ROWS, &options()).await;
    assert_eq!((first.new, first.refused), (2, 0));
    let second = import(&shop, ROWS, &options()).await;
    assert_eq!((second.new, second.changed, second.unchanged), (0, 0, 2), "{:?}", second.examples);
    let dry = import(&shop, ROWS, &options().dry_run(true)).await;
    assert_eq!((dry.new, dry.changed, dry.unchanged), (0, 0, 2), "{:?}", dry.examples);

    let dress = shop.product(ProductId(1)).await.unwrap();
    assert_eq!((dress.key.as_deref(), dress.name.as_str()), (Some("V1"), "Vestido Alba"));
    assert_eq!(dress.sale.unwrap().price.to_string(), "39.90");
    assert_eq!(dress.categories[0].names(), ["Ropa", "Vestidos"]);
    assert_eq!(dress.photos, ["https://cdn.tienda.example/v1.jpg"]);
    assert_eq!(dress.attributes.len(), 2);
    let found = shop.search("vestidos").await.unwrap();
    assert_eq!(found.products[0].name, "Vestido Alba");

    let dearer = ROWS.replace("24,50", "26,50");
    let third = import(&shop, &dearer, &options()).await;
    assert_eq!((third.changed, third.unchanged), (1, 1));
    assert_eq!(third.examples.changed, ["Cinturón (price)"]);
    let without = ROWS
        .lines()
        .filter(|line| !line.starts_with("C1"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    let pruned = import(&shop, &without, &options().prune(true, 0.5)).await;
    assert_eq!((pruned.removed, pruned.unchanged), (1, 1));
}

#[tokio::test]
async fn an_import_that_was_dropped_at_any_batch_ends_like_one_that_ran_through() {
    let rows = |to: u32| {
        let rows = (1..=to)
            .map(|number| format!("{number};Producto {number};{number},50;Grupo {};{number}\n", number % 7));
        format!("key;nombre;precio;categoría;existencias\n{}", rows.collect::<String>())
    };
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (whole, broken) = (Shop::open(whole.path()).await.unwrap(), Shop::open(broken.path()).await.unwrap());
    import(&whole, &rows(3000), &options()).await;
    // What a killed process has written: its first batches.
    for written in [1000, 2000, 3000] {
        import(&broken, &rows(written), &options()).await;
    }
    let last = import(&broken, &rows(3000), &options()).await;
    assert_eq!((last.new, last.changed, last.unchanged), (0, 0, 3000));
    for id in [1, 999, 1000, 1001, 2500, 3000].map(ProductId) {
        let (mut one, mut other) = (whole.product(id).await.unwrap(), broken.product(id).await.unwrap());
        (one.categories, other.categories) = (Vec::new(), Vec::new());
        assert_eq!(one, other);
    }
}
