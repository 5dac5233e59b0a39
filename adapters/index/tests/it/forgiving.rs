//! Slips, halves of words, words joined and split, synonyms.

use super::*;
use vitrina_core::words::Synonyms;

/// What the project ships.
const SHIPPED: &str = include_str!("../../../../data/synonyms.json");

/// Products of these names, numbered from one, with these synonyms.
fn named(names: &[&str], synonyms: &str) -> TantivyIndex {
    let products = names.iter().zip(1..).map(|(name, id)| product(id, name));
    let index = TantivyIndex::in_memory().unwrap().with_synonyms(Synonyms::from_json(synonyms).unwrap());
    apply(&index, &changed(products), 1);
    index
}

fn shop() -> TantivyIndex {
    let synonyms = r#"{"version": 1, "groups": [["zapatillas", "tenis", "sneakers"], ["disco duro", "hdd"]],
        "one_way": [{"from": ["calzado"], "to": ["zapatillas"]}]}"#;
    let names = [
        "Zapatillas de running",
        "Portátil HP",
        "Auriculares inalámbricos",
        "Apple iPhone 15 Pro",
        "Monitor 27\" curvo",
        "Disco duro externo 1 TB",
        "Air Pods",
        "Repetidor Wi-Fi",
        "Pizarra de 5,5 cm",
        "Muñeca del año",
        "Jerséis de lana",
    ];
    named(&names, synonyms)
}

#[test]
fn what_was_meant_is_found() {
    let index = shop();
    for (text, id) in [
        ("zapatilals", 1),
        ("zapatllas", 1),
        ("auricualres inalanbricos", 3),
        ("iauriculares", 3),
        ("zapat", 1),
        ("porta", 2),
        ("porta tiles", 2),
        ("iphone15", 4),
        ("iphone 15", 4),
        ("27 pulgadas", 5),
        ("27\"", 5),
        ("1tb", 6),
        ("hdd", 6),
        ("airpods", 7),
        ("wifi", 8),
        ("wi fi", 8),
        ("5.5 cm", 9),
        ("muneca", 10),
        ("ano", 10),
        ("jersey", 11),
        ("tenis", 1),
        ("sneaker", 1),
        ("calzados", 1),
        ("auriclares", 3),
        ("auricularess", 3),
        ("portatties", 2), // the shop has the singular only
        ("piel repetdor wfi", 8),
        ("haurikulares", 3), // said alike
        ("zapatiyas", 1),
    ] {
        assert_eq!(found(&index, text).first(), Some(&id), "{text}");
    }
}

#[test]
fn an_unknown_word_has_the_synonyms_of_the_one_it_was_meant_for() {
    let synonyms = r#"{"version": 1, "groups": [["zapatillas", "tenis"]]}"#;
    let index = named(&["Tenis blancos", "Zapatillas negras"], synonyms);
    assert_eq!(found(&index, "zapatilals"), [2, 1]);
}

#[test]
fn an_exact_tilde_ranks_over_its_absence() {
    let index = index_of([product(1, "Ano"), product(2, "Año")]);
    assert_eq!(found(&index, "año"), [2, 1]);
    assert_eq!(found(&index, "ano"), [1, 2]);
}

#[test]
fn short_words_and_first_letters_are_trusted() {
    let index = index_of([product(1, "Gato"), product(2, "Camisetas"), product(3, "Casetas")]);
    assert_eq!(found(&index, "goto"), [0; 0]);
    assert_eq!(found(&index, "camisetsa"), [2]);
}

#[test]
fn the_right_spelling_is_proposed_with_its_accents() {
    let proposal = |text: &str| page(&shop(), Sort::Relevance, text, 10, None).did_you_mean;
    assert_eq!(proposal("auriculares inalambrcos").as_deref(), Some("auriculares inalámbricos"));
    assert_eq!(proposal("auriculares"), None);
    assert_eq!(proposal("qwertyuiop"), None);
}

#[test]
fn suggestions_say_something_and_say_it_once() {
    let names =
        ["Cámara digital", "Cámara de fotos", "Zapato negro", "Zapatos de fiesta", "Cámara del coche"];
    let index = index_of(names.iter().zip(1..).map(|(name, id)| product(id, name)));
    let queries = |text: &str| block_on(index.suggest(text, 6)).unwrap().queries;
    assert_eq!(queries("camara d"), ["camara digital"]);
    assert_eq!(queries("zap").len(), 1);
}

#[test]
fn a_kind_of_product_finds_what_makers_call_theirs() {
    let names =
        ["Samsung Galaxy Tab S6 Lite", "Apple iPad 10", "Tablet Lenovo", "HP LaserJet 4000", "Funda de piel"];
    let index = named(&names, SHIPPED);
    for (text, ids) in [
        ("tablet", vec![1, 2, 3]),
        ("tableta", vec![1, 2, 3]),
        ("impresora", vec![4]),
        ("printer", vec![4]),
        ("ipad", vec![2]), // who names one wants that one
    ] {
        let mut found = found(&index, text);
        found.sort_unstable();
        assert_eq!(found, ids, "{text}");
    }
    assert_eq!(found(&index, "tablet")[0], 3, "what has the word itself comes first");
}

#[test]
fn what_is_called_otherwise_elsewhere_is_found() {
    let names = [
        "Aguacate ecológico",
        "Fregona de microfibra",
        "Mesita de noche de pino",
        "Camiseta de tirantes",
        "SAI 700 VA",
        "Olla a presión 6 l",
        "Vigilabebés con cámara",
        "Piscina desmontable",
        "Olla",
        "Camiseta",
        "Mesita",
    ];
    let index = named(&names, SHIPPED);
    for (text, id) in [
        ("palta", 1),
        ("trapeador", 2),
        ("nightstand", 3),
        ("musculosa", 4),
        ("uninterruptible power supply", 5),
        ("olla exprés", 6),
        ("baby monitor", 7),
        ("alberca", 8),
    ] {
        assert_eq!(found(&index, text).first(), Some(&id), "{text}");
    }
}
