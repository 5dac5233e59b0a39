//! What a query asks for: the thing itself, its accessory, what it lacks, what it costs.

use super::*;
use vitrina_core::product::{SalePrice, Timestamp};
use vitrina_core::words::{Lexicon, PriceOrder, Synonyms};

const LEXICON: &str = include_str!("../../../../data/lexicon.json");

/// A small shop of computers, with the shipped lexicon and a few words that are spelt right.
fn shop() -> TantivyIndex {
    let lexicon = Lexicon::from_json(LEXICON).unwrap();
    let lexicon =
        lexicon.with_right_words("barato\nsalón\nblanco\nfunda\nportátil\n", "printer\nbag\ncamera\n");
    let synonyms = r#"{"version": 1, "groups": [["inalámbrico", "sin cable"]]}"#;
    let index = TantivyIndex::in_memory().unwrap().with_synonyms(Synonyms::from_json(synonyms).unwrap());
    let index = index.with_lexicon(lexicon);
    let names = [
        "Funda portátil - Acme",
        "Funda para portátil - Ecma, 15 pulgadas",
        "Radio portátil - Acme R1",
        "Portátil - Acme Libro 15, Intel, 8 GB, 256 GB, pantalla de 15 pulgadas, color blanco, con funda",
        "Portátil - Ecma Uno, 4 GB",
        "Portátil gaming - Ecma Dos, 16 GB",
        "Teclado - Acme K1, con cable",
        "Teclado inalámbrico - Acme K2",
        "Auriculares Bluetooth - Acme",
        "Cuerda para gimnasio con auriculares",
        "Auriculares - Ecma",
    ];
    let products = names.iter().zip(1..).map(|(name, id)| Product {
        price: Money::from_minor(if id == 3 { 2_000 } else { 10_000 * (12 - id) }),
        ..in_category(id, name, 7, "Informática")
    });
    apply(&index, &changed(products), 1);
    index
}

#[test]
fn vague_words_alone_find_only_what_there_is() {
    let index = shop();
    apply(&index, &[Change::ProductDeleted(ProductId(11))], 2);
    for text in ["bota", "barato", "para", "una", "xyz", "cable bota"] {
        assert!(found(&index, text).iter().all(|id| (1..=10).contains(id)), "{text}");
    }
}

#[test]
fn the_thing_itself_comes_before_what_belongs_to_it() {
    let index = shop();
    let mut first = found(&index, "portátil")[..3].to_vec();
    first.sort_unstable();
    assert_eq!(first, [4, 5, 6]);
    assert_eq!(found(&index, "portátil acme")[0], 4);
}

#[test]
fn who_names_an_accessory_gets_it() {
    let index = shop();
    for text in ["funda portátil", "fundas para portátil", "una funda"] {
        assert!([1, 2].contains(&found(&index, text)[0]), "{text}");
    }
}

#[test]
fn categories_are_predicted_from_the_catalogue() {
    let index = index_of([
        in_category(1, "Queso curado", 1, "Charcutería y quesos"),
        in_category(2, "Queso fresco", 1, "Charcutería y quesos"),
        in_category(3, "Sándwich de queso", 2, "Platos preparados"),
    ]);
    let reported = page(&index, Sort::Relevance, "queso", 10, None).categories;
    assert_eq!(reported[0].category, CategoryId(1));
    assert!(reported[0].score > 0.5);
}

#[test]
fn what_a_thing_is_for_is_not_needed() {
    let index =
        index_of([product(1, "Auriculares - Acme"), product(2, "Banco - Acme, apto gimnasio y auriculares")]);
    assert_eq!(found(&index, "auriculares para el gimnasio")[0], 1);
}

#[test]
fn what_a_thing_lacks_is_read_with_its_word() {
    let index = shop();
    assert_eq!(found(&index, "teclado sin cable")[0], 8);
    let index = index_of([product(1, "Freidora de aceite"), product(2, "Freidora sin aceite")]);
    assert_eq!(found(&index, "freidora sin aceite")[0], 2);
}

#[test]
fn what_has_the_unwanted_comes_last_where_no_product_says_that_it_lacks_it() {
    let shoes = |last: &str| {
        index_of([
            product(1, "Zapatos con cordones"),
            product(2, "Zapatos de vestir"),
            Product { description: "Con cordones planos.".into(), ..product(3, "Zapatos rojos") },
            product(4, last),
            product(5, "Calcetines"),
        ])
    };
    let index = shoes("Zapatos azules");
    for text in
        ["zapatos sin cordones", "zapatos sin los cordones", "zapatos without cordón", "zapatos sin cordnes"]
    {
        let mut ids = found(&index, text);
        ids[..2].sort_unstable();
        assert_eq!(ids, [2, 4, 1, 3], "{text}");
    }
    let hits = page(&index, Sort::Relevance, "zapatos sin cordnes", 10, None);
    assert_eq!(hits.did_you_mean.as_deref(), Some("zapatos sin cordones"));
    assert_eq!(page(&index, Sort::Relevance, "zapatos sin brillo", 10, None).unknown, ["brillo"]);
    assert_eq!(found(&index, "sin cordones"), [2, 4, 5]);
    let index = shoes("Zapatos sin cordones");
    assert_eq!(found(&index, "zapatos sin cordones"), [4, 2, 1, 3]);
}

