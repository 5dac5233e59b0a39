//! The catalogue on MariaDB over TLS.

use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, Connection};
use vitrina_core::ErrorKind;
use vitrina_testing::{Authority, MariaDbServer};

use crate::common::{block_on, category};

/// A server that refuses connections without TLS, with an empty database `shop`.
fn start(authority: &Authority, host: &str) -> Option<MariaDbServer> {
    let certificate = authority.issue("mariadb", &[host]);
    let option = |name: &str, path: &std::path::Path| format!("--ssl-{name}={}", path.display());
    let (cert, key) = (option("cert", &certificate.cert), option("key", &certificate.key));
    let server = MariaDbServer::start_with(&[cert, key, "--require-secure-transport=ON".to_owned()])?;
    block_on(async {
        let url = format!("{}?ssl-mode=REQUIRED", server.url());
        let mut connection = MySqlConnectOptions::from_str(&url).unwrap().connect().await.unwrap();
        sqlx::raw_sql("CREATE DATABASE shop").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
    Some(server)
}

#[test]
fn a_catalogue_over_tls_is_checked_as_far_as_the_url_asks() {
    let (authority, untrusted) = (Authority::new(), Authority::new());
    let Some(server) = start(&authority, "127.0.0.1") else { return };
    let url = |parameters: &str| format!("{}/shop?{parameters}", server.url());
    let (ca, other) = (authority.ca().display().to_string(), untrusted.ca().display().to_string());
    block_on(async {
        for safe in [
            "ssl-mode=REQUIRED".to_owned(),
            format!("ssl-mode=VERIFY_CA&ssl-ca={ca}"),
            format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}"),
        ] {
            let catalog = vitrina_sql::open(&url(&safe))
                .await
                .unwrap_or_else(|error| panic!("{safe}: {}", error.chain()));
            catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        }
        for refused in [
            "ssl-mode=VERIFY_CA".to_owned(),
            format!("ssl-mode=VERIFY_CA&ssl-ca={other}"),
            format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={other}"),
        ] {
            let error = vitrina_sql::open(&url(&refused)).await.err().expect(&refused);
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{refused}: {}", error.chain());
            assert!(error.to_string().contains("ssl-ca"), "{refused}: {}", error.chain());
        }
        assert!(vitrina_sql::open(&url("ssl-mode=DISABLED")).await.is_err(), "the server wants TLS");
    });
}

#[test]
fn a_certificate_of_another_host_passes_for_its_authority_alone() {
    let authority = Authority::new();
    let Some(server) = start(&authority, "db.example.com") else { return };
    let url =
        |mode: &str| format!("{}/shop?ssl-mode={mode}&ssl-ca={}", server.url(), authority.ca().display());
    block_on(async {
        assert!(vitrina_sql::open(&url("VERIFY_CA")).await.is_ok());
        let error = vitrina_sql::open(&url("VERIFY_IDENTITY")).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
    });
}
