//! `vitrina import` as a process: killed and started again, and into a folder that holds the demo.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use vitrina::Shop;
use vitrina_core::Product;

use crate::process::{Process, folder, photo, vitrina};

fn import(data: &Path, file: &Path) -> Command {
    let mut command = vitrina();
    command.arg("import").arg(file).arg("--data-dir").arg(data);
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Every product of a data folder by its key; categories by their paths, as their IDs are given in the order of creation.
async fn products(data: &Path) -> BTreeMap<String, (Product, Vec<Vec<String>>)> {
    let shop = Shop::open(data).await.unwrap();
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let list = shop.list().limit(100);
        let page = match after {
            Some(cursor) => list.after(cursor).await.unwrap(),
            None => list.await.unwrap(),
        };
        for mut product in page.items {
            let paths = std::mem::take(&mut product.categories).iter().map(|path| path.names()).collect();
            product.id = vitrina_core::ProductId(1);
            found.insert(product.key.clone().unwrap(), (product, paths));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

/// A catalogue of this many products, with variants, attributes, categories, reduced prices and some photos.
fn catalogue(count: u32) -> String {
    let row = |number: u32| {
        let photo = if number.is_multiple_of(800) { format!("{number}.jpg") } else { String::new() };
        let sale = if number.is_multiple_of(3) { "1,50" } else { "" };
        format!(
            "P{number};{};Producto {number};Un texto de {number};{number},25;{sale};Grupo {} > Clase {};color {};{};{photo}\n",
            number / 2,
            number % 7,
            number % 31,
            number % 2,
            number % 50
        )
    };
    let rows: String = (1..=count).map(row).collect();
    format!(
        "referencia;group;nombre;descripción;precio;precio oferta;categoría;color;existencias;foto\n{rows}"
    )
}

#[tokio::test]
async fn an_import_that_is_killed_at_any_moment_and_started_again_ends_like_one_that_ran_through() {
    let source = folder();
    let (file, photos) = (source.path().join("productos.csv"), source.path().join("fotos"));
    std::fs::write(&file, catalogue(8000)).unwrap();
    std::fs::create_dir(&photos).unwrap();
    for number in (800..=8000).step_by(800) {
        std::fs::write(photos.join(format!("{number}.jpg")), photo([(number / 40) as u8, 90, 10])).unwrap();
    }
    let whole = folder();
    let began = Instant::now();
    let output = import(whole.path(), &file).arg("--photos").arg(&photos).output().unwrap();
    let time = began.elapsed();
    assert!(output.status.success(), "{}", said(&output));
    let expected = products(whole.path()).await;
    assert_eq!(expected.len(), 4001);
    // Ten moments of an uninterrupted import; the seed is printed with a failure.
    let seed = began.elapsed().subsec_nanos();
    let mut state = u64::from(seed) | 1;
    let mut killed = 0;
    for round in 0..10 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = f64::from((state >> 40) as u32) / f64::from(1_u32 << 24);
        let data = folder();
        let mut command = import(data.path(), &file);
        let mut child =
            command.arg("--photos").arg(&photos).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The moment is what is tested, not something to wait for.
        std::thread::sleep(time.mul_f64(part));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        let output = import(data.path(), &file).arg("--photos").arg(&photos).output().unwrap();
        assert!(output.status.success(), "seed {seed}, round {round} at {part}: {}", said(&output));
        let found = products(data.path()).await;
        assert_eq!(found.len(), expected.len(), "seed {seed}, round {round} at {part}");
        for (key, product) in &expected {
            assert_eq!(found.get(key), Some(product), "seed {seed}, round {round} at {part}: {key}");
        }
    }
    assert!(killed >= 5, "only {killed} of ten imports were killed before their end, of {time:?}");
}

#[tokio::test]
async fn the_demo_is_never_mixed_with_a_shop_of_ones_own() {
    let (data, source) = (folder(), folder());
    let mut server = Process::serve(data.path(), &["--demo", "--no-worker"]);
    let (_, listed) = server.get("/products?limit=1").await;
    assert_eq!(listed["products"].as_array().unwrap().len(), 1);
    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let file = source.path().join("productos.csv");
    std::fs::write(&file, "referencia;nombre;precio;categoría\nA1;Tetera;34,90;Cocina\n").unwrap();
    let refused = import(data.path(), &file).output().unwrap();
    assert!(!refused.status.success() && said(&refused).contains("--replace-demo"), "{}", said(&refused));
    let demo = Shop::open(data.path()).await.unwrap();
    assert!(demo.list().limit(100).await.unwrap().items.iter().all(|product| product.name != "Tetera"));
    drop(demo);
    let mut following = vitrina();
    following.args(["serve", "--listen", "127.0.0.1:0", "--no-worker", "--follow"]).arg(&file);
    let followed = following.arg("--data-dir").arg(data.path()).output().unwrap();
    assert!(!followed.status.success() && said(&followed).contains("--replace-demo"), "{}", said(&followed));
    let replaced = import(data.path(), &file).arg("--replace-demo").output().unwrap();
    assert!(replaced.status.success() && said(&replaced).contains("demo products"), "{}", said(&replaced));
    let shop = Shop::open(data.path()).await.unwrap();
    let names: Vec<_> = shop.list().await.unwrap().items.into_iter().map(|product| product.name).collect();
    assert_eq!(names, ["Tetera"]);
    let categories: Vec<_> =
        shop.categories().await.unwrap().into_iter().map(|category| category.name).collect();
    assert_eq!(categories, ["Cocina"]);
}