#[test]
fn what_is_excluded_is_not_found() {
    let index = shop();
    let without = |text: &str, word: &str| {
        let ask = query(text).without(vec![word.into()]).facets(FacetChoice::All);
        let hits = block_on(index.text(&ask)).unwrap();
        (ids(&hits), hits.facets.unwrap().categories.first().map_or(0, |(_, count)| *count))
    };
    let (mut found, counted) = without("portátil gaming", "acme");
    found.sort_unstable();
    assert_eq!((found, counted), (vec![2, 5, 6], 3));
    assert_eq!(without("teclado", "cable").0, [8]);
    assert_eq!(without("", "acme").0.len(), 5);
}

#[test]
fn every_score_is_the_sum_of_its_terms() {
    let index = shop();
    let sold_out =
        Product { stock: Some(0), ..in_category(12, "Portátil - Ecma Agotado", 7, "Informática") };
    apply(&index, &changed([sold_out]), 2);
    for text in ["portátil acme", "funda para portátil", "teclado sin cable", "portatl acme", "portátil", ""]
    {
        let ask = query(text).explain(true).price_order(Some(PriceOrder::Cheap));
        let hits = block_on(index.text(&ask)).unwrap();
        assert_eq!(hits.explanations.len(), hits.hits.len(), "{text}");
        for (hit, explanation) in hits.hits.iter().zip(&hits.explanations) {
            assert_eq!(explanation.product, hit.product);
            assert!((explanation.score() - hit.score).abs() < 1e-4, "{text}: {hit:?} {explanation:#?}");
        }
    }
    let ask = query("portatl acme").explain(true);
    let hits = block_on(index.text(&ask)).unwrap();
    let words = &hits.explanations[0].words;
    assert_eq!((words[0].word.as_str(), words[0].matched.as_deref()), ("portatl", Some("portatil")));
    assert!(words.iter().all(|word| word.worth > 0.0 && word.score > 0.0));
}

#[test]
fn a_right_word_that_is_not_sold_is_told_and_not_corrected() {
    let index = shop();
    let reported = |text: &str| {
        let hits = page(&index, Sort::Relevance, text, 10, None);
        (hits.did_you_mean, hits.unknown)
    };
    assert_eq!(reported("portátil salón"), (None, vec!["salón".to_owned()]));
    assert_eq!(reported("portatl"), (Some("portátil".to_owned()), vec![]));
}

#[test]
fn english_brands_are_found_as_they_are_heard() {
    let index = index_of([
        product(1, "Auriculares Bluetooth"),
        product(2, "Roomba i7"),
        product(3, "Impresora Samsung"),
        product(4, "Scanner"),
        product(5, "Funda WhatsApp"),
    ]);
    for (text, id) in [
        ("blutuz", 1),
        ("roomva", 2),
        ("rumba", 2),
        ("sansung", 3),
        ("inpresora", 3),
        ("escaner", 4),
        ("guasap", 5),
    ] {
        assert_eq!(found(&index, text).first(), Some(&id), "{text}");
    }
}

#[test]
fn prices_order_what_was_asked_for_and_nothing_else() {
    let index = shop();
    let first = |order| {
        let ask = query("portátil").price_order(Some(order));
        ids(&block_on(index.text(&ask)).unwrap())[..3].to_vec()
    };
    assert_eq!(first(PriceOrder::Cheap)[0], 6);
    assert_ne!(first(PriceOrder::Expensive)[0], 6);
    assert!(!first(PriceOrder::Cheap)[..2].contains(&3), "a radio costs less and is none");
}

#[test]
fn prices_that_are_reduced_now_are_those_that_order() {
    let sale = |price, until| SalePrice { price: Money::from_minor(price), from: None, until };
    let laptop = |id, price, sale| Product {
        price: Money::from_minor(price),
        sale,
        ..in_category(id, "Portátil ligero", 1, "Informática")
    };
    let index = index_of([
        laptop(1, 50_000, None),
        laptop(2, 90_000, Some(sale(30_000, None))),
        laptop(3, 70_000, Some(sale(10_000, Some(Timestamp(1))))),
    ]);
    let ordered = |order| {
        let ask = query("portátil").price_order(Some(order));
        ids(&block_on(index.text(&ask)).unwrap())
    };
    assert_eq!(ordered(PriceOrder::Cheap), [2, 1, 3], "the sale of 3 is over");
    assert_eq!(ordered(PriceOrder::Expensive), [3, 1, 2]);
}

#[test]
fn names_in_english_do_not_begin_with_what_they_are() {
    let lexicon = Lexicon::empty().with_right_words("bolsa\n", "camera\nbag\nblack\n");
    let index = TantivyIndex::in_memory().unwrap().with_lexicon(lexicon);
    apply(&index, &changed([product(1, "Black camera bag"), product(2, "Bag clip")]), 1);
    assert_eq!(found(&index, "camera bag")[0], 1);
    assert_eq!(found(&index, "bag").len(), 2);
}
