//! Two servers that share a MariaDB, a Redis and a bucket of S3, and no folder.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vitrina_testing::{MariaDbServer, RedisServer, S3Server};

use crate::process::{Process, folder, http, photo, vitrina};

const KEY: &str = "a long and secret key";
/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

async fn put(server: &Process, path: &str, body: Value) {
    let answer = http().put(server.url(path)).bearer_auth(KEY).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
}

async fn put_photo(server: &Process, path: &str, photo: Vec<u8>) -> String {
    let part = reqwest::multipart::Part::bytes(photo).file_name("photo.jpg");
    let form = reqwest::multipart::Form::new().part("file", part);
    let answer = http().put(server.url(path)).bearer_auth(KEY).multipart(form).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json::<Value>().await.unwrap()["photo"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_photo_put_through_one_server_is_shown_and_found_through_the_other() {
    let Some(mariadb) = MariaDbServer::start() else { return };
    let Some(redis) = RedisServer::start(&[]) else { return };
    let Some(s3) = S3Server::start() else { return };
    mariadb.execute("CREATE DATABASE shop CHARACTER SET utf8mb4");
    s3.create_bucket("shop");
    let catalog = format!("{}/shop", mariadb.url());
    let folders = [folder(), folder()];
    let [one, other] = folders.each_ref().map(|folder| {
        let mut command = vitrina();
        command.envs(s3.options()).env("VITRINA_ADMIN_KEY", KEY);
        command.arg("serve").arg("--data-dir").arg(folder.path());
        command.args(["--catalog", &catalog, "--queue", &redis.url(), "--photos", "s3://shop/photos"]);
        Process::start(command)
    });
    let _worker = Process::worker(&redis.url(), &[]);

    put(&one, "/categories/1", json!({"name": "Zapatos"})).await;
    for (id, colour) in [(1, [200, 20, 20]), (2, [20, 20, 200])] {
        let path = format!("/products/{id}");
        put(&one, &path, json!({"name": "Zapatilla", "price": 9.5, "category": "Zapatos"})).await;
        let url = put_photo(&one, &format!("{path}/photo"), photo(colour)).await;
        let (status, product) = other.get(&path).await;
        assert_eq!((status, product["photo"].as_str()), (200, Some(url.as_str())), "{product}");
        let shown = http().get(other.url(&url)).send().await.unwrap();
        assert_eq!(
            (shown.status().as_u16(), &shown.headers()["content-type"]),
            (200, &"image/jpeg".parse().unwrap())
        );
        let picture = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (200, 100));
    }

    // The other server learns of the products by the catalogue's change feed.
    let begin = Instant::now();
    loop {
        let task = other.accept(photo([205, 25, 25])).await;
        let (_, found) = other.result(&task).await;
        let products = found["products"].as_array().cloned().unwrap_or_default();
        if products.len() == 2 && products.iter().all(|product| product["similarity"].as_f64().is_some()) {
            assert_eq!(products[0]["id"], json!(1), "{found}");
            break;
        }
        assert!(begin.elapsed() < LONG, "{found}");
    }
    for folder in &folders {
        assert!(!folder.path().join("photos").exists(), "photos are in the bucket alone");
    }
    assert_eq!(other.get("/ready").await.0, 200);
}
