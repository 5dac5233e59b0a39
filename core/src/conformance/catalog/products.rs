//! The cases of products as shops have them, and of the tree of categories.

use super::{category, draft, listed};
use crate::catalog::{Change, FeedPosition, Filter, ListQuery, Sort};
use crate::product::{
    Attribute, AttributeValue, Availability, CategoryContents, Codes, ProductDraft, SalePrice, Texts,
    Timestamp, Variant,
};
use crate::{Catalog, Category, CategoryId, ErrorKind, Money, ProductId};

/// A draft with a key and one category.
fn keyed(key: &str, name: &str) -> ProductDraft {
    ProductDraft { key: Some(key.into()), ..draft(name, 1, 100) }
}

fn below(id: i64, name: &str, parent: i64) -> Category {
    Category::below(CategoryId(parent), CategoryId(id), name)
}

/// Hogar (1) > Cocina (2) > Hornos (3), Hogar > Jardín (4), Ofertas (5).
async fn tree(catalog: &dyn Catalog) {
    let tree = [
        below(3, "Hornos", 2),
        category(1, "Hogar"),
        below(2, "Cocina", 1),
        below(4, "Jardín", 1),
        category(5, "Ofertas"),
    ];
    catalog.upsert_categories(&tree).await.unwrap();
}

async fn paths(catalog: &dyn Catalog, id: ProductId) -> Vec<Vec<String>> {
    let product = catalog.products(&[id]).await.unwrap().remove(0);
    product.categories.iter().map(|path| path.names()).collect()
}

/// The products that came anew since `since`, and where the feed ends.
async fn anew(catalog: &dyn Catalog, since: FeedPosition) -> (Vec<ProductId>, FeedPosition) {
    let changes = catalog.changes(since, 1_000).await.unwrap();
    let id = |change: Change| match change {
        Change::Product { product, .. } => Some(product.id),
        _ => None,
    };
    let mut ids: Vec<_> = changes.changes.into_iter().filter_map(id).collect();
    ids.sort_unstable();
    (ids, changes.position)
}

pub async fn every_part_of_a_product_is_kept(catalog: &dyn Catalog) {
    tree(catalog).await;
    let number =
        |number, unit: Option<&str>| AttributeValue::Number { number, unit: unit.map(str::to_owned) };
    let attributes = vec![
        Attribute::text("color", "rojo «ñ» 🎽"),
        Attribute { name: "pantalla".into(), values: vec![number(15.6, Some("in")), number(0.3, None)] },
        Attribute { name: "táctil".into(), values: vec![AttributeValue::Flag(false)] },
    ];
    let sale = |from, until| SalePrice { price: Money::from_minor(1), from, until };
    let codes = Codes {
        sku: Some("311-992 D3".into()),
        gtin: Some("8412345678905".into()),
        mpn: Some("X/1".into()),
        others: vec!["proveedor 7".into()],
    };
    let variant = Variant {
        key: Some("v/rojo".into()),
        codes: codes.clone(),
        attributes: attributes.clone(),
        price: Some(Money::MAX),
        sale: Some(sale(Some(Timestamp(-5)), None)),
        stock: Some(u32::MAX),
        availability: Some(Availability::Preorder),
        photo: Some("cd/cdef.jpg".into()),
        link: Some("https://tienda.example/p/1?v=2&a=ñ".into()),
    };
    let full = ProductDraft {
        id: Some(ProductId(7)),
        key: Some("Ref/7 ñ".into()),
        name: "Horno".into(),
        description: "De sobremesa\n\"con\" grill".into(),
        brand: Some("Brasa".into()),
        price: Money::from_minor(9_999),
        sale: Some(sale(Some(Timestamp(1)), Some(Timestamp(4_000_000_000)))),
        categories: vec![CategoryId(3), CategoryId(5), CategoryId(1)],
        stock: Some(3),
        availability: Some(Availability::Backorder),
        photos: vec!["ab/abcd.jpg".into(), "https://cdn.example/2.jpg".into()],
        link: Some("http://tienda.example/p/1".into()),
        codes,
        attributes,
        tags: vec!["regalo".into(), "verano".into()],
        popularity: Some(0.8),
        translations: [("en".to_owned(), Texts { name: "Oven".into(), description: "Tabletop".into() })]
            .into(),
        updated_at: Some(Timestamp(1_700_000_000)),
        variants: vec![variant, Variant::default()],
    };
    catalog.upsert_products(std::slice::from_ref(&full)).await.unwrap();
    let kept = catalog.products(&[ProductId(7)]).await.unwrap().remove(0);
    assert_eq!(ProductDraft::from(kept), full);
    let bare = ProductDraft { id: Some(ProductId(7)), name: "b".into(), ..ProductDraft::default() };
    catalog.upsert_products(std::slice::from_ref(&bare)).await.unwrap();
    let kept = catalog.products(&[ProductId(7)]).await.unwrap().remove(0);
    assert_eq!(ProductDraft::from(kept), bare, "a replacement leaves nothing of what was there");
}

