//! The same products in every encoding, packed or not.

use std::io::Write;

use encoding_rs::{UTF_16LE, WINDOWS_1252};
use flate2::Compression;
use flate2::write::GzEncoder;
use vitrina_core::NewProduct;
use vitrina_import::{FileOptions, Mapping};

use crate::common::{data, sample, text};

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

async fn products(bytes: impl AsRef<[u8]>) -> (String, Vec<NewProduct>) {
    let whole = text("productos.csv", bytes, FileOptions::default()).await.unwrap();
    assert_eq!(whole.problems, [], "{}", whole.description);
    (whole.description, whole.products)
}

#[tokio::test]
async fn every_encoding_gives_the_same_products() {
    let file = std::fs::read_to_string(data("tienda.csv")).unwrap();
    let expected = sample("tienda.csv", FileOptions::default()).await.products;
    assert_eq!(expected.len(), 3);
    let windows = WINDOWS_1252.encode(&file).0.into_owned();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&windows).unwrap();
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
    for (bytes, name) in [
        (windows, "windows-1252"),
        (packed.finish().unwrap(), "windows-1252"),
        (marked(b"\xef\xbb\xbf", file.clone().into_bytes()), "UTF-8"),
        (marked(b"\xff\xfe", utf16(&file, false)), UTF_16LE.name()),
        (marked(b"\xfe\xff", utf16(&file, true)), "UTF-16BE"),
        (utf16(&file, false), UTF_16LE.name()),
        (file.replace('\n', "\r\n").into_bytes(), "UTF-8"),
        (format!("sep=;\n{file}").into_bytes(), "UTF-8"),
    ] {
        let (description, found) = products(&bytes).await;
        assert!(description.contains(name), "{description}, not {name}");
        let found: Vec<_> =
            found.iter().map(|product| (&product.name, product.price, &product.categories)).collect();
        let wanted: Vec<_> =
            expected.iter().map(|product| (&product.name, product.price, &product.categories)).collect();
        assert_eq!(found, wanted, "{name}");
    }
}

#[tokio::test]
async fn separators_are_recognised() {
    for separator in [";", ",", "\t", "|"] {
        let rows =
            "nombre;precio;categoría\nTaza;\"9,50\";Cocina\nPlato;\"7,00\";Cocina\n".replace(';', separator);
        assert_eq!(products(&rows).await.1.len(), 2, "{separator:?}");
    }
    let mapping = Mapping::parse("separator = \"~\"").unwrap();
    let whole =
        text("a.csv", "nombre~precio\nTaza~9,50\n", FileOptions::default().mapping(mapping)).await.unwrap();
    assert_eq!(whole.products.len(), 1);
}

#[tokio::test]
async fn damaged_bytes_in_a_file_of_utf_8_refuse_their_row_alone() {
    let mut bytes = "nombre;precio\n".as_bytes().to_vec();
    for number in 0..30 {
        bytes.extend(format!("Camión número {number};9,50\n").into_bytes());
    }
    bytes.extend(b"Camis\xf3n;9,50\n");
    let whole = text("a.csv", bytes, FileOptions::default()).await.unwrap();
    assert_eq!((whole.products.len(), whole.lines()), (30, vec!["line 32 nombre".to_owned()]));
    assert!(whole.problems[0].reason.contains("encoding"));
}

#[tokio::test]
async fn what_is_no_text_says_what_to_do() {
    for (bytes, part) in [
        (b"PK\x03\x04rest".as_slice(), "save it as CSV"),
        (b"%PDF-1.7", "PDF"),
        (b"", "empty"),
        (b"\x1f\x8b\x08\x00cut", "unpacked"),
        (b"hola\nadios\n", "one column"),
        (b"uno;dos\n1;2\n", "name the columns"),
        (b"<html><body></body></html>", "no product feed"),
        (b"ELF\x00\x01\x02\x00\x00\x03", "no text"),
    ] {
        let error = text("a.csv", bytes, FileOptions::default()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
