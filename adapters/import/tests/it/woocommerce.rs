//! A live WooCommerce: WordPress's tables after their published schema.

use vitrina_core::product::{Availability, Timestamp};
use vitrina_import::{DatabaseOptions, System};

use crate::common::{url, values};
use crate::database::{Shop, read};

#[tokio::test]
async fn products_as_the_shop_shows_them() {
    let Some(mut shop) = Shop::start(include_str!("../data/woocommerce.sql")).await else { return };
    let options = DatabaseOptions::new(System::WooCommerce, shop.url());
    let (products, problems, hidden) = read(options.clone()).await;
    assert_eq!((products.len(), hidden, problems.as_slice()), (2, 1, [].as_slice()));

    let dress = &products[0];
    assert_eq!(
        (dress.key.as_deref(), dress.name.as_str(), dress.description.as_str()),
        (Some("50"), "Vestido Alba", "Ligero\nLino")
    );
    assert_eq!(dress.categories, [["Ropa", "Vestidos"]], "the category above is left out");
    assert_eq!((dress.brand.as_deref(), dress.popularity), (Some("Telar"), Some(12.0)));
    assert_eq!(dress.link.as_deref(), Some("https://tienda.example/?post_type=product&p=50"));
    let uploads = "https://tienda.example/wp/wp-content/uploads/2026/11";
    assert_eq!(dress.photos, [url(&format!("{uploads}/alba.jpg")), url(&format!("{uploads}/alba-2.jpg"))]);
    assert_eq!(values(&dress.attributes, "peso"), ["0.35 kg"]);
    let [red, blue] = dress.variants.as_slice() else { panic!("{dress:#?}") };
    assert_eq!((red.key.as_deref(), blue.key.as_deref()), (Some("52"), Some("51")), "in the shop's order");
    assert_eq!(values(&blue.attributes, "Color"), ["Azul marino"]);
    assert_eq!(values(&blue.attributes, "Tamaño"), ["S"]);
    assert_eq!(
        (blue.price.unwrap().to_string(), blue.sale.unwrap().price.to_string()),
        ("50.00".into(), "40.00".into())
    );
    let sale = blue.sale.unwrap();
    assert_eq!((sale.from, sale.until), (Some(Timestamp(1_793_491_200)), Some(Timestamp(1_796_083_200))));
    assert_eq!((blue.stock, blue.codes.gtin.as_deref()), (Some(3), Some("8412345678905")));
    assert_eq!(blue.photo, Some(url(&format!("{uploads}/alba-2.jpg"))));
    assert_eq!((red.stock, red.availability), (None, Some(Availability::OutOfStock)));

    let tea = &products[1];
    assert_eq!((tea.name.as_str(), tea.price.unwrap().to_string().as_str()), ("Té & tila", "5.01"));
    assert_eq!(tea.availability, Some(Availability::Backorder));

    // Prices with VAT are taken as they are.
    shop.run(
        "UPDATE wp_options SET option_value = 'yes' WHERE option_name = 'woocommerce_prices_include_tax'",
    )
    .await;
    assert_eq!(read(options.clone()).await.0[1].price.unwrap().to_string(), "4.55");

    // One language of several.
    shop.run(
        "CREATE TABLE wp_icl_translations (translation_id BIGINT PRIMARY KEY, element_type VARCHAR(60), element_id BIGINT, trid BIGINT, \
         language_code VARCHAR(7), source_language_code VARCHAR(7)); \
         INSERT INTO wp_icl_translations VALUES (1,'post_product',50,1,'es',NULL),(2,'post_product',55,1,'en','es')",
    )
    .await;
    let (products, ..) = read(options).await;
    assert_eq!(products.iter().map(|product| product.key.as_deref().unwrap()).collect::<Vec<_>>(), ["50"]);
}
