//! The commands that measure: `vitrina classify`, `vitrina eval`.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::process::{folder, photo, vitrina};

fn run(arguments: &[&str], folder: &Path) -> Output {
    vitrina().args(arguments).current_dir(folder).output().unwrap()
}

fn object(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn photos_are_classified_and_what_is_none_is_named() {
    let folder = folder();
    std::fs::write(folder.path().join("rojo.jpg"), photo([200, 30, 30])).unwrap();
    std::fs::write(folder.path().join("nota.txt"), "no soy una foto").unwrap();
    let seen = object(&run(&["classify", "--json", "rojo.jpg"], folder.path()));
    assert_eq!((&seen["photo"], &seen["model"]), (&"rojo.jpg".into(), &"efficientnet_lite1_lite2/1".into()));
    let scores: Vec<_> =
        seen["labels"].as_array().unwrap().iter().map(|label| label["score"].as_f64().unwrap()).collect();
    assert!(scores.len() >= 5 && scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    // 1,280 floats of 4 bytes for each of two networks, in base64.
    assert_eq!(seen["embedding"].as_str().unwrap().len(), (2 * 1280 * 4_usize).div_ceil(3) * 4);

    let mixed = run(&["classify", "nota.txt", "rojo.jpg"], folder.path());
    assert!(!mixed.status.success());
    assert!(String::from_utf8(mixed.stdout).unwrap().starts_with("rojo.jpg: "));
    let said = String::from_utf8(mixed.stderr).unwrap();
    assert!(said.contains("nota.txt") && said.contains("1 of 2 photos"), "{said}");
}

#[test]
fn neighbours_are_measured_beside_the_plain_cosine() {
    let folder = folder();
    // Two products in two colours each: by colour alone, the nearest is always the other product.
    let rows = [
        ("gorra-roja.jpg", "gorra", "Gorras", [200, 20, 20]),
        ("gorra-azul.jpg", "gorra", "Gorras", [20, 20, 200]),
        ("bolso-rojo.jpg", "bolso", "Bolsos", [205, 25, 20]),
        ("bolso-azul.jpg", "bolso", "Bolsos", [20, 25, 205]),
    ];
    let mut table = "file\tproduct\tcolour\tcategory\n".to_owned();
    for (file, product, category, colour) in rows {
        std::fs::write(folder.path().join(file), photo(colour)).unwrap();
        table += &format!("{file}\t{product}\t-\t{category}\n");
    }
    std::fs::write(folder.path().join("labels.tsv"), table).unwrap();
    let measured =
        run(&["eval", "similar", "--photos", ".", "--table", "labels.tsv", "--json"], folder.path());
    let figures = object(&measured);
    assert_eq!(figures["vitrina"]["queries"], 4.0);
    assert_eq!(figures["vitrina"]["mrr"], 1.0);
    assert!(figures["cosine"]["mrr"].as_f64().unwrap() <= 0.5);
    assert_eq!(figures["cosine"]["recall@10"], 1.0);

    let missing = run(&["eval", "similar", "--photos", ".", "--table", "nowhere.tsv"], folder.path());
    assert!(missing.status.success());
    assert!(String::from_utf8(missing.stdout).unwrap().contains("skipped"));
}

#[test]
fn photos_of_folders_are_measured() {
    let folder = folder();
    for (name, colour) in [("rojo", [200, 20, 20]), ("azul", [20, 20, 200])] {
        for (part, shade) in [("tienda", 0), ("clientes", 9)] {
            let category = folder.path().join(part).join(name);
            std::fs::create_dir_all(&category).unwrap();
            std::fs::write(category.join("foto.jpg"), photo(colour.map(|value| value + shade))).unwrap();
        }
    }
    let measured = ["eval", "image", "--catalog-photos", "tienda", "--query-photos", "clientes", "--json"];
    let figures = object(&run(&measured, folder.path()));
    assert_eq!(figures["queries"], 2.0);
    assert_eq!(figures["recall@1"], 1.0);
}
