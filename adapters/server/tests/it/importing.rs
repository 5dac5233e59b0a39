//! `vitrina import` as a process: killed and started again, and into a folder that holds the demo.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use vitrina::Shop;
use vitrina_core::Product;

use crate::process::{Process, folder, http, photo, vitrina};

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
async fn an_import_over_http_replaces_the_demo_only_if_it_is_told_to() {
    let data = folder();
    let key = "a long and secret key";
    let server = Process::serve(data.path(), &["--demo", "--no-worker", "--admin-key", key]);
    let rows = "referencia;nombre;precio;categoría\nA1;Tetera;34,90;Cocina\n";
    let send = async |query: &str| -> (u16, Value) {
        let part = reqwest::multipart::Part::bytes(rows.as_bytes().to_vec()).file_name("productos.csv");
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = server.url(&format!("/products/import{query}"));
        let answer = http().post(url).bearer_auth(key).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let listed = async || server.get("/products").await.1["products"].as_array().unwrap().len();
    let done = async || {
        loop {
            let answer = http().get(server.url("/imports")).bearer_auth(key).send().await.unwrap();
            if answer.json::<Value>().await.unwrap().get("running").is_none() {
                break;
            }
        }
    };
    let demo = listed().await;
    let (status, refused) = send("").await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("?replace_demo=true"), "{refused}");
    assert!(demo >= 48 && listed().await == demo, "the demo is as it was: {demo}");
    assert_eq!(send("?replace_demo=false").await.0, 202);
    done().await;
    assert_eq!(listed().await, demo + 1);
    assert_eq!(send("?replace_demo=true").await.0, 202);
    done().await;
    let (_, listed) = server.get("/products?limit=100").await;
    let names: Vec<_> =
        listed["products"].as_array().unwrap().iter().map(|product| &product["name"]).collect();
    assert_eq!(names, ["Tetera"]);
    let (_, listed) = server.get("/categories").await;
    assert_eq!(listed["categories"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(send("").await.0, 202, "there is no demo any more");
}

#[tokio::test]
async fn the_large_demo_goes_whole_too() {
    // A checkout of its own: of the generated products, two.
    let (checkout, data) = (folder(), folder());
    let demo = checkout.path().join("data/demo");
    std::fs::create_dir_all(demo.join("large")).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/demo");
    for file in ["categories.json", "large_categories.json", "products_es.jsonl"] {
        std::fs::copy(own.join(file), demo.join(file)).unwrap();
    }
    let program = checkout.path().join("vitrina");
    std::fs::copy(env!("CARGO_BIN_EXE_vitrina"), &program).unwrap();
    let command = || {
        let mut command = Command::new(&program);
        command.current_dir(checkout.path()).env_clear();
        command
    };
    let serve = |size: &str| {
        let mut command = command();
        command.args(["serve", "--no-worker", size, "--data-dir"]).arg(data.path());
        command
    };
    let missing = serve("--demo=large").args(["--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!missing.status.success() && said(&missing).contains("large.py"), "{}", said(&missing));
    std::fs::remove_dir_all(data.path()).unwrap();
    let lines = r#"{"id":1001,"key":"G0","name":"Botas de agua","price":45.5,"categories":[["Zapatos","Botas"]]}
        {"id":1002,"key":"G1","name":"Zapatillas","price":39,"categories":[["Zapatos","Zapatillas","De correr"]]}"#;
    std::fs::write(demo.join("large/products.jsonl"), lines).unwrap();
    let mut server = Process::start(serve("--demo=large"));
    let (_, listed) = server.get("/products?limit=100").await;
    assert_eq!(listed["products"].as_array().unwrap().len(), 50);
    let (_, listed) = server.get("/categories").await;
    let categories = listed["categories"].as_array().unwrap();
    assert_eq!(categories.len(), 9);
    let boots = categories.iter().find(|category| category["name"] == "Botas").unwrap();
    assert_eq!(boots["translations"]["en"], "Boots", "{boots}");
    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let file = checkout.path().join("productos.csv");
    std::fs::write(&file, "referencia;nombre;precio;categoría\nA1;Zuecos;34,90;Zapatos > Zuecos\n").unwrap();
    let replaced =
        command().arg("import").arg(&file).arg("--replace-demo").arg("--data-dir").arg(data.path()).output();
    let replaced = replaced.unwrap();
    assert!(said(&replaced).contains("removed 50 demo products"), "{}", said(&replaced));
    let shop = Shop::open(data.path()).await.unwrap();
    let names: Vec<_> = shop.categories().await.unwrap().into_iter().map(|category| category.name).collect();
    assert_eq!(names, ["Zapatos", "Zuecos"], "those below the demo's are gone too");
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
    let demo = products(data.path()).await;
    assert!(demo.len() >= 48 && demo.values().all(|(product, _)| product.name != "Tetera"));
    let mut following = vitrina();
    following.args(["serve", "--listen", "127.0.0.1:0", "--no-worker", "--follow"]).arg(&file);
    let followed = following.arg("--data-dir").arg(data.path()).output().unwrap();
    assert!(!followed.status.success() && said(&followed).contains("--replace-demo"), "{}", said(&followed));
    for missing in [["--replace-demo"].as_slice(), &["--replace-demo", "--follow"]] {
        let failed = import(data.path(), &source.path().join("missing.csv")).args(missing).output().unwrap();
        assert!(!failed.status.success() && !said(&failed).contains("removed"), "{}", said(&failed));
    }
    let mut dry = import(data.path(), &file);
    dry.args(["--dry-run", "--follow", "--replace-demo"]).stdout(Stdio::piped());
    let mut dry = dry.spawn().unwrap();
    let first = BufReader::new(dry.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    dry.kill().unwrap();
    dry.wait().unwrap();
    assert!(
        first.starts_with("1 "),
        "it says what an import would do, not that it removed anything: {first}"
    );
    assert!(products(data.path()).await == demo, "a dry run changes nothing");
    let replaced = import(data.path(), &file).arg("--replace-demo").output().unwrap();
    assert!(replaced.status.success() && said(&replaced).contains("demo products"), "{}", said(&replaced));
    let shop = Shop::open(data.path()).await.unwrap();
    let names: Vec<_> = shop.list().await.unwrap().items.into_iter().map(|product| product.name).collect();
    assert_eq!(names, ["Tetera"]);
    let categories: Vec<_> =
        shop.categories().await.unwrap().into_iter().map(|category| category.name).collect();
    assert_eq!(categories, ["Cocina"]);
}
