//! Keys of API clients, and what browsers and caches are reported.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::test::TestResponse;
use vitrina_core::KeyStore;
use vitrina_core::keys::{ApiKey, Scope};
use vitrina_server::access::new_secret;

use crate::setup::{Setup, TestShop, shop};

/// A key with these scopes, in a store of its own.
struct Keys {
    store: Arc<dyn KeyStore>,
}

impl Keys {
    async fn new() -> Self {
        Self { store: vitrina_sql::open_with_keys("sqlite::memory:").await.unwrap().1 }
    }

    async fn create(&self, change: impl FnOnce(ApiKey) -> ApiKey) -> String {
        let (secret, id, digest) = new_secret().unwrap();
        let key = ApiKey {
            id,
            digest,
            name: "test".into(),
            scopes: vec![Scope::Search],
            origins: Vec::new(),
            expires: None,
            per_second: None,
            created: 1,
        };
        self.store.add_key(&change(key)).await.unwrap();
        secret
    }

    async fn closed(&self) -> TestShop {
        Setup { require_key: true, keys: Some(self.store.clone()), ..Setup::default() }.open().await
    }
}

async fn get(shop: &TestShop, path: &str, key: &str, origin: Option<&str>) -> TestResponse {
    let request = shop.client.get(path).header("Authorization", format!("Bearer {key}"));
    match origin {
        Some(origin) => request.header("Origin", origin).send().await,
        None => request.send().await,
    }
}

#[tokio::test]
async fn a_closed_shop_answers_those_with_a_key_for_searching() {
    let keys = Keys::new().await;
    let search = keys.create(|key| key).await;
    let metrics = keys.create(|key| ApiKey { scopes: vec![Scope::Metrics], ..key }).await;
    let admin = keys.create(|key| ApiKey { scopes: vec![Scope::Admin], ..key }).await;
    let old = keys.create(|key| ApiKey { expires: Some(1_700_000_000), ..key }).await;
    let shop = keys.closed().await;
    for path in ["/products", "/products/1", "/categories", "/search/suggest?q=cam"] {
        let answer = shop.client.get(path).send().await;
        answer.assert_status(StatusCode::UNAUTHORIZED);
        answer.assert_content_type("application/problem+json");
        get(&shop, path, &search, None).await.assert_status_is_ok();
        get(&shop, path, &admin, None).await.assert_status_is_ok();
        get(&shop, path, &metrics, None).await.assert_status(StatusCode::FORBIDDEN);
    }
    get(&shop, "/products", &old, None).await.assert_status(StatusCode::FORBIDDEN);
    // Before anything of the body is read: this one is no JSON.
    let broken = shop.client.post("/search/text").content_type("application/json").body("{");
    broken.send().await.assert_status(StatusCode::UNAUTHORIZED);
    shop.client.get("/health").send().await.assert_status_is_ok();
    let photo = get(&shop, "/products/3", &search, None).await.json().await;
    let photo = photo.value().object().get("photo").string().to_owned();
    shop.client.get(photo).send().await.assert_status_is_ok();
    let write = shop.client.delete("/products/1").header("Authorization", format!("Bearer {search}"));
    write.send().await.assert_status(StatusCode::FORBIDDEN);
    let write = shop.client.delete("/products/1").header("Authorization", format!("Bearer {admin}"));
    write.send().await.assert_status(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_key_keeps_to_its_rate_and_its_origins() {
    let keys = Keys::new().await;
    let slow = keys.create(|key| ApiKey { per_second: std::num::NonZeroU32::new(2), ..key }).await;
    let page = keys.create(|key| ApiKey { origins: vec!["https://shop.example".into()], ..key }).await;
    let shop = keys.closed().await;
    let mut refused = 0;
    for _ in 0..50 {
        let answer = get(&shop, "/categories", &slow, None).await;
        if answer.0.status() == StatusCode::TOO_MANY_REQUESTS {
            answer.assert_header("retry-after", "1");
            refused += 1;
        }
    }
    assert!(refused > 0, "fifty at once are more than two a second");
    get(&shop, "/categories", &page, None).await.assert_status_is_ok();
    let answer = get(&shop, "/categories", &page, Some("https://shop.example")).await;
    answer.assert_status_is_ok();
    answer.assert_header("access-control-allow-origin", "https://shop.example");
    let answer = get(&shop, "/categories", &page, Some("https://other.example")).await;
    answer.assert_status(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_of_other_sites_get_no_headers_unless_their_origin_is_named() {
    let closed = shop().await;
    let ask = async |shop: &TestShop, origin: &str| {
        let answer = shop.client.get("/categories").header("Origin", origin).send().await;
        answer.assert_status_is_ok();
        answer.0.headers().get("access-control-allow-origin").cloned()
    };
    assert_eq!(ask(&closed, "https://shop.example").await, None);
    let origins = vec!["https://shop.example".to_owned()];
    let open = Setup { origins, ..Setup::default() }.open().await;
    assert_eq!(ask(&open, "https://shop.example").await.unwrap(), "https://shop.example");
    assert_eq!(ask(&open, "https://other.example").await, None);
    let preflight = open.client.options("/search/text").header("Origin", "https://shop.example");
    let preflight = preflight
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization, content-type");
    let preflight = preflight.send().await;
    preflight.assert_status_is_ok();
    preflight.assert_header("access-control-allow-origin", "https://shop.example");
}

#[tokio::test]
async fn browsers_and_caches_are_told_what_an_answer_is_for() {
    let shop = shop().await;
    for path in ["/products", "/nothing/here", "/categories"] {
        let answer = shop.client.get(path).send().await;
        answer.assert_header("cache-control", "no-store");
        answer.assert_header("x-content-type-options", "nosniff");
        let policy = answer.0.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; base-uri"), "{policy}");
    }
    let photo = shop.client.get("/products/3").send().await.json().await;
    let photo = photo.value().object().get("photo").string().to_owned();
    shop.client.get(photo).send().await.assert_header("cache-control", "public, max-age=31536000, immutable");
    let page = shop.client.get("/docs").send().await;
    let policy = page.0.headers()["content-security-policy"].to_str().unwrap().to_owned();
    // The bundle, and what starts it.
    assert_eq!(policy.matches("'sha256-").count(), 2, "{policy}");
    assert!(!policy.contains("script-src 'unsafe-inline'") && !policy.contains("http"), "{policy}");
}
