//! Exports of Shopify, WooCommerce, PrestaShop and Vendure.

use vitrina_core::product::{Availability, Timestamp};
use vitrina_import::{FileOptions, Mapping};

use crate::common::{data, sample, url, values};

fn price(money: Option<vitrina_core::Money>) -> String {
    money.map(|money| money.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn shopify_current() {
    let whole = sample("shopify_current.csv", FileOptions::default()).await;
    assert!(whole.description.starts_with("Shopify export"), "{}", whole.description);
    assert_eq!((whole.products.len(), whole.hidden, whole.problems.as_slice()), (2, 1, [].as_slice()));
    let shirt = whole.product("camiseta-lima");
    assert_eq!((shirt.name.as_str(), shirt.description.as_str()), ("Camiseta Lima", "Algodón orgánico."));
    assert_eq!(shirt.categories, [["Camisetas"]]);
    assert_eq!(shirt.tags, ["verano", "algodón"]);
    assert_eq!(
        shirt.photos,
        [url("https://cdn.tienda.example/lima-1.jpg"), url("https://cdn.tienda.example/lima-2.jpg")]
    );
    assert_eq!(shirt.variants.len(), 3);
    let [small, medium, blue] = shirt.variants.as_slice() else { panic!("{shirt:#?}") };
    assert_eq!(values(&small.attributes, "Talla"), ["S"]);
    assert_eq!(values(&blue.attributes, "Color"), ["Azul"]);
    assert_eq!(
        (price(small.price), price(small.sale.map(|sale| sale.price))),
        ("24.95".into(), "19.95".into())
    );
    assert_eq!((price(blue.price), blue.sale), ("21.95".into(), None));
    assert_eq!((medium.stock, medium.availability), (Some(0), Some(Availability::Backorder)));
    assert_eq!(small.codes.gtin.as_deref(), Some("8412345678905"));
    assert_eq!(blue.photo, Some(url("https://cdn.tienda.example/lima-azul.jpg")));
    let cup = whole.product("taza-sol");
    assert_eq!((cup.variants.len(), cup.stock, cup.codes.sku.as_deref()), (0, Some(7), Some("TAZA")));
}

#[tokio::test]
async fn shopify_older() {
    let whole = sample("shopify_older.csv", FileOptions::default()).await;
    assert_eq!(whole.problems, []);
    let boot = whole.product("bota-nieve");
    assert_eq!(boot.description, "Impermeable\nForro polar");
    assert_eq!(boot.photos.first(), Some(&url("https://cdn.tienda.example/bota-a.jpg")));
    assert_eq!((boot.photos.len(), boot.variants.len()), (3, 2));
    assert_eq!(boot.variants[0].codes.gtin.as_deref(), Some("8412345678905"));
    assert_eq!((price(boot.price), boot.stock), ("89.90".into(), None));
    assert_eq!(whole.product("gorro").sale, None);
}

#[tokio::test]
async fn woocommerce_english_with_a_variation_before_its_product() {
    let whole = sample("woocommerce_en.csv", FileOptions::default()).await;
    assert!(whole.description.starts_with("WooCommerce export"), "{}", whole.description);
    assert_eq!((whole.products.len(), whole.hidden, whole.problems.as_slice()), (2, 1, [].as_slice()));
    let hoodie = whole.product("30");
    assert_eq!(hoodie.description, "Warm.\nSoft hoodie.\nTwo pockets.");
    assert_eq!(hoodie.categories, [vec!["Clothing", "Hoodies"], vec!["Sale"]]);
    assert_eq!(hoodie.variants.len(), 2);
    assert_eq!(values(&hoodie.variants[0].attributes, "Color"), ["Blue"]);
    assert_eq!(price(hoodie.variants[1].sale.map(|sale| sale.price)), "40.00");
    assert_eq!(hoodie.variants[1].availability, Some(Availability::OutOfStock));
    assert!(values(&hoodie.attributes, "Color").is_empty(), "variants tell it: {:?}", hoodie.attributes);
    assert_eq!(values(&hoodie.attributes, "Weight"), ["0.5 kg"]);
    let cap = whole.product("33");
    assert_eq!((cap.name.as_str(), cap.categories[0][1].as_str()), ("Cap, plain", "Caps, hats"));
    // The last day of the sale is part of it: 2026-12-01 00:00.
    let sale = cap.sale.unwrap();
    assert_eq!((sale.from, sale.until), (Some(Timestamp(1_793_491_200)), Some(Timestamp(1_796_083_200))));
    assert!(whole.notes.iter().any(|note| note.contains("Meta: _custom")), "{:?}", whole.notes);
}

#[tokio::test]
async fn woocommerce_spanish_with_decimal_commas() {
    let whole = sample("woocommerce_es.csv", FileOptions::default()).await;
    assert_eq!(whole.problems, []);
    let dress = whole.product("101");
    assert_eq!(dress.description, "Fresco y ligero.\nLino natural");
    assert_eq!(dress.brand.as_deref(), Some("Telar"));
    assert_eq!(values(&dress.attributes, "Tejido"), ["Lino"]);
    assert_eq!(values(&dress.attributes, "Peso"), ["0.35 kg"]);
    assert_eq!(price(dress.variants[0].price), "1059.90");
    assert_eq!(price(dress.variants[0].sale.map(|sale| sale.price)), "49.90");
    assert_eq!(price(whole.product("104").price), "24.50");
}

#[tokio::test]
async fn prestashop_products_with_vat_and_combinations() {
    let mapping = Mapping::parse("vat = 21").unwrap();
    let options = FileOptions::default().mapping(mapping).combinations(data("prestashop_combinations.csv"));
    let whole = sample("prestashop_products.csv", options).await;
    assert!(whole.description.starts_with("PrestaShop file"), "{}", whole.description);
    assert_eq!((whole.products.len(), whole.hidden), (3, 1));
    let lamp = whole.product("1");
    assert_eq!((price(lamp.price), lamp.stock), ("60.00".into(), Some(14)));
    assert_eq!(lamp.categories, [vec!["Iluminación", "Lámparas"], vec!["Novedades"]]);
    assert_eq!(values(&lamp.attributes, "Potencia"), ["40 W"]);
    assert_eq!(lamp.codes.others, ["PROV-77"]);
    let chair = whole.product("2");
    assert_eq!(
        (price(chair.price), price(chair.sale.map(|sale| sale.price))),
        ("99.99".into(), "79.99".into())
    );
    let cushion = whole.product("4");
    assert_eq!(cushion.variants.len(), 2);
    assert_eq!(values(&cushion.variants[1].attributes, "Tamaño"), ["60x60"]);
    assert_eq!((price(cushion.price), price(cushion.variants[1].price)), ("12.10".into(), "18.15".into()));
    // Oversold, and a combination of nobody's.
    assert_eq!(whole.lines(), ["line 3 Quantity", "line 4 combinations"]);
    let without = sample("prestashop_products.csv", FileOptions::default()).await;
    assert!(without.notes.iter().any(|note| note.contains("without VAT")), "{:?}", without.notes);
}

#[tokio::test]
async fn vendure_rows_without_a_name_are_variants() {
    let whole = sample("vendure.csv", FileOptions::default()).await;
    assert!(whole.description.starts_with("Vendure file"), "{}", whole.description);
    assert_eq!(whole.problems, []);
    let laptop = whole.product("portatil");
    assert_eq!((laptop.photos.len(), laptop.variants.len()), (2, 2));
    assert_eq!(values(&laptop.attributes, "marca"), ["Norte"]);
    assert_eq!(values(&laptop.attributes, "memoria"), ["8 GB"], "the same in every variant");
    assert_eq!(values(&laptop.variants[1].attributes, "pantalla"), ["15 pulgadas"]);
    assert_eq!(price(laptop.price), "899.00");
    assert_eq!(whole.product("raton").variants, []);
}
