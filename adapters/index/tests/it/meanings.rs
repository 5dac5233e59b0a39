//! Synonyms that a shop uses for other things.

use super::vocabulary::index_with_synonyms;
use super::*;

/// A shop with these products of these categories, numbered from one.
fn shop(products: &[(&str, i64)]) -> TantivyIndex {
    let products = products.iter().zip(1..);
    index_with_synonyms(
        products.map(|((name, category), id)| in_category(id, name, *category, "Departamento")),
    )
}

#[test]
fn a_synonym_that_describes_other_things_finds_none_of_them() {
    let index = shop(&[
        ("Camiseta deportiva roja", 1),
        ("Zapatillas de lona rojas", 2),
        ("Zapatillas azules", 2),
        ("Raqueta de tenis roja", 3),
    ]);
    assert_eq!(found(&index, "zapatillas rojas")[..2], [2, 3]);
    assert_eq!(found(&index, "zapatillas"), [3, 2]);
    // The words themselves find them still.
    assert_eq!(found(&index, "camiseta deportiva")[0], 1);
    assert_eq!(found(&index, "raqueta de tenis")[0], 4);
}

#[test]
fn a_category_that_is_called_like_a_synonym_changes_nothing() {
    let index = index_with_synonyms([
        in_category(1, "Camiseta deportiva roja", 1, "Deportivas"),
        in_category(2, "Zapatillas azules", 2, "Zapatillas"),
    ]);
    assert_eq!(found(&index, "zapatillas"), [2]);
    assert_eq!(found(&index, "deportivas"), [1, 2]);
}

#[test]
fn a_synonym_that_names_the_thing_finds_it_beside_the_word() {
    // As the only name, as the first word of names elsewhere, further back in a name of the same category, more often
    // than the word.
    for (others, expected) in [
        (vec![("Tenis rojos", 2)], vec![1]),
        (vec![("Tenis rojos", 1), ("Zapatillas azules", 2), ("Zapatillas verdes", 2)], vec![1, 2, 3]),
        (vec![("Calzado tenis rojo", 2), ("Zapatillas azules", 2), ("Zapatillas verdes", 2)], vec![1, 2, 3]),
        (vec![("Calzado deportivas", 1), ("Calzado deportivas", 1), ("Zapatillas azules", 2)], vec![1, 2, 3]),
    ] {
        let index = shop(&others);
        let mut ids = found(&index, "zapatillas");
        ids.sort_unstable();
        assert_eq!(ids, expected, "{others:?}");
    }
}
