//! Words as Spanish and English shoppers write them, and the order of what they find.

use super::*;

#[test]
fn words_meet_in_case_accents_number_and_gender() {
    let cases = [
        ("Luz de noche", "luces"),
        ("Luces de navidad", "luz"),
        ("Lápiz", "LAPICES"),
        ("Lápices de colores", "lápiz"),
        ("Sofá cama", "sofás"),
        ("Sofás", "sofa"),
        ("Café molido", "cafés"),
        ("Cafés del mundo", "café"),
        ("Camiseta", "camisetas"),
        ("Camisetas", "camiseta"),
        ("Jarrón rojo", "roja"),
        ("Lámpara roja", "rojos"),
        ("Botines rojos", "roja"),
        ("Cortinas rojas", "rojo"),
        ("Pantalón", "pantalones"),
        ("Pantalones", "pantalon"),
        ("Running shoe", "shoes"),
        ("Running shoes", "SHOE"),
        ("Wine glass", "glasses"),
        ("Batteries AA", "battery"),
        ("Niño", "niños"),
        ("Niños", "nino"),
        ("Pingüino de peluche", "pinguinos"),
        ("Cargador USB-C", "usb c"),
        ("Ropa (bebé)", "bebés"),
        ("Respiracio\u{301}n", "respiración"),
    ];
    for (name, text) in cases {
        let index = index_of([product(1, name), product(2, "Otra cosa")]);
        assert_eq!(found(&index, text), [1], "{text} in {name}");
    }
}

#[test]
fn names_in_catalan_portuguese_and_french_are_found() {
    let cases = [
        ("Cadira d'oficina amb rodes", "cadira oficina"),
        ("Cadira d'oficina amb rodes", "cadira d’oficina amb les rodes"),
        ("Col·lecció de sabates", "colleccio sabates"),
        ("Col·lecció de sabates", "COL·LECCIÓ"),
        ("Màquina de cafè", "maquina cafe"),
        ("Relógio de pulso com correia", "relogio de pulso"),
        ("Calções de praia para criança", "calcoes para crianca"),
        ("Pão de forma", "pao forma"),
        ("Mala de viagem da marca Aviã", "mala da viagem"),
        ("Chaise pour le bureau", "chaise de bureau"),
        ("Coquetier pour œuf à la coque", "coquetier oeuf"),
        ("Coquetier pour oeuf", "ŒUF"),
        ("Crème brûlée et façon maison", "creme brulee facon"),
        ("Étagère à chaussures", "etagere chaussure"),
        ("Lámpara Ærø", "lampara aero"),
        ("Geschirr für Groß und Klein", "gross klein"),
    ];
    for (name, text) in cases {
        let index = index_of([product(1, name), product(2, "Otra cosa")]);
        assert_eq!(found(&index, text), [1], "{text} in {name}");
    }
}

#[test]
fn words_that_differ_stay_apart() {
    for (name, text) in
        [("Casa", "caza"), ("Bote", "bota"), ("Plan", "plano"), ("Gas", "ga"), ("Sol", "sala")]
    {
        let index = index_of([product(1, name), product(2, text)]);
        assert_eq!(found(&index, text), [2], "{text} in {name}");
    }
}

#[test]
fn the_word_as_it_is_typed_comes_first() {
    let index =
        index_of([product(1, "Plato"), product(2, "Plata"), product(3, "Platos"), product(4, "Platas")]);
    assert_eq!(found(&index, "plata"), [2, 4, 1, 3]);
    assert_eq!(found(&index, "platos")[0], 3);
}

#[test]
fn category_of_that_name_comes_before_names_before_brand_before_description() {
    let index = index_of([
        Product { description: "junto a la playa".into(), ..product(1, "Toalla") },
        Product { brand: Some("Playa".into()), ..product(2, "Toalla") },
        in_category(3, "Toalla", 7, "Playa"),
        product(4, "Toalla de playa con un nombre largo"),
        in_category(5, "Sombrilla", 8, "Jardín"),
    ]);
    assert_eq!(found(&index, "playa"), [3, 4, 2, 1]);
}

#[test]
fn rare_words_decide_among_products_with_as_many_words() {
    let mut products: Vec<_> = (1..=50).map(|id| product(id, "Funda para movil")).collect();
    products.push(product(60, "Soporte magsafe"));
    let index = index_of(products);
    assert_eq!(found(&index, "funda magsafe")[..2], [60, 1]);
}

#[test]
fn stop_words_count_only_alone() {
    let index = index_of([product(1, "Cuadro de la casa de los gatos"), product(2, "Zapato piel")]);
    assert_eq!(found(&index, "zapatos de la piel"), [2]);
    assert_eq!(found(&index, "de la"), [1]);
}

#[test]
fn no_text_is_an_error() {
    let index = index_of([product(1, "Bota \0 rara 👟"), product(2, "AND OR NOT")]);
    let long = "zapato rojo ".repeat(1000);
    let letters = "x".repeat(10_000);
    let odd = [
        "+", "((", "\"abc", "AND", "name:x", "*", "?", "[1 TO", "\\", "👟", "\0", "a\0b", "\u{202e}", &long,
        &letters,
    ];
    for text in odd {
        for sort in [Sort::Relevance, Sort::Name] {
            page(&index, sort, text, 10, None);
        }
    }
    assert_eq!(found(&index, "and"), [2]);
    assert_eq!(found(&index, "👟"), [1, 2]);
    assert_eq!(found(&index, &letters), [0; 0]);
}
