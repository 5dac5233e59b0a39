//! A live Magento 2: tables after its modules' published schemas.

use vitrina_core::product::{Availability, Timestamp};
use vitrina_import::{DatabaseOptions, DatabaseSource, System};

use crate::common::{url, values};
use crate::database::{Shop, read};

async fn shop() -> Option<Shop> {
    Shop::start(include_str!("../data/magento.sql")).await
}

#[tokio::test]
async fn products_as_the_shop_shows_them() {
    let Some(shop) = shop().await else { return };
    let options = DatabaseOptions::new(System::Magento, shop.url());
    let (products, problems, hidden) = read(options).await;
    assert_eq!((products.len(), hidden, problems.as_slice()), (3, 1, [].as_slice()));
    let cap = &products[0];
    assert_eq!(
        (cap.key.as_deref(), cap.name.as_str(), cap.description.as_str()),
        (Some("1"), "Gorra", "De algodón")
    );
    let sale = cap.sale.unwrap();
    assert_eq!((cap.price.unwrap().to_string(), sale.price.to_string()), ("12.10".into(), "9.68".into()));
    assert!(sale.from.is_some() && sale.until.unwrap() > Timestamp::now());
    // The category that is switched off is left out.
    assert_eq!(cap.categories, [["Ropa"]]);
    assert_eq!((cap.brand.as_deref(), cap.stock), (Some("Marca & Hijos"), Some(14)));
    assert_eq!(
        (cap.codes.sku.as_deref(), cap.codes.gtin.as_deref()),
        (Some("GORRA-1"), Some("8412345678905"))
    );
    assert_eq!(
        cap.photos,
        [
            url("https://tienda.example/media/catalog/product/g/o/gorra.jpg"),
            url("https://tienda.example/media/catalog/product/g/o/gorra-2.jpg")
        ]
    );
    assert_eq!(cap.link.as_deref(), Some("https://tienda.example/gorra.html"));
    assert_eq!(values(&cap.attributes, "Impermeable"), ["Sí"]);
    assert!(values(&cap.attributes, "Note").is_empty(), "customers do not see it");
    assert_eq!(cap.updated_at, Some(Timestamp(1_767_225_600)));

    let shirt = &products[1];
    assert_eq!((shirt.name.as_str(), shirt.price.unwrap().to_string()), ("Camiseta", "18.15".into()));
    assert_eq!(shirt.categories, [["Ropa", "Camisetas"]]);
    assert_eq!(values(&shirt.attributes, "Material"), ["Algodón", "Lino"]);
    let english = &shirt.translations["en"];
    assert_eq!((english.name.as_str(), english.description.as_str()), ("T-shirt", "Soft"));
    let variants: Vec<_> = shirt
        .variants
        .iter()
        .map(|variant| {
            let of = |name| values(&variant.attributes, name).join(",");
            (
                variant.codes.sku.as_deref().unwrap(),
                of("Color"),
                of("Talla"),
                variant.price.unwrap().to_string(),
            )
        })
        .collect();
    let expected = [("CAM-R-M", "Rojo", "M", "24.20"), ("CAM-A-L", "Azul", "L", "18.15")];
    assert_eq!(
        variants,
        expected.map(|(sku, color, size, price)| (sku, color.into(), size.into(), price.into()))
    );
    assert_eq!((shirt.variants[0].stock, shirt.variants[0].photo.is_some()), (Some(3), true));
    assert_eq!(shirt.variants[1].availability, Some(Availability::OutOfStock));

    // A group costs what the cheapest of its parts does.
    assert_eq!((products[2].name.as_str(), products[2].price.unwrap().to_string()), ("Pack", "12.10".into()));
}

#[tokio::test]
async fn another_view_another_language_and_prices_with_vat() {
    let Some(mut shop) = shop().await else { return };
    let mut options = DatabaseOptions::new(System::Magento, shop.url());
    options.language = Some("en".into());
    options.country = Some("gb".into());
    let (products, ..) = read(options.clone()).await;
    assert_eq!((products[0].name.as_str(), products[1].name.as_str()), ("Cap", "T-shirt"));
    assert_eq!(products[0].price.unwrap().to_string(), "12.00");
    assert_eq!(values(&products[0].attributes, "Waterproof"), ["Yes"]);
    assert_eq!(products[0].translations["es"].name, "Gorra");

    options.language = Some("fr".into());
    let refused = DatabaseSource::open(options.clone()).await.err().unwrap().to_string();
    assert!(refused.contains("it has es, en"), "{refused}");

    // Another website has products of its own.
    let mut outlet = DatabaseOptions::new(System::Magento, shop.url());
    outlet.shop = Some(3);
    assert_eq!(read(outlet).await.0[0].name, "Outlet");

    shop.run("INSERT INTO core_config_data (path, value) VALUES ('tax/calculation/price_includes_tax', '1')")
        .await;
    let (products, ..) = read(DatabaseOptions::new(System::Magento, shop.url())).await;
    assert_eq!(products[0].price.unwrap().to_string(), "10.00");

    // A change of a variant is one of its product.
    shop.run("UPDATE catalog_product_entity SET updated_at = '2026-06-01' WHERE entity_id = 3").await;
    let mut changed = DatabaseOptions::new(System::Magento, shop.url());
    changed.changed_since = Some(Timestamp(1_770_000_000));
    let names: Vec<_> = read(changed).await.0.into_iter().map(|product| product.name).collect();
    assert_eq!(names, ["Camiseta"]);

    // Adobe Commerce keeps versions by another number.
    shop.run("ALTER TABLE catalog_product_entity_varchar ADD row_id INT").await;
    let refused =
        DatabaseSource::open(DatabaseOptions::new(System::Magento, shop.url())).await.err().unwrap();
    assert!(refused.to_string().contains("row_id"), "{refused}");
}
