//! An index on disk: what it keeps, and what it does when it cannot be read.

use std::fs;
use std::path::Path;

use super::*;
use vitrina_core::ErrorKind;
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::product::SalePrice;

fn space() -> EmbeddingSpace {
    EmbeddingSpace::new("m/1").unwrap()
}

fn embedding() -> Embedding {
    Embedding::new((0..1280).map(|n| (n % 7) as f32 + 0.5).collect()).unwrap().in_space(space())
}

fn write(path: &Path) {
    let index = TantivyIndex::open(path).unwrap();
    let shoe = Product { brand: Some("Ñandú".into()), ..in_category(1, "Zapato rojo", 4, "Zapatos") };
    let changes = [
        photographed(shoe, [embedding()]),
        photographed(product(2, "Zapato azul"), [embedding()]),
        photographed(product(3, "Bota"), []),
    ];
    apply(&index, &changes, 17);
    apply(&index, &[Change::ProductDeleted(ProductId(2))], 18);
}

fn segment_files(path: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|found| found == ending)).collect()
}

#[test]
fn a_restart_keeps_sales() {
    let directory = tempfile::tempdir().unwrap();
    let sale = SalePrice { price: Money::from_minor(100), from: None, until: None };
    let cup = Product { price: Money::from_minor(900), sale: Some(sale), ..product(1, "Taza") };
    apply(&TantivyIndex::open(directory.path()).unwrap(), &[photographed(cup, [embedding()])], 1);
    let index = TantivyIndex::open(directory.path()).unwrap();
    let cheap = Filter::default().max_price(Some(Money::from_minor(600)));
    assert_eq!(block_on(index.similar(&embedding(), &cheap, 10)).unwrap().len(), 1);
}

#[test]
fn a_restart_keeps_position_words_and_embeddings() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let index = TantivyIndex::open(directory.path()).unwrap();
    assert_eq!(block_on(index.position()).unwrap(), FeedPosition(18));
    assert_eq!(found(&index, "zapatos"), [1]);
    let near = |filter| block_on(index.similar(&embedding(), &filter, 10)).unwrap();
    let hits = near(Filter::default());
    assert_eq!(hits.len(), 1);
    assert!((hits[0].score - 1.0).abs() < 1e-4);
    let of = |brand: &str, category| {
        Filter::default().brands(vec![brand.into()]).categories(vec![CategoryId(category)]).in_stock(true)
    };
    assert_eq!(near(of("ñANDÚ", 4)).len(), 1);
    assert_eq!(near(of("ñandú", 5)).len(), 0);
    assert_eq!(near(of("nandu", 4)).len(), 0);
    assert!(block_on(index.embedding(ProductId(1), &space())).unwrap().is_some());
    assert!(block_on(index.embedding(ProductId(2), &space())).unwrap().is_none());
    apply(&index, &changed([product(4, "Zapato verde")]), 19);
    assert_eq!(found(&index, "zapatos"), [1, 4]);
}

#[test]
fn a_restart_keeps_all_photos_of_a_product() {
    let directory = tempfile::tempdir().unwrap();
    let axis = |axis: usize| {
        let numbers = (0..1280).map(|n| if n % 3 == axis { 1.0 } else { 0.1 });
        Embedding::new(numbers.collect()).unwrap().in_space(space())
    };
    let changes = [
        photographed(product(1, "Bota"), [axis(0), axis(1)]),
        photographed(product(2, "Taza"), [axis(2), axis(0), axis(1)]),
        photographed(product(3, "Gorra"), [axis(2)]),
    ];
    apply(&TantivyIndex::open(directory.path()).unwrap(), &changes, 1);
    let index = TantivyIndex::open(directory.path()).unwrap();
    let near = |wanted: &Embedding| -> Vec<i64> {
        let hits = block_on(index.similar(wanted, &Filter::default(), 2)).unwrap();
        hits.iter().map(|hit| hit.product.0).collect()
    };
    assert_eq!([0, 1, 2].map(|number| near(&axis(number))), [[1, 2], [1, 2], [2, 3]]);
    let best = block_on(index.best_photos(&axis(1), &[1, 2, 3].map(ProductId))).unwrap();
    let photo = |id: i64| best[&ProductId(id)].photo.clone();
    let key = |number: u8| Some(PhotoKey::of(&[number], PhotoFormat::Jpeg));
    assert_eq!([photo(1), photo(2), photo(3)], [key(1), key(2), None]);
    let known = block_on(index.embedding(ProductId(2), &space())).unwrap().unwrap();
    assert!(known.cosine(&axis(2)) > 0.99, "that of the main photo");
    // What replaces a product leaves none of its photos behind.
    apply(&index, &[photographed(product(2, "Taza"), [axis(2)])], 2);
    let hits = block_on(index.similar(&axis(1), &Filter::default(), 10)).unwrap();
    assert!(hits.len() == 3 && hits[1].score < 0.5, "{hits:?}");
}

