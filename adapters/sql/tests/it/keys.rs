//! The keys of API clients, in both databases.

use std::sync::Arc;

use vitrina_core::keys::{ApiKey, Scope};
use vitrina_core::{ErrorKind, KeyStore};

use crate::common::block_on;
use crate::server::Database;

fn key(id: &str, created: u64) -> ApiKey {
    ApiKey {
        id: id.into(),
        digest: [created as u8; 32],
        name: "Escaparate de otoño".into(),
        scopes: vec![Scope::Search, Scope::Events],
        origins: vec!["https://shop.example".into(), "http://localhost:3000".into()],
        expires: Some(4_000_000_000),
        per_second: std::num::NonZeroU32::new(20),
        created,
    }
}

async fn contract(store: Arc<dyn KeyStore>, other: Arc<dyn KeyStore>) {
    assert!(store.keys().await.unwrap().is_empty());
    let bare = ApiKey {
        origins: Vec::new(),
        expires: None,
        per_second: None,
        scopes: vec![Scope::Admin],
        ..key("b", 1)
    };
    store.add_key(&key("a", 2)).await.unwrap();
    store.add_key(&bare).await.unwrap();
    assert_eq!(
        other.keys().await.unwrap(),
        [bare.clone(), key("a", 2)],
        "by their creation, for every process"
    );
    for wrong in [key("a", 3), ApiKey { scopes: Vec::new(), ..key("c", 3) }] {
        assert_eq!(store.add_key(&wrong).await.unwrap_err().kind(), ErrorKind::Invalid);
    }
    assert!(other.revoke_key("a").await.unwrap() && !store.revoke_key("a").await.unwrap());
    assert_eq!(store.keys().await.unwrap(), [bare]);
}

#[test]
fn sqlite_keeps_keys() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("catalog.db").display());
        let store = vitrina_sql::open_with_keys(&url).await.unwrap().1;
        contract(store, vitrina_sql::open_with_keys(&url).await.unwrap().1).await;
    });
}

#[test]
fn mariadb_keeps_keys() {
    block_on(async {
        let Some(database) = Database::fresh().await else { return };
        let store = vitrina_sql::open_with_keys(&database.url).await.unwrap().1;
        contract(store, vitrina_sql::open_with_keys(&database.url).await.unwrap().1).await;
    });
}
