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
        ("get", "/metrics", &["200", "401", "403", "429", "503"]),
        ("get", "/categories", &["200", "401", "403", "429", "503"]),
        ("get", "/products", &["200", "400", "401", "403", "422", "429", "503"]),
        ("get", "/products/{id}", &["200", "401", "403", "404", "429", "503"]),
        ("get", "/products/{id}/similar", &["200", "401", "403", "404", "422", "429", "503"]),
        ("post", "/search/text", &["200", "400", "401", "403", "422", "429", "503"]),
        ("post", "/search/image", &["200", "400", "401", "403", "413", "415", "429", "503"]),
        ("post", "/search/prediction", &["200", "400", "401", "403", "422", "429", "503"]),
        ("get", "/tasks/{task_id}/result", &["200", "202", "401", "403", "404", "410", "422", "429", "503"]),
        ("get", "/tasks/{task_id}/events", &["200", "401", "403", "404", "410", "429", "503"]),
        ("post", "/webhook/task_completed", &["202", "400", "401", "404"]),
        ("put", "/products/{id}", &["200", "400", "401", "403", "422", "429", "503"]),
        ("delete", "/products/{id}", &["204", "401", "403", "404", "429", "503"]),
        ("post", "/products", &["200", "400", "401", "403", "422", "429", "503"]),
        ("put", "/products/{id}/photo", &["200", "401", "403", "404", "413", "415", "422", "429", "503"]),
        ("post", "/products/import", &["202", "400", "401", "403", "413", "422", "429", "503"]),
        ("get", "/imports", &["200", "401", "403", "429", "503"]),
        ("put", "/categories/{id}", &["200", "400", "401", "403", "422", "429", "503"]),
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
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
    let mut ids = std::collections::BTreeSet::new();
    for (method, operation) in operations {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{method} without an ID: {operation}"));
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(operation["responses"]["405"]["headers"]["Allow"].is_object(), "{id}");
        let form = operation["requestBody"].is_object();
        assert!(
            !form || ["400", "408", "413"].iter().all(|status| operation["responses"][status].is_object()),
            "{id}"
        );
    }
    let problem = &document["paths"]["/products"]["get"]["responses"]["400"]["content"];
    assert!(problem["application/problem+json"].is_object());
}

#[tokio::test]
async fn the_document_says_what_may_be_null_or_left_out() {
    let document = document().await;
    let schemas = &document["components"]["schemas"];
    let product = &schemas["Product"];
    for name in ["brand", "category", "category_id", "stock", "photo"] {
        assert_eq!(product["properties"][name]["nullable"], true, "{name}");
        assert!(product["required"].as_array().unwrap().contains(&name.into()), "{name}");
    }
    for name in ["similarity", "availability", "sale_price", "codes", "attributes", "variants"] {
        assert!(product["properties"][name].is_object(), "{name}");
        assert!(
            !product["required"].as_array().unwrap().contains(&name.into()),
            "{name} is left out of simple products"
        );
    }
    let optional = |schema: &str, name: &str| {
        assert!(schemas[schema]["properties"][name].is_object(), "{schema}.{name}");
        !schemas[schema]["required"].as_array().unwrap().contains(&name.into())
    };
    for (schema, name) in [("TextAnswer", "instead"), ("TextAnswer", "facets"), ("Product", "similarity")] {
        assert!(optional(schema, name), "{schema}.{name}");
        assert!(schemas[schema]["properties"][name]["nullable"].is_null(), "{schema}.{name}");
    }
    assert_eq!(schemas["TextSearch"]["additionalProperties"], false);
    assert_eq!(schemas["TextSearch"]["properties"]["filter"]["nullable"], true);
    for parameter in document["paths"]["/products"]["get"]["parameters"].as_array().unwrap() {
        assert_eq!(parameter["required"], false, "{parameter}");
    }
}

#[tokio::test]
async fn the_root_leads_to_the_documentation() {
    let answer = shop().await.client.get("/").send().await;
    answer.assert_status(poem::http::StatusCode::TEMPORARY_REDIRECT);
    answer.assert_header("location", "/docs");
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
