//! Vitrina's own files.

use vitrina_core::ProductId;
use vitrina_core::product::{AttributeValue, Availability, Timestamp};
use vitrina_import::{FileOptions, Mapping};

use crate::common::{text, values};

const LINES: &str = r#"{"id":1,"name":"Camiseta deportiva roja","description":"a < b &amp; c","brand":"Zancada","price":12.99,"category":"Camisetas","stock":25,"photo":"1.jpg"}

{"key":"K2","name":"Mesa","price":"1299.50","categories":[["Hogar","Mesas"],["Ofertas"]],"attributes":{"color":["rojo","azul"],"ancho":{"number":120.5,"unit":"cm"},"plegable":true},"sale":{"price":999.0,"until":"2026-12-01T00:00:00Z"},"codes":{"sku":"M-1","others":["X"]},"tags":["nuevo, no"],"translations":{"en":{"name":"Table","description":"Oak"}},"variants":[{"key":"v1","sku":"M-1-R","price":1299.5,"attributes":{"color":"rojo"}},{"sku":"M-1-A","price":1399,"stock":0}],"popularity":3.5,"updated_at":1795942800,"availability":"backorder"}
"#;

#[tokio::test]
async fn json_lines_lists_and_objects_give_the_same() {
    let lines: Vec<_> = LINES.lines().filter(|line| !line.is_empty()).collect();
    let list = format!("[\n  {}\n]", lines.join(",\n  "));
    let object = format!("{{\"total\": 2, \"products\": [{}]}}", lines.join(","));
    let expected = text("a.jsonl", LINES, FileOptions::default()).await.unwrap();
    assert_eq!((expected.products.len(), expected.problems.as_slice()), (2, [].as_slice()));
    for file in [list, object] {
        let whole = text("a.json", &file, FileOptions::default()).await.unwrap();
        assert_eq!(whole.products, expected.products, "{file}");
    }
}

#[tokio::test]
async fn every_field_is_read() {
    let whole = text("a.jsonl", LINES, FileOptions::default()).await.unwrap();
    let shirt = whole.product("1");
    assert_eq!(shirt.id, Some(ProductId(1)));
    assert_eq!(shirt.description, "a < b &amp; c", "plain text stays as it is");
    let table = whole.product("K2");
    assert_eq!(table.categories, [vec!["Hogar", "Mesas"], vec!["Ofertas"]]);
    assert_eq!(values(&table.attributes, "color"), ["rojo", "azul"]);
    assert_eq!(values(&table.attributes, "ancho"), ["120.5 cm"]);
    let folds = table.attributes.iter().find(|attribute| attribute.name == "plegable").unwrap();
    assert_eq!(folds.values, [AttributeValue::Flag(true)]);
    let sale = table.sale.unwrap();
    assert_eq!((sale.price.to_string().as_str(), sale.until), ("999.00", Some(Timestamp(1_796_083_200))));
    assert_eq!(
        (table.codes.sku.as_deref(), table.codes.others.as_slice()),
        (Some("M-1"), ["X".to_owned()].as_slice())
    );
    assert_eq!(table.tags, ["nuevo, no"]);
    assert_eq!(table.translations["en"].name, "Table");
    let keys: Vec<_> = table.variants.iter().map(|variant| variant.key.as_deref().unwrap()).collect();
    assert_eq!(keys, ["v1", "M-1-A"]);
    assert_eq!(table.variants[1].stock, Some(0));
    assert_eq!((table.popularity, table.availability), (Some(3.5), Some(Availability::Backorder)));
    assert_eq!(table.updated_at, Some(Timestamp(1_795_942_800)));
}

#[tokio::test]
async fn todays_csv_keeps_working() {
    let rows = "id,name,description,brand,price,category,stock,photo\n7,Bolígrafo,,,1.20,Papelería,3,\n,\"Cuaderno, A5\",,,2.5,,,\n";
    let whole = text("a.csv", rows, FileOptions::default()).await.unwrap();
    assert_eq!((whole.products.len(), whole.problems.as_slice()), (2, [].as_slice()));
    assert_eq!(whole.products[0].id, Some(ProductId(7)));
    assert_eq!(whole.products[1].price.unwrap().to_string(), "2.50");
}

#[tokio::test]
async fn other_json_comes_in_by_a_mapping() {
    let lines = r#"{"id":"A 1","name":"Pollo","category_path":"Carne > Aves","price":5.22,"extra":{"a":1}}"#;
    let mapping = Mapping::parse("[columns]\ncategory_path = \"category\"\nextra = \"ignore\"").unwrap();
    let whole = text("a.jsonl", lines, FileOptions::default().mapping(mapping)).await.unwrap();
    assert_eq!(whole.product("A 1").categories, [["Carne", "Aves"]]);
}

#[tokio::test]
async fn damaged_json_refuses_its_line_alone() {
    let lines = "{\"name\":\"A\",\"price\":1}\n{\"name\":\"B\",\n[1]\n{\"name\":\"C\",\"price\":3}\n";
    let whole = text("a.jsonl", lines, FileOptions::default()).await.unwrap();
    assert_eq!(whole.products.len(), 2);
    assert_eq!(whole.lines(), ["line 2 object", "line 3 object"]);
    let error = text("a.json", "[{\"name\":\"A\",\"price\":1},", FileOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("cut off"), "{error}");
}
