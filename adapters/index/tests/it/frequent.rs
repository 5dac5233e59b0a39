//! Words that very many products have: how they are read changes no answer.

use super::*;

/// From 4,096 postings in a segment on what frequent words weigh is kept in memory.
const PRODUCTS: i64 = 16_000;
const PARTS: i64 = 4;

/// Words, and of how many products one has each; the last two stand in descriptions alone, next to no other.
const WORDS: [(&str, u64); 12] = [
    ("bota", 1),
    ("roja", 2),
    ("rojo", 3),
    ("piel", 3),
    ("suela", 5),
    ("goma", 7),
    ("forro", 30),
    ("lona", 70),
    ("hebilla", 900),
    ("talonera", 3000),
    ("impermeable", 2),
    ("ligera", 3),
];

/// A product with some of the words in its name, others in its description, in an order of its own.
fn some(id: i64) -> Product {
    let mut state = id as u64;
    let mut dice = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let (mut name, mut description) = (vec!["artículo"], Vec::new());
    for (word, one_of) in WORDS {
        if dice(one_of) == 0 {
            let described = dice(3) == 0 || ["impermeable", "ligera"].contains(&word);
            let text = if described { &mut description } else { &mut name };
            text.insert(dice(text.len() as u64 + 1) as usize, word);
        }
    }
    Product { description: description.join(" "), ..product(id, &name.join(" ")) }
}

#[test]
fn pages_are_those_of_parts_in_which_no_word_is_frequent() {
    let whole = index_of((1..=PRODUCTS).map(some));
    let parts = TantivyIndex::in_memory().unwrap();
    for part in 0..PARTS {
        let first = part * PRODUCTS / PARTS;
        apply(&parts, &changed((first + 1..=first + PRODUCTS / PARTS).map(some)), 1);
    }
    let asked = [
        "bota",
        "rojas",
        "bota piel",
        "botas rojas de piel",
        "suela goma bota",
        "roja forro",
        "lona roja bota",
        "hebilla suela",
        "talonera bota roja",
        "hebilla talonera lona",
        "bota desconocida piel",
        "impermeable ligera",
        "ligera impermeable bota",
        "hebilla ligera",
        "",
    ];
    for text in asked {
        for limit in [5, 100] {
            for facets in [FacetChoice::None, FacetChoice::All] {
                let of = |index: &TantivyIndex| {
                    block_on(index.text(&query(text).limit(limit).facets(facets.clone()))).unwrap()
                };
                let (ours, theirs) = (of(&whole), of(&parts));
                assert!(!ours.hits.is_empty(), "{text}");
                assert_eq!(ours.hits, theirs.hits, "{text}: {limit} {facets:?}");
                assert_eq!((&ours.next, ours.at_least), (&theirs.next, theirs.at_least), "{text}");
                assert_eq!(ours.facets, theirs.facets, "{text}");
                if !ours.at_least {
                    assert_eq!(ours.total, theirs.total, "{text}");
                }
            }
        }
    }
}

#[test]
fn what_is_kept_of_frequent_words_follows_changes() {
    let index = index_of((1..=PRODUCTS).map(some));
    let first = |text| ids(&page(&index, Sort::Relevance, text, 1, None))[0];
    let best = first("bota roja piel");
    apply(&index, &[Change::ProductDeleted(ProductId(best))], 2);
    assert_ne!(first("bota roja piel"), best);
    apply(&index, &changed([in_category(PRODUCTS + 1, "bota roja piel", 9, "Novedades")]), 3);
    let filter = Filter::default().categories(vec![CategoryId(9)]);
    let narrowed = query("bota roja piel").filter(filter);
    assert_eq!(ids(&block_on(index.text(&narrowed)).unwrap()), [PRODUCTS + 1]);
}
