//! Pages that go on while products come and go.

use std::collections::BTreeSet;

use super::*;

const SORTS: [Sort; 5] =
    [Sort::Relevance, Sort::PriceAscending, Sort::PriceDescending, Sort::Name, Sort::Newest];

/// Five hundred products that only their number tells apart, in several segments and out of order.
fn equals() -> TantivyIndex {
    let index = TantivyIndex::in_memory().unwrap();
    for start in [4, 2, 0, 1, 3] {
        apply(&index, &changed((0..100).map(|n| product(start * 100 + n + 1, "Bota de piel"))), start as u64);
    }
    index
}

#[test]
fn equals_come_exactly_once() {
    let index = equals();
    for sort in SORTS {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let hits = page(&index, sort, "botas piel", 24, after);
            assert_eq!(hits.total, 500);
            seen.extend(ids(&hits));
            after = hits.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected: Vec<_> = (1..=500).collect();
        if sort == Sort::Newest {
            expected.reverse();
        }
        assert_eq!(seen, expected, "{sort:?}");
    }
}

#[test]
fn pages_survive_deletions_and_additions() {
    for sort in SORTS {
        for text in ["botas", "bota piel", "bota roja piel", ""] {
            let index = equals();
            let (mut seen, mut after, mut gone) = (Vec::new(), None, BTreeSet::new());
            for round in 0.. {
                let hits = page(&index, sort, text, 29, after);
                seen.extend(ids(&hits));
                after = hits.next;
                if after.is_none() {
                    break;
                }
                // the last one seen, which the cursor names, one to come, and a new one
                let here = *seen.last().unwrap();
                let ahead = if sort == Sort::Newest { here - 31 } else { here + 31 };
                gone.extend([here, ahead]);
                let mut changes: Vec<_> =
                    [here, ahead].map(|id| Change::ProductDeleted(ProductId(id))).into();
                changes.extend(changed([product(1000 + round, "Bota de tela")]));
                apply(&index, &changes, 10 + round as u64);
            }
            let unique: BTreeSet<_> = seen.iter().copied().collect();
            assert_eq!(unique.len(), seen.len(), "{sort:?} {text}: one came twice");
            let stayed = (1..=500).filter(|id| !gone.contains(id));
            assert!(stayed.clone().all(|id| unique.contains(&id)), "{sort:?} {text}: one was left out");
        }
    }
}

#[test]
fn pages_to_the_end_of_many_products_survive_changes() {
    const PRODUCTS: i64 = 11_000;
    let name =
        |id: i64| format!("Bota {}", ["roja", "de piel", "", "para niña", "de piel roja"][id as usize % 5]);
    let index = TantivyIndex::in_memory().unwrap();
    for start in (0..PRODUCTS).step_by(2_200) {
        apply(&index, &changed((start + 1..=start + 2_200).map(|id| product(id, &name(id)))), 1);
    }
    let (mut seen, mut after, mut gone) = (BTreeSet::new(), None, BTreeSet::new());
    for round in 0_i64.. {
        let hits = page(&index, Sort::Relevance, "botas piel", 100, after);
        for id in ids(&hits) {
            assert!(seen.insert(id), "{id} came twice");
        }
        after = hits.next;
        if after.is_none() {
            break;
        }
        if round % 8 == 0 {
            // one goes, another is written anew as it is, a third is new
            let (out, again) = (round * 97 % PRODUCTS + 1, round * 89 % PRODUCTS + 1);
            gone.insert(out);
            let mut changes = changed([product(PRODUCTS + 1 + round, "Bota de agua")]);
            if !gone.contains(&again) {
                changes.extend(changed([product(again, &name(again))]));
            }
            changes.push(Change::ProductDeleted(ProductId(out)));
            apply(&index, &changes, 2 + round as u64);
        }
    }
    let lost: Vec<_> = (1..=PRODUCTS).filter(|id| !gone.contains(id) && !seen.contains(id)).collect();
    assert_eq!(lost, [0; 0]);
}

