//! Imports as a whole: compared, pruned within the guard, recorded, followed.

use std::sync::Mutex;
use std::time::Duration;

use vitrina_core::ErrorKind;
use vitrina_core::queue::Stop;
use vitrina_import::run::{
    FollowOptions, ImportOptions, ImportRun, Opener, RunLog, SourceSpec, follow, import,
};
use vitrina_import::{FileOptions, FileSource};

use crate::common::data;
use crate::memory::Memory;

fn rows(numbers: impl IntoIterator<Item = u32>, price: &str) -> String {
    let rows = numbers.into_iter().map(|number| format!("{number};Producto {number};{price}\n"));
    format!("key;nombre;precio\n{}", rows.collect::<String>())
}

async fn run(shop: &Memory, text: &str, options: &ImportOptions) -> (ImportRun, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("productos.csv");
    std::fs::write(&path, text).unwrap();
    let mut source = FileSource::open(&path, FileOptions::default()).await.unwrap();
    let mut report = Vec::new();
    let run = import(&mut source, shop, options, &mut report, &|_| {}).await;
    (run, String::from_utf8(report).unwrap())
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_a_dry_one_writes_nothing() {
    let shop = Memory::default();
    let (dry, _) = run(&shop, &rows(1..=2500, "9,50"), &ImportOptions::default().dry_run(true)).await;
    assert_eq!((dry.new, dry.dry_run, shop.products.lock().unwrap().len()), (2500, true, 0));
    let (first, _) = run(&shop, &rows(1..=2500, "9,50"), &ImportOptions::default()).await;
    assert_eq!((first.new, first.error.as_deref()), (2500, None));
    let (second, _) = run(&shop, &rows(1..=2500, "9,50"), &ImportOptions::default()).await;
    assert_eq!((second.new, second.changed, second.unchanged, second.gone), (0, 0, 2500, 0));
    let (third, _) = run(&shop, &rows(1..=2400, "9,60"), &ImportOptions::default()).await;
    assert_eq!((third.changed, third.gone, third.removed), (2400, 100, 0));
    assert_eq!(third.summary(), "0 new, 2400 changed, 0 unchanged, 100 gone");
    assert_eq!(
        (third.examples.changed[0].as_str(), third.examples.gone[0].as_str()),
        ("Producto 1 (price)", "Producto 2401")
    );
}

#[tokio::test]
async fn what_is_gone_is_removed_within_the_guard_and_what_is_refused_is_not_gone() {
    let shop = Memory::default();
    run(&shop, &rows(1..=100, "9,50"), &ImportOptions::default()).await;
    let prune = ImportOptions::default().prune(true, 0.2);
    let (too_much, _) = run(&shop, &rows(1..=79, "9,50"), &prune).await;
    assert!(too_much.error.as_ref().unwrap().contains("--max-removals 20 %"), "{too_much:?}");
    assert_eq!((too_much.removed, shop.products.lock().unwrap().len()), (0, 100));
    let (nothing, _) = run(&shop, "key;nombre;precio\n", &ImportOptions::default().prune(true, 1.0)).await;
    assert!(nothing.error.is_some(), "{nothing:?}");
    // The 90th has no price, the 89th is refused by the shop: both stay.
    let text = rows(1..=90, "9,50")
        .replace("90;Producto 90;9,50", "90;Producto 90;")
        .replace("Producto 89", "prohibido");
    let (run, report) = run(&shop, &text, &prune).await;
    assert_eq!((run.removed, run.refused, run.error.as_deref()), (10, 2, None));
    let shop = shop.products.lock().unwrap();
    assert_eq!(
        (shop.len(), shop[&90].name.as_str(), shop[&89].name.as_str()),
        (90, "Producto 90", "Producto 89")
    );
    let lines: Vec<serde_json::Value> =
        report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0]["position"]["line"].as_u64(), lines[0]["field"].as_str()),
        (Some(91), Some("price"))
    );
    assert_eq!(
        (lines[1]["key"].as_str(), lines[1]["reason"].as_str()),
        (Some("89"), Some("is forbidden here"))
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_may_be_any_product_so_nothing_is_removed() {
    let shop = Memory::default();
    run(&shop, &rows(1..=10, "9,50"), &ImportOptions::default()).await;
    // The fifth has one column too many: its key is not known.
    let text = rows(1..=9, "9,50").replace("5;Producto 5;9,50", "5;Producto 5;9,50;4");
    let prune = ImportOptions::default().prune(true, 0.5);
    let (kept, _) = run(&shop, &text, &prune).await;
    assert_eq!((kept.refused, kept.removed, kept.error.as_deref()), (1, 0, None), "{kept:?}");
    assert!(kept.notes.iter().any(|note| note.contains("nothing was removed")), "{:?}", kept.notes);
    assert_eq!(shop.products.lock().unwrap().len(), 10);
    let (pruned, _) = run(&shop, &rows(1..=9, "9,50"), &prune).await;
    assert_eq!((pruned.removed, pruned.notes.as_slice()), (1, [].as_slice()));
}

#[tokio::test]
async fn a_variant_without_its_product_hides_no_other_product() {
    let shop = Memory::default();
    let head = "ID,Tipo,SKU,Nombre,Publicado,Visibilidad en el catálogo,Precio normal,Superior\n";
    let row = |id: u32| format!("{id},simple,S{id},Producto {id},1,visible,9.50,\n");
    let whole = format!("{head}{}", (1..=5).map(row).collect::<String>());
    run(&shop, &whole, &ImportOptions::default()).await;
    let text =
        format!("{head}{}9,variation,S9,Otro,1,visible,9.50,id:99\n", (1..=4).map(row).collect::<String>());
    let (pruned, _) = run(&shop, &text, &ImportOptions::default().prune(true, 0.5)).await;
    assert_eq!((pruned.refused, pruned.removed), (1, 1), "{pruned:?}");
}

#[tokio::test]
async fn a_source_that_is_cut_off_removes_nothing_and_keeps_what_it_brought() {
    let shop = Memory::default();
    run(&shop, &rows(1..=5, "9,50"), &ImportOptions::default()).await;
    let list = "[{\"key\":\"a\",\"name\":\"A\",\"price\":1},\n{\"key\":\"b\",\"name\":\"B\",";
    let (run, _) = run(&shop, list, &ImportOptions::default().prune(true, 1.0)).await;
    assert!(run.error.as_ref().unwrap().contains("cut off"), "{run:?}");
    assert_eq!((run.removed, run.gone), (0, 0));
    // A feed is read to its end before its first product comes in.
    let path = tempfile::NamedTempFile::new().unwrap();
    let feed = std::fs::read_to_string(data("merchant.xml")).unwrap();
    std::fs::write(path.path(), &feed[..feed.rfind("</item>").unwrap()]).unwrap();
    let error = FileSource::open(path.path(), FileOptions::default()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(shop.products.lock().unwrap().len() >= 5);
}

#[tokio::test]
async fn a_followed_file_is_imported_when_it_changes_and_every_run_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("productos.csv");
    std::fs::write(&path, rows(1..=10, "9,50")).unwrap();
    let log = RunLog::new(folder.path().join("imports/runs.jsonl"));
    let shop = Memory::default();
    let spec = SourceSpec::parse(path.to_str().unwrap());
    let mut opener = Opener::new(spec, FileOptions::default(), folder.path(), None).unwrap();
    let options = FollowOptions::new(Duration::from_millis(1), ImportOptions::default().prune(true, 0.5));
    let (stop, number) = (Stop::new(), Mutex::new(0));
    follow(&mut opener, &shop, &options, &log, &stop, |run| {
        let mut number = number.lock().unwrap();
        *number += 1;
        match *number {
            1 => std::fs::write(&path, rows(1..=8, "9,70")).unwrap(),
            2 => std::fs::write(&path, "").unwrap(),
            // The source is broken: the last state stays, and it is tried again.
            3 => {
                assert!(run.error.is_some(), "{run:?}");
                std::fs::write(&path, rows(1..=9, "9,70")).unwrap();
            }
            _ if run.error.is_none() => stop.stop(),
            _ => {}
        }
        std::future::ready(())
    })
    .await;
    assert_eq!(shop.products.lock().unwrap().len(), 9);
    let runs = log.last(10).unwrap();
    let done: Vec<_> =
        runs.iter().rev().map(|run| (run.new, run.changed, run.removed, run.error.is_some())).collect();
    assert_eq!(done[..3], [(10, 0, 0, false), (0, 8, 2, false), (0, 0, 0, true)]);
    assert_eq!(done.last(), Some(&(1, 0, 0, false)));
}
