//! Google Merchant feeds.

use vitrina_core::ErrorKind;
use vitrina_core::product::Availability;
use vitrina_import::FileOptions;

use crate::common::{data, sample, text, values};

#[tokio::test]
async fn rss_with_variants_apart() {
    let whole = sample("merchant.xml", FileOptions::default()).await;
    assert!(whole.description.starts_with("Google Merchant feed"), "{}", whole.description);
    assert_eq!(whole.problems, []);
    assert_eq!(whole.products.len(), 2);
    let shoe = whole.product("ZAP");
    assert_eq!((shoe.name.as_str(), shoe.description.as_str()), ("Zapato & cordón", "Piel vuelta"));
    assert_eq!(shoe.link.as_deref(), Some("https://tienda.example/zapato?t=38&c=1"));
    assert_eq!(shoe.categories, [["Calzado", "Zapatos"]]);
    assert_eq!(shoe.price.unwrap().to_string(), "1059.00");
    let [first, second] = shoe.variants.as_slice() else { panic!("{shoe:#?}") };
    assert_eq!(first.sale.unwrap().price.to_string(), "49.00");
    assert_eq!((first.key.as_deref(), second.key.as_deref()), (Some("ZAP-38"), Some("ZAP-39")));
    assert_eq!(second.availability, Some(Availability::Preorder));
    assert_eq!(values(&second.attributes, "size"), ["39"]);
    assert_eq!(values(&shoe.attributes, "color"), ["Marrón"]);
    let belt = whole.product("CIN");
    assert_eq!(belt.categories, [["Apparel & Accessories", "Belts"]]);
    assert_eq!(belt.availability, Some(Availability::OutOfStock));
}

#[tokio::test]
async fn atom_and_tab_separated() {
    let atom = sample("merchant_atom.xml", FileOptions::default()).await;
    let table = atom.product("1");
    assert_eq!((table.name.as_str(), table.description.as_str()), ("Mesa", "Roble"));
    assert_eq!(table.link.as_deref(), Some("https://tienda.example/mesa"));
    let rows = sample("merchant.tsv", FileOptions::default()).await;
    assert_eq!((rows.products.len(), rows.problems.as_slice()), (2, [].as_slice()));
    assert_eq!(rows.product("2").availability, Some(Availability::Backorder));
}

#[tokio::test]
async fn a_feed_that_is_cut_off_is_an_error_and_a_broken_item_is_not() {
    let feed = std::fs::read_to_string(data("merchant.xml")).unwrap();
    for end in ["</rss>", "</item>\n</channel>"] {
        let cut = &feed[..feed.rfind(end).unwrap()];
        let error = text("feed.xml", cut, FileOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
    let broken = feed.replace("<title>Cinturón</title>", "<title>Cinturón</titel>");
    let whole = text("feed.xml", broken, FileOptions::default()).await.unwrap();
    assert_eq!((whole.products.len(), whole.lines()), (1, vec!["line 17 item".to_owned()]));
    let unclosed = feed.replacen("</item>", "", 1);
    let whole = text("feed.xml", unclosed, FileOptions::default()).await.unwrap();
    assert_eq!((whole.products.len(), whole.lines()), (2, vec!["line 5 item".to_owned()]));
}
