//! Photos: from the upload to the products.

use std::time::{Duration, Instant};

use futures_util::future::join;
use poem::http::StatusCode;
use serde_json::json;
use vitrina::{NewVariant, PhotoSource, ProductChange};
use vitrina_core::ProductId;
use vitrina_core::product::Attribute;
use vitrina_core::queue::QueueOptions;

use crate::setup::{Setup, TestShop, form, names, png, product_ids, shop};

fn result(task: &str) -> String {
    format!("/tasks/{task}/result")
}

#[tokio::test]
async fn a_photo_goes_its_way() {
    let shop = shop().await;
    let answer = shop.client.post("/search/image").multipart(form(png(4, 4))).send().await;
    answer.assert_status_is_ok();
    let location = answer.0.headers().get("Location").unwrap().to_str().unwrap().to_owned();
    let task = answer.json().await.value().object().get("task_id").string().to_owned();
    assert_eq!(location, result(&task));

    let pending = shop.client.get(&location).send().await;
    pending.assert_status(StatusCode::ACCEPTED);
    pending.assert_header_exist("Retry-After");
    pending.assert_json(json!({"status": "pending", "stage": "queued"})).await;

    shop.work().await;
    let done = shop.client.get(&location).send().await;
    done.assert_status_is_ok();
    let json = done.json().await;
    assert_eq!(json.value().object().get("status").string(), "completed");
    assert_eq!(names(&json, "categories"), ["Zapatos"]);
    assert_eq!(product_ids(&json)[..2], [4, 3]);
    let prediction = json.value().object().get("predictions").object_array().remove(0);
    assert_eq!((prediction.get("label").i64(), prediction.get("category").string()), (4, "Zapatos"));
    assert!((0.8..1.0).contains(&prediction.get("score").f64()));
    let similar = json.value().object().get("products").object_array().remove(0);
    assert!(similar.get("similarity").f64() > 0.9);
}

#[tokio::test]
async fn attributes_narrow_the_products_of_a_photo_and_similar_ones() {
    let shop = shop().await;
    for (id, color) in [(3, "rojo"), (4, "azul")] {
        let mut change = ProductChange::default();
        change.attributes = Some(vec![Attribute::text("color: tela", color)]);
        shop.shop.update(ProductId(id), change).await.unwrap();
    }
    let task = shop.send(png(4, 4)).await;
    shop.work().await;
    let of = async |path: String| product_ids(&shop.client.get(path).send().await.json().await);
    let all = of(result(&task)).await;
    assert!(all.contains(&3) && all.contains(&4), "{all:?}");
    let color = |values: &[&str]| -> String {
        let params: Vec<_> =
            values.iter().map(|value| format!(r"attribute=Color\:%20tela:{value}")).collect();
        format!("?{}", params.join("&"))
    };
    assert_eq!(of(result(&task) + &color(&["rojo"])).await, [3]);
    assert_eq!(of(result(&task) + &color(&["rojo", "azul"])).await, [4, 3]);
    assert_eq!(of(result(&task) + &color(&["rojo"]) + "&attribute=talla:M").await, [] as [i64; 0]);
    assert_eq!(of(format!("/products/4/similar{}", color(&["rojo"]))).await, [3]);
    assert_eq!(of(format!("/products/4/similar{}", color(&["azul"]))).await, [] as [i64; 0]);

    let wrong = shop.client.get(result(&task) + "?attribute=rojo").send().await;
    wrong.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let detail = wrong.json().await.value().object().get("detail").string().to_owned();
    assert!(detail.contains("attribute=color:rojo"), "{detail}");
}

#[tokio::test]
async fn a_photo_of_a_variant_finds_its_product() {
    let shop = shop().await;
    let mut plain = NewVariant::default();
    plain.key = Some("lisa".into());
    let mut red = NewVariant::default();
    red.key = Some("roja".into());
    red.photo = Some(PhotoSource::Bytes(png(4, 4)));
    let mut change = ProductChange::default();
    change.variants = Some(vec![plain, red]);
    shop.shop.update(ProductId(3), change).await.unwrap();
    let task = shop.send(png(4, 4)).await;
    shop.work().await;
    let json = shop.client.get(result(&task)).send().await.json().await;
    assert_eq!(product_ids(&json)[..2], [3, 4]);
    let products = json.value().object().get("products").object_array();
    assert!(products[0].get("similarity").f64() > 0.99);
    assert_eq!(products[0].get("matched_variant").object().get("key").string(), "roja");
    assert!(products[1].get_opt("matched_variant").is_none(), "its main photo is the best");
}