pub async fn a_key_leads_to_its_product(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let first = [keyed("a", "uno"), keyed("A", "otro"), draft("sin clave", 1, 1)];
    let ids = catalog.upsert_products(&first).await.unwrap();
    let again = catalog.upsert_products(&[keyed("a", "dos"), keyed("b", "tres")]).await.unwrap();
    assert_eq!(again[0], ids[0]);
    assert!(again[1] > ids[2]);
    assert_eq!(catalog.count().await.unwrap(), 4);
    let wanted = ["b", "", "a", "zzz", "A"].map(str::to_owned);
    let found = catalog.products_by_key(&wanted).await.unwrap();
    let names: Vec<_> = found.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["tres", "dos", "otro"]);
    assert!(catalog.products_by_key(&[]).await.unwrap().is_empty());
    // A key that is taken away leads nowhere, and may be given again.
    let unkeyed = ProductDraft { id: Some(ids[0]), ..draft("sin clave", 1, 1) };
    catalog.upsert_products(&[unkeyed]).await.unwrap();
    assert!(catalog.products_by_key(&["a".to_owned()]).await.unwrap().is_empty());
    let given = catalog.upsert_products(&[keyed("a", "nueva")]).await.unwrap();
    assert!(given[0] > again[1]);
    catalog.delete_products(&given).await.unwrap();
    assert!(catalog.products_by_key(&["a".to_owned()]).await.unwrap().is_empty());
}

pub async fn a_key_belongs_to_one_product(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let ids = catalog.upsert_products(&[keyed("a", "uno")]).await.unwrap();
    let other = ProductDraft { id: Some(ProductId(ids[0].0 + 5)), ..keyed("a", "otra") };
    let error = catalog.upsert_products(&[draft("buena", 1, 1), other]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("otra"), "{error}");
    assert_eq!(catalog.count().await.unwrap(), 1);
}

pub async fn of_several_drafts_for_one_product_the_last_counts(catalog: &dyn Catalog) {
    tree(catalog).await;
    let two = |draft: ProductDraft| ProductDraft { categories: vec![CategoryId(1), CategoryId(5)], ..draft };
    let batch =
        [two(keyed("a", "uno")), draft("sin clave", 1, 1), keyed("a", "dos"), two(keyed("b", "tres"))];
    let ids = catalog.upsert_products(&batch).await.unwrap();
    assert_eq!(ids[0], ids[2]);
    assert_eq!(catalog.count().await.unwrap(), 3);
    let products = catalog.products(&[ids[0], ids[3]]).await.unwrap();
    assert_eq!((products[0].name.as_str(), products[0].categories.len()), ("dos", 1));
    assert_eq!((products[1].name.as_str(), products[1].categories.len()), ("tres", 2));
}

pub async fn a_product_stands_in_several_categories(catalog: &dyn Catalog) {
    tree(catalog).await;
    let several = |name: &str, ids: &[i64]| ProductDraft {
        categories: ids.iter().copied().map(CategoryId).collect(),
        ..draft(name, 1, 100)
    };
    let drafts = [several("horno", &[3, 5]), several("maceta", &[4]), several("vale", &[5, 4])];
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    let hornos = ["Hogar", "Cocina", "Hornos"].map(str::to_owned).to_vec();
    assert_eq!(paths(catalog, ids[0]).await, [hornos, vec!["Ofertas".to_owned()]]);
    let of = |id: i64| Filter { categories: vec![CategoryId(id)], ..Filter::default() };
    assert_eq!(listed(catalog, of(1)).await, ["horno", "maceta", "vale"], "with all below");
    assert_eq!(listed(catalog, of(2)).await, ["horno"]);
    assert_eq!(listed(catalog, of(5)).await, ["horno", "vale"], "the further ones too");
    // The next category becomes the main one when the main one goes.
    assert!(catalog.delete_category(CategoryId(5), CategoryContents::Release).await.unwrap());
    assert_eq!(paths(catalog, ids[2]).await, [["Hogar", "Jardín"]]);
    assert_eq!(paths(catalog, ids[0]).await.len(), 1);
}

