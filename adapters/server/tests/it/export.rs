//! Exports over HTTP and by the command, and the way back.

use std::sync::Arc;

use futures_util::TryStreamExt;
use poem::http::StatusCode;
use serde_json::Value;
use vitrina::{
    Attribute, CategoryChange, CategoryId, Money, NewProduct, NewVariant, NoKeys, OfferChange, ProductId,
    QueueOptions, Shop, ShopParts,
};
use vitrina_core::SearchService;
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
use vitrina_core::search::SearchOptions;
use vitrina_server::api::Backend;
use vitrina_server::http::app;

use crate::imports::{ended_at, send_to};
use crate::process::{Process, folder, http, vitrina};
use crate::setup::{Client, Setup, png};

const KEY: &str = "a long and secret key";

#[tokio::test]
async fn what_a_server_exports_the_command_brings_back() {
    let (served, copied) = (folder(), folder());
    let mut command = vitrina();
    command.env("VITRINA_ADMIN_KEY", KEY).arg("serve").arg("--data-dir").arg(served.path()).arg("--demo");
    let server = Process::start(command);
    let request = |key: &str| http().get(server.url("/export")).bearer_auth(key.to_owned()).send();
    assert_eq!(http().get(server.url("/export")).send().await.unwrap().status(), 401);
    assert_eq!(request("another secret key").await.unwrap().status(), 403);
    let answer = request(KEY).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/x-ndjson".parse().unwrap())
    );
    let lines = answer.text().await.unwrap();
    let listed: Value = http().get(server.url("/products")).send().await.unwrap().json().await.unwrap();
    assert_eq!(lines.lines().count() - 1, listed["products"].as_array().unwrap().len());
    drop(server);

    let file = served.path().join("shop.jsonl");
    std::fs::write(&file, &lines).unwrap();
    let data = copied.path().join("data");
    let run = |arguments: &[&str]| {
        let output = vitrina().args(arguments).arg("--data-dir").arg(&data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let path = file.to_str().unwrap();
    let reported = run(&["import", path]);
    assert!(reported.contains(&format!("restored {} products", lines.lines().count() - 1)), "{reported}");
    assert!(run(&["export"]) == lines, "the copy exports the same");
    let again = served.path().join("again.jsonl");
    let reported = run(&["export", again.to_str().unwrap()]);
    assert!(reported.contains("exported"), "{reported}");
    assert!(std::fs::read_to_string(again).unwrap() == lines);
    let dry = vitrina().args(["import", path, "--dry-run", "--data-dir"]).arg(&data).output().unwrap();
    assert!(!dry.status.success(), "an export is brought back whole");
}

fn setup() -> Setup {
    Setup { admin_key: Some(KEY.into()), ..Setup::default() }
}

/// A product with more than a table of products can say.
fn beret() -> NewProduct {
    let mut red = NewVariant::default();
    red.key = Some("r".into());
    red.price = Some(Money::from_minor(1400));
    red.attributes = vec![Attribute::text("color", "rojo > claro")];
    let mut beret = NewProduct::new("Boina -  ñ", Money::from_minor(1500)).key("B/1").variant(red);
    beret.categories = vec![vec!["Otros".into(), "Gorras > Boinas".into()]];
    beret
}

/// An empty shop with the photos and the classifier of another.
fn empty_beside(other: &Shop) -> Shop {
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let (catalog, index) = (Arc::new(MemoryCatalog::new()), Arc::new(MemoryIndex::new()));
    let service = Arc::new(SearchService::new(catalog, index, queue, SearchOptions::default()));
    let parts = ShopParts::new(service, other.photos().clone(), Arc::new(NoKeys));
    Shop::from_parts(parts.with_classifier(other.classifier().clone().unwrap()))
}

#[tokio::test]
async fn an_export_that_is_sent_as_an_import_is_brought_back_without_loss() {
    let source = setup().open().await;
    let mut translated = CategoryChange::default();
    translated.translations = Some([("en".to_owned(), "Others".to_owned())].into());
    source.shop.update_category(CategoryId(6), translated).await.unwrap();
    source.shop.put(beret().photo(png(4, 4))).await.unwrap();
    let exported = source.client.get("/export").header("Authorization", format!("Bearer {KEY}")).send().await;
    exported.assert_status_is_ok();
    let lines = exported.0.into_body().into_string().await.unwrap();
    assert_eq!(lines.lines().count(), 7, "the categories, and six products");

    let (backend, _folder) = setup().backend().await;
    let copy = empty_beside(&source.shop);
    let client = Client::new(app(Backend { shop: copy.clone(), ..backend }));
    let run = async |query: &str, lines: &str| {
        send_to(&client, query, lines).await.assert_status(StatusCode::ACCEPTED);
        ended_at(&client).await
    };
    let counts = |run: &Value| ["new", "changed", "unchanged"].map(|count| run[count].as_u64().unwrap());
    let first = run("", &lines).await;
    assert_eq!((counts(&first), &first["source"]), ([6, 0, 0], &"an export of vitrina".into()), "{first}");
    let again: Vec<u8> = copy.export().try_concat().await.unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), lines);
    // The photo that the classifier knows is in the store, and is embedded once the import has ended; two others are not.
    let (catalog, space) = (copy.service().catalog(), copy.classifier().as_ref().unwrap().space());
    while catalog.count_without_embedding(&space).await.unwrap() > 2 {
        tokio::task::yield_now().await;
    }

    copy.delete(ProductId(1)).await.unwrap();
    let dearer = OfferChange { price: Some(Money::from_minor(1)), ..OfferChange::default() };
    copy.update("B/1", dearer).await.unwrap();
    // The products of these tests are some of the demo's.
    assert_eq!(counts(&run("?replace_demo=false", &lines).await), [1, 1, 4]);
    send_to(&client, "?replace_demo=false&prune=true", &lines)
        .await
        .assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let broken = run("?replace_demo=false", &format!("{lines}{{\"id\": 1}}\n")).await;
    assert!(broken["error"].as_str().unwrap().starts_with("line 8: "), "{broken}");
}
