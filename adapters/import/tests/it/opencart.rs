//! A live OpenCart: tables after its published schema.

use vitrina_import::{DatabaseOptions, System};

use crate::common::{url, values};
use crate::database::{Shop, read};

#[tokio::test]
async fn products_as_the_shop_shows_them() {
    let Some(mut shop) =
        Shop::start(&format!("SET sql_mode = '';\n{}", include_str!("../data/opencart.sql"))).await
    else {
        return;
    };
    let mut options = DatabaseOptions::new(System::OpenCart, shop.url());
    options.base_url = Some("https://tienda.example/".into());
    let (products, problems, hidden) = read(options.clone()).await;
    assert_eq!((products.len(), hidden, problems.as_slice()), (2, 1, [].as_slice()));
    let pot = &products[0];
    assert_eq!(
        (pot.key.as_deref(), pot.name.as_str(), pot.description.as_str()),
        (Some("40"), "Maceta \"Sol\"", "Barro cocido")
    );
    assert_eq!(pot.categories, [["Hogar & jardín", "Macetas"]]);
    assert_eq!(
        (pot.price.unwrap().to_string(), pot.sale.unwrap().price.to_string()),
        ("12.10".into(), "9.68".into())
    );
    assert_eq!(
        (pot.codes.sku.as_deref(), pot.codes.others.as_slice()),
        (Some("SKU-40"), ["MAC-40".to_owned()].as_slice())
    );
    assert_eq!(
        (pot.brand.as_deref(), pot.stock, pot.tags.as_slice()),
        (Some("Barro"), Some(14), ["jardín".to_owned(), "terraza".into()].as_slice())
    );
    assert_eq!(values(&pot.attributes, "Tamaño"), ["S", "L"]);
    assert_eq!(values(&pot.attributes, "Material"), ["Barro"]);
    assert_eq!(
        pot.photos,
        [
            url("https://tienda.example/image/catalog/maceta.jpg"),
            url("https://tienda.example/image/catalog/maceta-2.jpg")
        ]
    );
    assert_eq!(pot.translations["en"].name, "Pot");
    assert_eq!(
        (products[1].codes.sku.as_deref(), products[1].price.unwrap().to_string()),
        (Some("SOLO-MODELO"), "5.00".into())
    );
    // The newest version keeps specials with the discounts.
    shop.run(
        "DROP TABLE oc_product_special; CREATE TABLE oc_product_discount (product_id INT, quantity INT, priority INT, price DECIMAL(15,4), \
         type CHAR(1), special TINYINT(1), date_start DATE, date_end DATE); \
         INSERT INTO oc_product_discount VALUES (40,1,1,7.0000,'F',1,'0000-00-00','0000-00-00'),(40,10,0,1.0000,'F',0,'0000-00-00','0000-00-00')",
    )
    .await;
    assert_eq!(read(options).await.0[0].sale.unwrap().price.to_string(), "8.47");
}