#[tokio::test]
async fn a_request_is_held_open_until_the_result_is_there() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    let begin = Instant::now();
    let wait = shop.client.get(result(&task)).header("Prefer", "wait=30").send();
    let (answer, ()) = join(wait, shop.work()).await;
    answer.assert_status_is_ok();
    answer.assert_header("Preference-Applied", "wait=30");
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_request_is_held_open_no_longer_than_asked() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    let begin = Instant::now();
    let answer = shop.client.get(result(&task)).header("Prefer", "wait=1").send().await;
    answer.assert_status(StatusCode::ACCEPTED);
    answer.assert_header("Preference-Applied", "wait=1");
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_photo_that_cannot_be_read_says_so() {
    let shop = shop().await;
    let task = shop.send(png(9, 9)).await;
    shop.work().await;
    let answer = shop.client.get(result(&task)).send().await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    answer.assert_content_type("application/problem+json");
}

async fn events(shop: &TestShop, task: &str) -> Vec<String> {
    let answer = shop.client.get(format!("/tasks/{task}/events")).send().await;
    answer.assert_status_is_ok();
    let text = answer.0.into_body().into_string().await.unwrap();
    text.lines().filter_map(|line| line.strip_prefix("event: ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn events_tell_every_stage() {
    let shop = shop().await;
    let (good, bad) = (shop.send(png(4, 4)).await, shop.send(png(9, 9)).await);
    let (reported, ()) = join(events(&shop, &good), shop.work()).await;
    assert_eq!(reported, ["queued", "started", "completed"]);
    assert_eq!(events(&shop, &bad).await, ["queued", "started", "failed"]);
}

#[tokio::test]
async fn unknown_and_expired_tasks_differ() {
    let queue = QueueOptions::default().keep_results(Duration::from_millis(300));
    let shop = Setup { queue, ..Setup::default() }.open().await;
    for id in ["nonsense", "00000000-0000-4000-8000-000000000000"] {
        shop.client.get(result(id)).send().await.assert_status(StatusCode::NOT_FOUND);
        shop.client.get(format!("/tasks/{id}/events")).send().await.assert_status(StatusCode::NOT_FOUND);
    }
    let task = shop.send(png(4, 4)).await;
    shop.work().await;
    let begin = Instant::now();
    loop {
        let answer = shop.client.get(result(&task)).send().await;
        if answer.0.status() == StatusCode::GONE {
            break;
        }
        answer.assert_status_is_ok();
        assert!(begin.elapsed() < Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_prediction_of_the_browser_answers_like_a_task() {
    let shop = shop().await;
    let embedding = "AACAPwAAAAA="; // [1.0, 0.0]
    let by_category = json!({"categories": [{"label": 4, "score": 0.93}], "embedding": embedding});
    let by_label = json!({"labels": [{"label": "n04120489", "score": 0.93}], "embedding": embedding});
    for body in [by_category, by_label] {
        let answer = shop.client.post("/search/prediction").body_json(&body).send().await;
        answer.assert_status_is_ok();
        let json = answer.json().await;
        assert_eq!(json.value().object().get("status").string(), "completed");
        assert_eq!(names(&json, "categories"), ["Zapatos"]);
        assert_eq!(product_ids(&json)[..2], [3, 4]);
    }
    let bare = json!({"categories": [{"label": 4, "score": 0.93}]});
    let answer = shop.client.post("/search/prediction").body_json(&bare).send().await;
    assert_eq!(product_ids(&answer.json().await)[..2], [3, 4]);
}

#[tokio::test]
async fn predictions_that_are_none_are_refused() {
    let shop = shop().await;
    for body in [
        json!({"categories": [{"label": 4, "score": 1.5}]}),
        json!({"categories": [{"label": 4}]}),
        json!({"categories": [{"label": 4, "score": 0.9}], "embedding": "%%%"}),
        json!({"categories": [], "embedding": "AAAA"}),
    ] {
        let answer = shop.client.post("/search/prediction").body_json(&body).send().await;
        answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_full_queue_asks_to_come_back() {
    let queue = QueueOptions::default().capacity(1);
    let shop = Setup { queue, ..Setup::default() }.open().await;
    shop.send(png(4, 4)).await;
    let answer = shop.client.post("/search/image").multipart(form(png(4, 4))).send().await;
    answer.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    answer.assert_header_exist("Retry-After");
    shop.work().await;
    shop.send(png(4, 4)).await;
}
