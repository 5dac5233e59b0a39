//! A file with thirty lines of mistakes: each is named with its line and column, and no other line suffers.

use vitrina_import::FileOptions;

use crate::common::{sample, text};

/// Line, column, a part of the reason, and whether the product is refused.
const EXPECTED: &[(u64, &str, &str, bool)] = &[
    (2, "name", "is missing", true),
    (3, "price", "is missing", true),
    (4, "precio", "is no amount", true),
    (5, "precio", "is negative", true),
    (6, "precio", "is no amount", true),
    (7, "precio", "more than two decimals", true),
    (8, "precio", "is in USD", true),
    (9, "precio", "out of range", true),
    (10, "precio oferta", "is not below", false),
    (11, "oferta hasta", "is no date", false),
    (12, "existencias", "is no number of pieces", true),
    (13, "existencias", "is no number of pieces", true),
    (14, "código de barras", "rounded by a spreadsheet", false),
    (15, "código de barras", "check digit", false),
    (16, "foto", "neither an http(s) URL", false),
    (17, "enlace", "is no http or https URL", false),
    (18, "activo", "neither yes nor no", true),
    (19, "actualizado", "is no date", false),
    (20, "peso", "is no number", false),
    (21, "disponibilidad", "is no availability", true),
    (22, "row", "columns", true),
    (23, "row", "columns", true),
    (24, "row", "closing quote", true),
    (25, "nombre", "Windows-1252", true),
    (27, "id", "line 26", true),
    (28, "existencias", "is negative", false),
    (29, "row", "not closed", true),
];

#[tokio::test]
async fn each_mistake_is_named_and_stops_nothing() {
    let whole = sample("errores.csv", FileOptions::default()).await;
    for (line, field, reason, refused) in EXPECTED {
        let found: Vec<_> = whole
            .problems
            .iter()
            .filter(|problem| problem.position.to_string() == format!("line {line}"))
            .collect();
        let [problem] = found.as_slice() else { panic!("line {line}: {found:#?}") };
        assert_eq!((problem.field.as_str(), problem.refused), (*field, *refused), "line {line}: {problem:?}");
        assert!(problem.reason.contains(reason), "line {line}: {problem:?}");
    }
    assert_eq!(whole.problems.len(), EXPECTED.len(), "{:#?}", whole.problems);
    let names: Vec<_> = whole.products.iter().map(|product| product.name.as_str()).collect();
    let kept = EXPECTED.iter().filter(|(.., refused)| !refused).count();
    assert_eq!(names.len(), kept + 2, "{names:?}");
    assert_eq!(names.last(), Some(&"Última"));
    assert!(whole.products.iter().all(|product| product.price.is_some_and(|price| price.minor() >= 1000)));
}

#[tokio::test]
async fn lines_that_are_too_long_are_refused_alone() {
    let long = "x".repeat(3 << 20);
    let rows = format!("nombre;precio\nA;1,00\n{long};2,00\nB;\"{long}\nC;3,00\n");
    let whole = text("a.csv", rows, FileOptions::default()).await.unwrap();
    let names: Vec<_> = whole.products.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["A", "C"]);
    assert_eq!(whole.lines(), ["line 3 row", "line 4 row"]);
    assert!(whole.problems.iter().all(|problem| problem.value.chars().count() <= 400));
}
