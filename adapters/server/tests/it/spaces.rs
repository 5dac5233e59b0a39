//! Embedding spaces over HTTP: embeddings of other models, and a shop whose model changes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::http::StatusCode;
use poem::test::TestJson;
use serde_json::{Value, json};
use vitrina::{NoKeys, Shop, ShopParts};
use vitrina_core::classify::{Classification, Embedding};
use vitrina_core::memory::MemoryClassifier;

use crate::process::{Process, folder, http, photo, vitrina};
use crate::setup::{MODEL, TestShop, names, png, product_ids, shop, space};

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);

async fn prediction(shop: &TestShop, model: Option<&str>) -> TestJson {
    let labels = json!([{"label": "n04120489", "score": 0.93}]);
    let mut body = json!({"labels": labels, "embedding": "AACAPwAAAAA="}); // [1.0, 0.0]
    if let Some(model) = model {
        body["model"] = model.into();
    }
    let answer = shop.client.post("/search/prediction").body_json(&body).send().await;
    answer.assert_status_is_ok();
    answer.json().await
}

fn is_compared(answer: &TestJson) -> bool {
    let products = answer.value().object().get("products").object_array();
    products.iter().any(|product| product.get_opt("similarity").is_some())
}

async fn metrics(shop: &TestShop) -> String {
    shop.client.get("/metrics").send().await.0.into_body().into_string().await.unwrap()
}

#[tokio::test]
async fn an_embedding_of_another_model_is_not_compared_and_counted() {
    let shop = shop().await;
    for model in [Some(MODEL), None] {
        let answer = prediction(&shop, model).await;
        assert!(is_compared(&answer) && product_ids(&answer)[0] == 3, "{model:?}");
    }
    let reported = metrics(&shop).await;
    assert!(reported.contains(r#"vitrina_embedded_products{model="m/1"} 2"#), "{reported}");
    assert!(reported.contains("vitrina_foreign_embeddings_total 0"), "{reported}");
    let answer = prediction(&shop, Some("m/2")).await;
    assert_eq!(names(&answer, "categories"), ["Zapatos"]);
    assert!(!is_compared(&answer));
    assert!(metrics(&shop).await.contains("vitrina_foreign_embeddings_total 1"));
}

#[tokio::test]
async fn the_model_of_a_webhook_call_counts() {
    let shop = shop().await;
    for (model, compared) in [(json!(MODEL), true), (json!("m/2"), false), (Value::Null, true)] {
        let task = shop.send(png(4, 4)).await;
        let end = json!({"task_id": task, "state": "completed", "embedding": "AACAPwAAAAA=", "model": model,
            "labels": [{"label": "n04120489", "score": 0.93}]});
        let answer = shop.client.post("/webhook/task_completed").body_json(&end).send().await;
        answer.assert_status(StatusCode::ACCEPTED);
        let answer = shop.client.get(format!("/tasks/{task}/result")).send().await.json().await;
        assert_eq!(is_compared(&answer), compared, "{model}");
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let shop = shop().await;
    for model in ["x".repeat(300), "a\u{7}".into()] {
        let body = json!({"embedding": "AACAPwAAAAA=", "model": model});
        let answer = shop.client.post("/search/prediction").body_json(&body).send().await;
        answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_embedded_anew_and_the_old_embeddings_go() {
    let shop = shop().await;
    let embedding = Some(Embedding::new(vec![0.6, 0.8]).unwrap());
    let seen = Classification { embedding, ..Classification::default() };
    let blind = || MemoryClassifier::new().in_space(space("m/2"));
    let embedded = async |model: MemoryClassifier| {
        let service = shop.service.clone();
        let parts = ShopParts::new(service, shop.shop.photos().clone(), Arc::new(NoKeys));
        Shop::from_parts(parts.with_classifier(Arc::new(model))).embed_missing().await.unwrap()
    };
    assert_eq!(embedded(blind()).await, 0);
    shop.service.refresh().await.unwrap();
    assert!(is_compared(&prediction(&shop, Some(MODEL)).await), "what cannot be embedded anew is kept");
    let model = || blind().knowing(png(2, 2), seen.clone());
    assert_eq!(embedded(model()).await, 2);
    shop.service.refresh().await.unwrap();
    assert!(is_compared(&prediction(&shop, Some("m/2")).await));
    assert!(!is_compared(&prediction(&shop, Some(MODEL)).await));
    let reported = metrics(&shop).await;
    assert!(
        reported.contains(r#"vitrina_embedded_products{model="m/2"} 2"#) && !reported.contains("m/1"),
        "{reported}"
    );
    assert_eq!(embedded(model()).await, 0);
}

/// The default model under another version: the same numbers, but a space of its own.
fn renamed_model(folder: &Path) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/models");
    let own = models.join("efficientnet_lite0");
    let manifest = std::fs::read_to_string(own.join("manifest.json")).unwrap();
    let manifest = manifest.replacen(r#""version": "1""#, r#""version": "2""#, 1);
    let manifest = manifest.replace("../imagenet_labels.json", "imagenet_labels.json");
    std::fs::write(folder.join("manifest.json"), manifest).unwrap();
    std::fs::copy(models.join("imagenet_labels.json"), folder.join("imagenet_labels.json")).unwrap();
    for file in ["efficientnet_lite0.onnx", "efficientnet_lite0_int8.onnx"] {
        std::os::unix::fs::symlink(own.join(file), folder.join(file)).unwrap();
    }
}

#[tokio::test]
async fn a_server_that_starts_with_another_model_brings_its_shop_along() {
    let (data, model) = (folder(), folder());
    renamed_model(model.path());
    std::fs::write(data.path().join("rojo.jpg"), photo([200, 30, 30])).unwrap();
    let file = data.path().join("products.jsonl");
    std::fs::write(&file, r#"{"name": "Taza roja", "price": 7, "category": "Menaje", "photo": "rojo.jpg"}"#)
        .unwrap();
    let mut import = vitrina();
    import.arg("import").arg(&file).arg("--photos").arg(data.path()).arg("--data-dir").arg(data.path());
    assert!(import.status().unwrap().success());

    let shop_in = async |server: &Process, model: &str| {
        let begin = Instant::now();
        loop {
            let reported = http().get(server.url("/metrics")).send().await.unwrap().text().await.unwrap();
            let spaces: Vec<_> =
                reported.lines().filter(|line| line.contains("embedded_products{")).collect();
            if spaces == [format!("vitrina_embedded_products{{model=\"{model}\"}} 1")] {
                return;
            }
            assert!(begin.elapsed() < LONG, "{spaces:?}");
        }
    };
    let similar = async |server: &Process| {
        let task = server.accept(photo([201, 30, 30])).await;
        server.result(&task).await.1["products"][0]["similarity"].as_f64()
    };
    let mut server = Process::serve(data.path(), &[]);
    shop_in(&server, "efficientnet_lite1_lite2/1").await;
    assert!(similar(&server).await.unwrap() > 0.9);
    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let server = Process::serve(data.path(), &["--model", model.path().to_str().unwrap()]);
    shop_in(&server, "efficientnet_lite0/2").await;
    assert!(similar(&server).await.unwrap() > 0.9);
}