#[test]
fn an_index_of_another_source_is_built_anew() {
    let directory = tempfile::tempdir().unwrap();
    let open = |source: &str| TantivyIndex::open_of(directory.path(), source).unwrap();
    apply(&open("one shop"), &changed([product(1, "Bota")]), 5);
    assert_eq!(block_on(open("one shop").position()).unwrap(), FeedPosition(5));
    let other = open("another");
    assert_eq!((block_on(other.position()).unwrap(), found(&other, "bota")), (FeedPosition(0), vec![]));
}

#[test]
fn what_is_damaged_is_built_anew() {
    type Damage = fn(&Path);
    let truncate_all = |path: &Path, ending: &str| {
        let files = segment_files(path, ending);
        assert!(!files.is_empty(), "{ending}");
        for file in files {
            let half = fs::metadata(&file).unwrap().len() / 2;
            fs::File::options().write(true).open(&file).unwrap().set_len(half).unwrap();
        }
    };
    let damages: &[(&str, Damage)] = &[
        ("cut meta", |path| fs::write(path.join("meta.json"), "{\"ind").unwrap()),
        ("empty meta", |path| fs::write(path.join("meta.json"), "").unwrap()),
        ("binary meta", |path| fs::write(path.join("meta.json"), [0xff, 0, 0xfe]).unwrap()),
        ("bad list", |path| fs::write(path.join(".managed.json"), "nothing").unwrap()),
        ("other version", |path| {
            let meta = fs::read_to_string(path.join("meta.json")).unwrap();
            fs::write(path.join("meta.json"), meta.replace("vitrina ", "vitrina 0")).unwrap();
        }),
        ("other schema", |path| {
            let meta = fs::read_to_string(path.join("meta.json")).unwrap();
            fs::write(path.join("meta.json"), meta.replace("\"in_stock\"", "\"stocked\"")).unwrap();
        }),
        ("flipped bit", |path| {
            for file in segment_files(path, "store") {
                let mut bytes = fs::read(&file).unwrap();
                bytes[20] ^= 1;
                fs::write(&file, bytes).unwrap();
            }
        }),
    ];
    let check = |path: &Path, what: &str| {
        let index = TantivyIndex::open(path).unwrap_or_else(|error| panic!("{what}: {}", error.chain()));
        assert_eq!(block_on(index.position()).unwrap(), FeedPosition(0), "{what}");
        assert_eq!(found(&index, ""), [0; 0], "{what}");
        assert_eq!(block_on(index.embedding(ProductId(1), &space())).unwrap(), None, "{what}");
        apply(&index, &changed([product(1, "Bota")]), 3);
        assert_eq!(found(&index, "bota"), [1], "{what}");
        drop(index);
        assert_eq!(found(&TantivyIndex::open(path).unwrap(), "bota"), [1], "{what}");
        assert!(path.join("notes.txt").exists(), "{what}: somebody else's file was removed");
    };
    for (what, damage) in damages {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("notes.txt"), "mine").unwrap();
        write(directory.path());
        damage(directory.path());
        check(directory.path(), what);
    }
    for ending in ["store", "idx", "term", "fast", "fieldnorm", "del"] {
        for cut in [true, false] {
            let directory = tempfile::tempdir().unwrap();
            fs::write(directory.path().join("notes.txt"), "mine").unwrap();
            write(directory.path());
            if cut {
                truncate_all(directory.path(), ending);
            } else {
                segment_files(directory.path(), ending)
                    .iter()
                    .for_each(|file| fs::remove_file(file).unwrap());
            }
            check(directory.path(), &format!("{ending}, cut: {cut}"));
        }
    }
}

#[test]
fn a_directory_serves_one_index_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let first = TantivyIndex::open(directory.path()).unwrap();
    let error = TantivyIndex::open(directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("another process"), "{error}");
    drop(first);
    TantivyIndex::open(directory.path()).unwrap();
}

#[test]
fn a_place_that_cannot_be_a_directory_is_unavailable() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(TantivyIndex::open(&file).unwrap_err().kind(), ErrorKind::Unavailable);
}

#[test]
fn searches_go_on_while_changes_are_applied() {
    let directory = tempfile::tempdir().unwrap();
    let index = TantivyIndex::open(directory.path()).unwrap();
    apply(&index, &changed((1..=100).map(|id| product(id, "Bota"))), 1);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for round in 0..20 {
                let products = (1..=200).map(|id| product(id, "Bota alta"));
                let changes = products.map(|product| photographed(product, [embedding()]));
                apply(&index, &changes.collect::<Vec<_>>(), round + 2);
            }
        });
        while !writing.is_finished() {
            let hits = page(&index, Sort::Relevance, "botas", 100, None);
            assert!(hits.total == 100 || hits.total == 200, "{}", hits.total);
            assert!(block_on(index.similar(&embedding(), &Filter::default(), 5)).unwrap().len() <= 5);
        }
    });
    assert_eq!(block_on(index.position()).unwrap(), FeedPosition(21));
}
