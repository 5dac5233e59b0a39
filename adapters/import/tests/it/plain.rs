//! Rows as shops write them by hand, and mappings.

use std::path::PathBuf;

use vitrina_core::product::PhotoSource;
use vitrina_import::{FileOptions, Mapping};

use crate::common::{sample, text, values};

#[tokio::test]
async fn spanish_headers() {
    let whole = sample("tienda.csv", FileOptions::default()).await;
    assert_eq!((whole.products.len(), whole.problems.as_slice()), (3, [].as_slice()));
    let pot = whole.product("TET-1");
    assert_eq!(pot.price.unwrap().to_string(), "34.90");
    assert_eq!(pot.categories, [["Cocina", "Té"]]);
    assert_eq!((pot.stock, pot.brand.as_deref()), (Some(12), Some("Nanbu")));
    assert_eq!(pot.photos, [PhotoSource::Path(PathBuf::from("tetera.jpg"))]);
    assert_eq!(values(&pot.attributes, "color"), ["negro"]);
    assert_eq!(values(&pot.attributes, "peso"), ["1.2 kg"]);
    assert_eq!(pot.codes.gtin.as_deref(), Some("8412345678905"));
    let set = whole.product("TET-2");
    assert_eq!((set.name.as_str(), set.description.as_str()), ("Juego de té; 6 piezas", "Porcelana\nfina"));
    assert_eq!(set.price.unwrap().to_string(), "1299.00");
    assert_eq!(set.categories, [vec!["Cocina", "Té"], vec!["Regalos"]]);
    assert_eq!(values(&set.attributes, "color"), ["blanco", "dorado"]);
    assert_eq!(values(&whole.product("CAF").attributes, "price_unit"), ["kg"]);
    assert!(whole.notes.iter().any(|note| note.contains("SKU")), "{:?}", whole.notes);
}

#[tokio::test]
async fn a_mapping_names_columns_in_a_few_lines() {
    let rows =
        "Listado de precios 2026;;;\nArt;Denom.;Tarifa A;Familia larga;Acabado\n7;Mesa;1.299;Muebles;Mate\n";
    assert!(text("a.csv", rows, FileOptions::default()).await.is_err());
    let mapping = "decimal = \",\"\n[columns]\nArt = \"key\"\n\"Denom.\" = \"name\"\n\"Tarifa A\" = \"price\"\n\
                   \"Familia larga\" = \"category.1\"\nAcabado = \"attribute:acabado\"\n";
    let rows = rows.split_once('\n').unwrap().1;
    let options = FileOptions::default().mapping(Mapping::parse(mapping).unwrap());
    let whole = text("a.csv", rows, options.clone()).await.unwrap();
    let table = whole.product("7");
    assert_eq!(table.price.unwrap().to_string(), "1299.00");
    assert_eq!(table.categories, [["Muebles"]]);
    assert_eq!(values(&table.attributes, "acabado"), ["Mate"]);
    let error = text("a.csv", "nombre;precio\nMesa;1\n", options).await.unwrap_err();
    assert!(error.to_string().contains("which the file does not have"), "{error}");
}

