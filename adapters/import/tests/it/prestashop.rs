//! A live PrestaShop: tables after its published schema.

use vitrina_core::product::{Availability, Timestamp};
use vitrina_import::{DatabaseOptions, DatabaseSource, System};

use crate::common::{url, values};
use crate::database::{Shop, read};

#[tokio::test]
async fn products_as_the_shop_shows_them() {
    let Some(mut shop) =
        Shop::start(&format!("SET sql_mode = '';\n{}", include_str!("../data/prestashop.sql"))).await
    else {
        return;
    };
    shop.run("SET GLOBAL general_log = 1; SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log").await;
    let options = DatabaseOptions::new(System::PrestaShop, shop.url());
    let (products, problems, hidden) = read(options.clone()).await;
    assert_eq!((products.len(), hidden), (2, 1));
    let named: Vec<_> =
        problems.iter().map(|problem| format!("{} {}", problem.position, problem.field)).collect();
    assert_eq!(named, ["product 13 name"]);

    let shirt = &products[0];
    assert_eq!((shirt.key.as_deref(), shirt.name.as_str()), (Some("10"), "Camisa Lino"));
    assert_eq!(shirt.description, "Corta\nLarga y fresca");
    assert_eq!(
        (shirt.translations["en"].name.as_str(), shirt.translations["en"].description.as_str()),
        ("Linen shirt", "Cool")
    );
    assert_eq!(
        (shirt.price.unwrap().to_string(), shirt.sale.unwrap().price.to_string()),
        ("19.99".into(), "15.99".into())
    );
    assert_eq!((shirt.sale.unwrap().from, shirt.sale.unwrap().until), (None, None));
    // A name with `>` stays whole; the root and the switched-off category are left out.
    assert_eq!(shirt.categories, [vec!["Ropa", "Camisas > Blusas"], vec!["Ropa"]]);
    assert_eq!(
        (shirt.brand.as_deref(), shirt.stock, shirt.tags.as_slice()),
        (Some("Telar"), Some(7), ["verano".to_owned()].as_slice())
    );
    assert_eq!(values(&shirt.attributes, "Tejido"), ["Lino"]);
    assert_eq!(values(&shirt.attributes, "Talla"), ["M"], "the same in every combination");
    assert_eq!(
        shirt.photos,
        [
            url("https://tienda.example/img/p/1/2/3/123.jpg"),
            url("https://tienda.example/img/p/1/2/4/124.jpg")
        ]
    );
    assert_eq!(
        shirt.link.as_deref(),
        Some("https://tienda.example/index.php?controller=product&id_product=10")
    );
    assert_eq!(
        (shirt.codes.gtin.as_deref(), shirt.codes.mpn.as_deref()),
        (Some("8412345678905"), Some("MP-1"))
    );
    let [red, blue] = shirt.variants.as_slice() else { panic!("{shirt:#?}") };
    assert_eq!((red.key.as_deref(), red.codes.sku.as_deref()), (Some("100"), Some("CAM-1-R")));
    assert_eq!(values(&blue.attributes, "Color"), ["Azul"]);
    assert_eq!(
        (blue.price.unwrap().to_string(), blue.sale.unwrap().price.to_string()),
        ("29.99".into(), "23.99".into())
    );
    assert_eq!((blue.stock, blue.availability), (Some(0), Some(Availability::Backorder)));
    assert_eq!(blue.photo, Some(url("https://tienda.example/img/p/1/2/4/124.jpg")));

    let bread = &products[1];
    // Reduced VAT, an amount off with VAT, the stock of the group of shops.
    assert_eq!(
        (bread.price.unwrap().to_string(), bread.sale.unwrap().price.to_string()),
        ("10.00".into(), "9.00".into())
    );
    assert_eq!(bread.stock, Some(30));

    shop.run("SET GLOBAL general_log = 0").await;
    let sent: Vec<String> = sqlx::query_scalar(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND argument NOT LIKE '%general_log%'",
    )
    .fetch_all(&mut shop.connection)
    .await
    .unwrap();
    assert!(sent.iter().any(|sql| sql.contains("ps_product_lang")), "{sent:?}");
    for sql in sent {
        let reads = ["SELECT", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "SET "];
        assert!(reads.iter().any(|begin| sql.starts_with(begin)), "{sql}");
    }

    // Another shop, another language, another country.
    let mut other = options.clone();
    other.country = Some("FR".into());
    let (products, ..) = read(other).await;
    assert_eq!(products[0].price.unwrap().to_string(), "19.82");
    let mut english = options.clone();
    english.language = Some("en".into());
    let (products, ..) = read(english).await;
    assert_eq!(
        (products[0].name.as_str(), products[0].translations["es"].name.as_str()),
        ("Linen shirt", "Camisa Lino")
    );
    let mut since = options.clone();
    since.changed_since = Some(Timestamp(1_795_000_000));
    let (products, ..) = read(since).await;
    assert_eq!(products.iter().map(|product| product.name.as_str()).collect::<Vec<_>>(), ["Pan"]);
    let mut second = options.clone();
    second.shop = Some(2);
    let (products, ..) = read(second).await;
    assert_eq!((products[0].name.as_str(), products[0].stock), ("Otra tienda", Some(99)));

    // What is wrong says what to do.
    let mut wrong = options.clone();
    wrong.language = Some("fr".into());
    assert!(DatabaseSource::open(wrong).await.err().unwrap().to_string().contains("it has es, en"));
    let woo = DatabaseOptions::new(System::WooCommerce, shop.url());
    assert!(DatabaseSource::open(woo).await.err().unwrap().to_string().contains("holds no WooCommerce shop"));
}

#[tokio::test]
async fn an_older_version_with_another_prefix_beside_another_shop() {
    let tables = include_str!("../data/prestashop.sql").replace("ps_", "tienda_");
    let Some(mut shop) = Shop::start(&format!("SET sql_mode = '';\n{tables}")).await else { return };
    // 1.7 has no `mpn`; 1.6 no `state`.
    shop.run(
        "ALTER TABLE tienda_product DROP mpn, DROP state; ALTER TABLE tienda_product_attribute DROP mpn",
    )
    .await;
    let options = DatabaseOptions::new(System::PrestaShop, shop.url());
    let (products, ..) = read(options.clone()).await;
    assert_eq!((products.len(), products[0].codes.mpn.as_deref()), (2, None));
    shop.run("CREATE TABLE vieja_product_shop (id_product INT)").await;
    let error = DatabaseSource::open(options.clone()).await.err().unwrap();
    assert!(error.to_string().contains("tienda_, vieja_"), "{error}");
    let mut chosen = options;
    chosen.prefix = Some("tienda_".into());
    assert_eq!(read(chosen).await.0.len(), 2);
}