#[test]
fn scores_do_not_depend_on_how_the_index_came_about() {
    let products: Vec<_> = (1..=60)
        .map(|id| {
            product(id, ["Bota roja", "Bota de piel", "Zapato rojo de piel para niño"][id as usize % 3])
        })
        .collect();
    let straight = index_of(products.clone());
    let winding = TantivyIndex::in_memory().unwrap();
    for chunk in products.chunks(7) {
        apply(&winding, &changed((100..140).map(|id| product(id, "bota roja de piel"))), 1);
        apply(&winding, &changed(chunk.iter().cloned()), 2);
        apply(&winding, &changed(chunk.iter().cloned()), 3);
    }
    apply(&winding, &(100..140).map(|id| Change::ProductDeleted(ProductId(id))).collect::<Vec<_>>(), 4);
    for text in ["bota roja", "zapatos piel", "niños rojos bota"] {
        assert_eq!(
            page(&straight, Sort::Relevance, text, 100, None),
            page(&winding, Sort::Relevance, text, 100, None)
        );
    }
}

#[test]
fn a_cursor_of_another_sort_is_refused() {
    let index = equals();
    let cursor = page(&index, Sort::Name, "bota", 2, None).next;
    let answer = block_on(index.text(&query("bota").after(cursor)));
    assert_eq!(answer.unwrap_err().kind(), vitrina_core::ErrorKind::Invalid);
}

#[test]
fn made_up_cursors_are_no_panic() {
    let index = equals();
    for bits in [0, u32::MAX, f32::NAN.to_bits(), f32::NEG_INFINITY.to_bits()] {
        let after = Cursor {
            sort: Sort::Relevance,
            key: vitrina_core::catalog::CursorKey::Score(bits),
            id: i64::MAX,
        };
        page(&index, Sort::Relevance, "bota", 5, Some(after));
    }
    let after = Cursor { sort: Sort::Name, key: vitrina_core::catalog::CursorKey::Name("zzz".into()), id: 0 };
    assert!(page(&index, Sort::Name, "bota", 5, Some(after)).hits.is_empty());
    let after = Cursor { sort: Sort::Name, key: vitrina_core::catalog::CursorKey::Name("aaa".into()), id: 0 };
    assert_eq!(page(&index, Sort::Name, "bota", 5, Some(after)).hits.len(), 5);
}

#[test]
fn passing_over_what_cannot_come_on_the_page_changes_no_page() {
    let index = TantivyIndex::in_memory().unwrap();
    for start in 0..3 {
        let name = |n: i64| {
            let beside = ["piel", "roja", "alta", "de agua", "para niña"];
            let words = (0..n % 7).map(|at| beside[(n * 7 + at * 3) as usize % 5]);
            let what = if n % 4 == 1 { "Gorra" } else { "Bota" };
            format!("{} {what} {}", ["", "Gran", "Una"][n as usize % 3], words.collect::<Vec<_>>().join(" "))
        };
        let stocked = |n: i64| Product { stock: Some((n % 4) as u32), ..product(n, &name(n)) };
        apply(&index, &changed((start * 6000 + 1..=start * 6000 + 6000).map(stocked)), start as u64 + 1);
    }
    for text in ["bota", "botas roja", "bota piel alta", "bota gorra", "gorra bota gran"] {
        let (mut after, mut pages) = (None, 0);
        while pages < 4 {
            let ask = |facets| query(text).facets(facets).after(after.clone()).limit(30);
            let pruned = block_on(index.text(&ask(FacetChoice::None))).unwrap();
            let counted = block_on(index.text(&ask(FacetChoice::All))).unwrap();
            assert_eq!(pruned.hits, counted.hits, "{text}");
            assert!(pruned.total <= counted.total);
            (after, pages) = (pruned.next, pages + 1);
        }
    }
    assert!(page(&index, Sort::Relevance, "bota", 10, None).at_least);
}
