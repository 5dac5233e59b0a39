//! What the documents of the server promise.

use serde_json::Value;

use crate::setup::shop;

async fn document() -> Value {
    let answer = shop().await.client.get("/openapi.json").send().await;
    answer.assert_status_is_ok();
    serde_json::from_slice(&answer.0.into_body().into_bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn every_endpoint_of_the_contract_is_documented_with_its_answers() {
    let document = document().await;
    for (method, path, statuses) in [
        ("get", "/health", &["200"][..]),
        ("get", "/ready", &["200", "503"]),
        ("get", "/metrics", &["200"]),
        ("get", "/categories", &["200", "503"]),
        ("get", "/products", &["200", "400", "422", "503"]),
        ("get", "/products/{id}", &["200", "404"]),
        ("get", "/products/{id}/similar", &["200", "404", "422"]),
        ("post", "/search/text", &["200", "400", "422", "503"]),
        ("post", "/search/image", &["200", "400", "413", "415", "429", "503"]),
        ("post", "/search/prediction", &["200", "400", "422"]),
        ("get", "/tasks/{task_id}/result", &["200", "202", "404", "410", "422", "503"]),
        ("get", "/tasks/{task_id}/events", &["200", "404", "410"]),
        ("post", "/webhook/task_completed", &["202", "400", "401", "404"]),
        ("put", "/products/{id}", &["200", "400", "401", "403", "422"]),
        ("delete", "/products/{id}", &["204", "401", "403", "404"]),
        ("post", "/products", &["200", "400", "401", "403", "422"]),
        ("put", "/products/{id}/photo", &["200", "401", "403", "404", "413", "415", "422"]),
        ("put", "/categories/{id}", &["200", "400", "401", "403", "422"]),
    ] {
        let operation = &document["paths"][path][method];
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{method} {path} has no summary"
        );
        for status in statuses {
            assert!(operation["responses"][status].is_object(), "{method} {path} does not document {status}");
        }
    }
    let problem = &document["paths"]["/products"]["get"]["responses"]["400"]["content"];
    assert!(problem["application/problem+json"].is_object());
}

#[tokio::test]
async fn the_documentation_works_offline() {
    let answer = shop().await.client.get("/docs").send().await;
    answer.assert_status_is_ok();
    let page = answer.0.into_body().into_string().await.unwrap();
    assert!(page.contains("SwaggerUIBundle"));
    for elsewhere in ["src=\"http", "<link rel=\"stylesheet\" href=\"http"] {
        assert!(!page.contains(elsewhere), "the page loads from elsewhere");
    }
}

#[tokio::test]
async fn metrics_count_requests_by_route() {
    let shop = shop().await;
    shop.client.get("/products/1").send().await.assert_status_is_ok();
    shop.client.get("/products/2").send().await.assert_status_is_ok();
    shop.client.get("/products/99").send().await;
    let answer = shop.client.get("/metrics").send().await;
    answer.assert_status_is_ok();
    let text = answer.0.into_body().into_string().await.unwrap();
    let counted = |status: u16| {
        let line = text.lines().find(|line| {
            line.starts_with("vitrina_http_requests_total")
                && line.contains("route=\"/products/{id}\"")
                && line.contains(&format!("status=\"{status}\""))
        });
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
    };
    assert_eq!((counted(200), counted(404)), (Some(2), Some(1)), "{text}");
    assert!(text.contains("vitrina_tasks{stage=\"queued\"} 0"), "{text}");
}

#[tokio::test]
async fn readiness_has_a_line_for_each_dependency() {
    let answer = shop().await.client.get("/ready").send().await;
    answer.assert_status_is_ok();
    let json = answer.json().await;
    let lines = json.value().object().get("dependencies").object();
    for name in ["catalogue", "queue", "index", "model"] {
        assert_eq!(lines.get(name).string(), "ok", "{name}");
    }
}