pub async fn categories_form_a_tree(catalog: &dyn Catalog) {
    tree(catalog).await;
    let mut named = below(6, "Sartenes", 2);
    named.translations.insert("en".into(), "Pans".into());
    catalog.upsert_categories(&[named.clone(), below(7, "Hornos", 4)]).await.unwrap();
    assert!(catalog.categories().await.unwrap().contains(&named));
    for bad in [
        below(8, "Hornos", 2),
        below(8, "Sillas", 77),
        below(1, "Hogar", 3),
        Category { parent: Some(CategoryId(8)), ..category(8, "Círculo") },
    ] {
        let error = catalog.upsert_categories(&[category(9, "Buena"), bad]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    assert_eq!(catalog.categories().await.unwrap().len(), 7);
}

pub async fn a_category_is_moved_with_what_is_below_it(catalog: &dyn Catalog) {
    tree(catalog).await;
    let more = ProductDraft { categories: vec![CategoryId(5), CategoryId(3)], ..draft("vale", 1, 1) };
    let ids = catalog.upsert_products(&[draft("horno", 3, 1), draft("maceta", 4, 1), more]).await.unwrap();
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    catalog.upsert_categories(&[below(2, "Cocina", 4)]).await.unwrap();
    let moved = ["Hogar", "Jardín", "Cocina", "Hornos"].map(str::to_owned);
    assert_eq!(paths(catalog, ids[0]).await, [moved]);
    let (products, at) = anew(catalog, at).await;
    assert_eq!(products, [ids[0], ids[2]], "products of categories below come anew");
    catalog.upsert_categories(&[category(1, "Casa")]).await.unwrap();
    let (products, _) = anew(catalog, at).await;
    assert_eq!(products, ids);
    assert_eq!(paths(catalog, ids[1]).await, [["Casa", "Jardín"]]);
}

pub async fn a_deleted_category_gives_its_children_to_its_parent(catalog: &dyn Catalog) {
    tree(catalog).await;
    let ids = catalog.upsert_products(&[draft("horno", 3, 1), draft("cocina", 2, 1)]).await.unwrap();
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    assert!(catalog.delete_category(CategoryId(2), CategoryContents::Release).await.unwrap());
    assert_eq!(paths(catalog, ids[0]).await, [["Hogar", "Hornos"]]);
    assert!(paths(catalog, ids[1]).await.is_empty());
    let (products, _) = anew(catalog, at).await;
    assert_eq!(products, ids);
    assert!(catalog.categories().await.unwrap().contains(&below(3, "Hornos", 1)));
    // Two of one name must not meet.
    catalog.upsert_categories(&[below(6, "Jardín", 3)]).await.unwrap();
    assert_eq!(
        catalog.delete_category(CategoryId(3), CategoryContents::Release).await.unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

pub async fn a_sale_price_counts_while_it_applies(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let priced = |name: &str, price, sale: i64, from: i64, until: i64| ProductDraft {
        sale: Some(SalePrice {
            price: Money::from_minor(sale),
            from: Some(Timestamp(from)),
            until: Some(Timestamp(until)),
        }),
        ..draft(name, 1, price)
    };
    let far = 4_000_000_000;
    let drafts = [
        draft("fija", 1, 500),
        priced("rebajada", 1_000, 300, 1, far),
        priced("acabada", 1_000, 300, 1, 2),
        priced("futura", 800, 100, far, far + 1),
        draft("barata", 1, 200),
    ];
    catalog.upsert_products(&drafts).await.unwrap();
    let cheap = Filter { max_price: Some(Money::from_minor(400)), ..Filter::default() };
    assert_eq!(listed(catalog, cheap).await, ["rebajada", "barata"]);
    let mut rising = Vec::new();
    let mut after = None;
    loop {
        let query = ListQuery { sort: Sort::PriceAscending, limit: 2, after, ..ListQuery::default() };
        let page = catalog.list(&query).await.unwrap();
        rising.extend(page.items.into_iter().map(|product| product.name));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(rising, ["barata", "rebajada", "fija", "futura", "acabada"]);
    let query = ListQuery { sort: Sort::PriceDescending, ..ListQuery::default() };
    let falling = catalog.list(&query).await.unwrap().items;
    assert_eq!(falling[0].name, "acabada");
    assert_eq!(falling[4].name, "barata");
}

pub async fn availability_and_variants_decide_what_is_in_stock(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let variant = |stock| Variant { stock, ..Variant::default() };
    let drafts = [
        ProductDraft {
            availability: Some(Availability::OutOfStock),
            stock: Some(5),
            ..draft("agotada", 1, 1)
        },
        ProductDraft { availability: Some(Availability::Preorder), stock: Some(0), ..draft("reserva", 1, 1) },
        ProductDraft { variants: vec![variant(Some(0)), variant(Some(0))], ..draft("sin tallas", 1, 1) },
        ProductDraft { variants: vec![variant(Some(0)), variant(Some(1))], ..draft("una talla", 1, 1) },
        ProductDraft { variants: vec![variant(None)], stock: Some(0), ..draft("nada", 1, 1) },
    ];
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    let stocked = Filter { in_stock: true, ..Filter::default() };
    assert_eq!(listed(catalog, stocked).await, ["reserva", "una talla"]);
    let products = catalog.products(&ids).await.unwrap();
    let in_stock: Vec<_> = products.iter().map(|product| product.in_stock()).collect();
    assert_eq!(in_stock, [false, true, false, true, false]);
}

pub async fn a_category_that_is_not_empty_is_not_deleted(catalog: &dyn Catalog) {
    tree(catalog).await;
    let more = ProductDraft { categories: vec![CategoryId(5), CategoryId(3)], ..draft("vale", 1, 1) };
    catalog.upsert_products(&[draft("maceta", 4, 1), more]).await.unwrap();
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    for (id, with) in [(2, "a category"), (4, "a product"), (3, "a product beside its main category")] {
        let error = catalog.delete_category(CategoryId(id), CategoryContents::Refuse).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{with}");
        assert!(error.to_string().contains(&format!("category {id}")), "{error}");
    }
    assert_eq!(catalog.categories().await.unwrap().len(), 5);
    assert!(catalog.changes(at, 10).await.unwrap().changes.is_empty());
    catalog.upsert_categories(&[category(9, "Vacía")]).await.unwrap();
    assert!(catalog.delete_category(CategoryId(9), CategoryContents::Refuse).await.unwrap());
    assert!(!catalog.delete_category(CategoryId(9), CategoryContents::Refuse).await.unwrap());
}

pub async fn what_is_in_a_deleted_category_moves(catalog: &dyn Catalog) {
    tree(catalog).await;
    let several = |name: &str, ids: &[i64]| ProductDraft {
        categories: ids.iter().copied().map(CategoryId).collect(),
        ..draft(name, 1, 1)
    };
    let drafts = [
        several("cuchillo", &[2]),
        several("delantal", &[2, 4]),
        several("tiesto", &[4, 2]),
        several("mesa", &[5, 2]),
        several("horno", &[3]),
    ];
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    for wrong in [2, 3, 77] {
        let wrong = CategoryContents::MoveTo(CategoryId(wrong));
        let error = catalog.delete_category(CategoryId(2), wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    let garden = CategoryContents::MoveTo(CategoryId(4));
    assert!(catalog.delete_category(CategoryId(2), garden).await.unwrap());
    let jardin = || vec!["Hogar".to_owned(), "Jardín".to_owned()];
    for id in &ids[..3] {
        assert_eq!(paths(catalog, *id).await, [jardin()], "each once");
    }
    assert_eq!(paths(catalog, ids[3]).await, [vec!["Ofertas".to_owned()], jardin()]);
    assert_eq!(paths(catalog, ids[4]).await, [["Hogar", "Jardín", "Hornos"]]);
    let (products, _) = anew(catalog, at).await;
    assert_eq!(products, ids, "all of them come anew");
    let of = |id: i64| Filter { categories: vec![CategoryId(id)], ..Filter::default() };
    assert_eq!(listed(catalog, of(4)).await, ["cuchillo", "delantal", "tiesto", "mesa", "horno"]);
    assert!(!catalog.delete_category(CategoryId(2), garden).await.unwrap());
}
