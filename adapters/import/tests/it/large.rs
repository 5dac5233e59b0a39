//! Live shops of 20,000 products: imported, then followed through 500 changes and 50 removals.

use std::collections::BTreeMap;

use vitrina_core::NewProduct;
use vitrina_import::run::{ImportOptions, ImportRun, import};
use vitrina_import::{DatabaseOptions, DatabaseSource, System};

use crate::database::{Shop, read};
use crate::memory::Memory;

async fn run(options: &DatabaseOptions, shop: &Memory) -> ImportRun {
    let mut source = DatabaseSource::open(options.clone()).await.unwrap();
    let settings = ImportOptions::default().prune(true, 0.2);
    let run = import(&mut source, shop, &settings, &mut std::io::sink(), &|_| {}).await;
    assert_eq!((run.error.as_deref(), run.refused), (None, 0), "{run:?}");
    run
}

/// Compares what was imported with the source, field by field.
async fn assert_equal(options: &DatabaseOptions, shop: &Memory) {
    let by_key = |products: Vec<NewProduct>| -> BTreeMap<_, _> {
        products.into_iter().map(|product| (product.key.clone(), product)).collect()
    };
    let stored = by_key(shop.products.lock().unwrap().values().cloned().collect());
    assert_eq!(stored, by_key(read(options.clone()).await.0));
}

async fn followed(system: System, tables: &str, fill: &str, change: &str) {
    let Some(mut shop) = Shop::start(tables).await else { return };
    shop.run(fill).await;
    let (options, target) = (DatabaseOptions::new(system, shop.url()), Memory::default());
    let first = run(&options, &target).await;
    assert!(first.new >= 20_000, "{first:?}");
    let again = run(&options, &target).await;
    assert_eq!((again.new, again.changed, again.removed), (0, 0, 0));
    shop.run(change).await;
    let changed = run(&options, &target).await;
    assert_eq!((changed.new, changed.changed, changed.removed), (0, 500, 50));
    assert_equal(&options, &target).await;
}

#[tokio::test]
async fn prestashop() {
    let tables = format!("SET sql_mode = '';\n{}", include_str!("../data/prestashop.sql"))
        + "UPDATE ps_product_shop SET active = 0 WHERE id_product = 13";
    let fill = "INSERT INTO ps_product (id_product, id_manufacturer, reference) SELECT 1000 + seq, 1, CONCAT('R', seq) FROM seq_1_to_20000;
        INSERT INTO ps_product_shop (id_product, id_shop, id_category_default, id_tax_rules_group, price, active, date_upd)
            SELECT 1000 + seq, 1, 4, 1, seq / 100, 1, '2026-11-01' FROM seq_1_to_20000;
        INSERT INTO ps_product_lang SELECT 1000 + seq, 1, 1, CONCAT('Producto ', seq), '', '<p>Texto</p>', 'x' FROM seq_1_to_20000;
        INSERT INTO ps_stock_available (id_product, id_product_attribute, id_shop, id_shop_group, quantity, out_of_stock)
            SELECT 1000 + seq, 0, 1, 0, seq % 50, 2 FROM seq_1_to_20000";
    let change =
        "UPDATE ps_stock_available SET quantity = quantity + 100 WHERE id_product BETWEEN 2001 AND 2250;
        UPDATE ps_product_shop SET price = price + 1 WHERE id_product BETWEEN 3001 AND 3250;
        DELETE FROM ps_product_shop WHERE id_product BETWEEN 4001 AND 4050";
    followed(System::PrestaShop, &tables, fill, change).await;
}

#[tokio::test]
async fn woocommerce() {
    let fill = "INSERT INTO wp_posts (ID, post_title, post_excerpt, post_content, post_status, post_type)
            SELECT 1000 + seq, CONCAT('Producto ', seq), '', 'Texto', 'publish', 'product' FROM seq_1_to_20000;
        INSERT INTO wp_postmeta (post_id, meta_key, meta_value) SELECT 1000 + seq, '_regular_price', seq / 100 FROM seq_1_to_20000;
        INSERT INTO wp_postmeta (post_id, meta_key, meta_value) SELECT 1000 + seq, '_manage_stock', 'yes' FROM seq_1_to_20000;
        INSERT INTO wp_postmeta (post_id, meta_key, meta_value) SELECT 1000 + seq, '_stock', seq % 50 FROM seq_1_to_20000;
        ALTER TABLE wp_postmeta ADD INDEX (post_id);
        INSERT INTO wp_term_relationships (object_id, term_taxonomy_id) SELECT 1000 + seq, 2 FROM seq_1_to_20000";
    let change = "UPDATE wp_postmeta SET meta_value = meta_value + 100 WHERE meta_key = '_stock' AND post_id BETWEEN 2001 AND 2250;
        UPDATE wp_postmeta SET meta_value = meta_value + 1 WHERE meta_key = '_regular_price' AND post_id BETWEEN 3001 AND 3250;
        UPDATE wp_posts SET post_status = 'trash' WHERE ID BETWEEN 4001 AND 4050";
    followed(System::WooCommerce, include_str!("../data/woocommerce.sql"), fill, change).await;
}