#[test]
fn a_wrong_mapping_says_what_is_wrong() {
    for (mapping, part) in [
        ("[columns]\nA = \"nombre\"", "name, description"),
        ("decimal = \"x\"", "decimal"),
        ("separator = \";;\"", "separator"),
        ("encoding = \"latin-99\"", "latin-99"),
        ("vat = 400", "per cent"),
        ("currency = \"euros\"", "ISO 4217"),
        ("format = \"excel\"", "shopify"),
        ("colums = 1", "colums"),
        ("{\"decimal\": 1}", "invalid type"),
    ] {
        let error = Mapping::parse(mapping).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn the_decimal_mark_is_learned_from_the_other_rows() {
    let spanish = text("a.csv", "nombre;precio\nA;1.299\nB;12,50\n", FileOptions::default()).await.unwrap();
    assert_eq!(spanish.products[0].price.unwrap().to_string(), "1299.00");
    let english = text("a.csv", "nombre;precio\nA;1,299\nB;12.50\n", FileOptions::default()).await.unwrap();
    assert_eq!(english.products[0].price.unwrap().to_string(), "1299.00");
    let neither = text("a.csv", "nombre;precio\nA;1.299\n", FileOptions::default()).await.unwrap();
    assert!(neither.problems[0].reason.contains("decimal"), "{:?}", neither.problems);
}

#[tokio::test]
async fn keys_are_stable() {
    let rows = "nombre;precio;talla\nMesa baja;10,00;\nMESA ALTA;11,00;\n";
    let one = text("a.csv", rows, FileOptions::default()).await.unwrap();
    let other =
        text("a.csv", "nombre;precio;talla\nmesa alta;12,00;\n", FileOptions::default()).await.unwrap();
    assert_eq!(one.products[1].key, other.products[0].key);
    assert!(one.products[0].key.as_ref().unwrap().starts_with("name-"));
    assert!(one.notes.iter().any(|note| note.contains("hash of their name")), "{:?}", one.notes);
}

#[tokio::test]
async fn a_table_as_an_erp_writes_it_is_read_by_its_own_headers() {
    let rows = "ID_ARTICULO|DESCRIPCION|PVP1|PVP2|EXISTENCIAS|GRUPO|SUBGRUPO\n\
        1001|VINO TINTO|8.95|7.5|120|BEBIDAS|VINOS\n1002|AGUA|0|0|35|BEBIDAS|\n1003|QUESO|12.40|11|#N/D|#¡REF!|\n";
    let whole = text("gourmet.txt", rows, FileOptions::default()).await.unwrap();
    assert_eq!((whole.products.len(), whole.problems.as_slice()), (3, [].as_slice()), "{whole:#?}");
    assert_eq!(whole.product("1001").categories, [["BEBIDAS", "VINOS"]]);
    assert_eq!(whole.product("1002").categories, [["BEBIDAS"]]);
    assert!(whole.product("1003").categories.is_empty());
    assert!(
        whole.notes.iter().any(|note| note.contains("`DESCRIPCION` is taken as the name")),
        "{:?}",
        whole.notes
    );
    assert!(whole.notes.iter().any(|note| note == "products with the price 0.00: 1"), "{:?}", whole.notes);
}

#[tokio::test]
async fn vat_is_added_by_the_rate_of_each_row() {
    let rows =
        "Ref.;Artículo;Precio sin IVA;IVA %\nV1;Vestido;41,24;21\nP1;Pan;1,00;4 %\nX1;Mal;1,00;mucho\n";
    let whole = text("modas.csv", rows, FileOptions::default()).await.unwrap();
    let prices: Vec<_> = whole.products.iter().map(|product| product.price.unwrap().to_string()).collect();
    assert_eq!(prices, ["49.90", "1.04"]);
    assert_eq!(whole.lines(), ["line 4 IVA %"]);
    assert!(!whole.notes.iter().any(|note| note.contains("without VAT")), "{:?}", whole.notes);
}

#[tokio::test]
async fn a_table_without_prices_is_refused_as_a_whole_and_says_what_to_do() {
    let rows = "referencia;nombre;importe neto\nA;Taza;3,00\n";
    let error = text("a.csv", rows, FileOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("importe neto") && error.contains("mapping"), "{error}");
}

#[tokio::test]
async fn repeated_references_are_refused_and_the_report_says_what_to_do_with_variants() {
    let rows = "Ref.;Artículo;Talla;PVP;PVP Oferta\nV1;Vestido;S;49,90;39,90\nV1;Vestido;M;49,90;\n";
    let whole = text("modas.csv", rows, FileOptions::default()).await.unwrap();
    assert_eq!(whole.products[0].sale.unwrap().price.to_string(), "39.90");
    assert_eq!(whole.lines(), ["line 3 Ref."]);
    assert!(whole.problems[0].reason.contains("`group` in a mapping"), "{:?}", whole.problems);
    let mapping = Mapping::parse("[columns]\n\"Ref.\" = \"group\"").unwrap();
    let whole = text("modas.csv", rows, FileOptions::default().mapping(mapping)).await.unwrap();
    assert_eq!((whole.products.len(), whole.product("V1").variants.len()), (1, 2));
}
