//! The Rust client against the command: what the shop's own people write, and photos with words and filters.

use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt;
use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{
    CategoryRef, Client, ClientError, Filter, ImageAnswer, Import, Listing, PhotoSearch, Product,
};
use vitrina_core::product::{OfferChange, Precondition};
use vitrina_core::{CategoryId, Money, NewProduct, ProductId};

use crate::process::{Process, folder, photo, vitrina};

const KEY: &str = "a long and secret key";
const GREEN: [u8; 3] = [20, 160, 40];
const RED: [u8; 3] = [200, 30, 30];

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);

fn serve(folder: &Path) -> Process {
    let mut command = vitrina();
    command.env("VITRINA_ADMIN_KEY", KEY).arg("serve").arg("--data-dir").arg(folder);
    Process::start(command)
}

fn with_key(server: &Process, key: &str) -> Client {
    Client::builder(&server.url("")).admin_key(key).build().unwrap()
}

fn cap(name: &str, minor: i64) -> NewProduct {
    NewProduct::new(name, Money::from_minor(minor)).category("Gorras")
}

fn ids(products: &[Product]) -> Vec<i64> {
    products.iter().map(|product| product.id.0).collect()
}

/// A server that sells a green cap (1) and a red one (2), both with a photo.
async fn caps(folder: &Path) -> (Process, Client) {
    let server = serve(folder);
    let client = with_key(&server, KEY);
    client.put_category(CategoryId(40), "Gorras").await.unwrap();
    let green = cap("Gorra verde", 950).brand("Camina").stock(3).key("V/1 ñ");
    client.put_product(ProductId(1), &green).await.unwrap();
    client.put_product(ProductId(2), &cap("Gorra roja", 1250).stock(0)).await.unwrap();
    for (id, colour) in [(1, GREEN), (2, RED)] {
        let product = client.put_photo(ProductId(id), photo(colour)).await.unwrap();
        assert!(product.photo_url.unwrap().starts_with(&server.url("/photos/")));
    }
    (server, client)
}

#[tokio::test]
async fn what_is_written_is_found_and_what_is_deleted_is_not() {
    let folder = folder();
    let (_server, client) = caps(folder.path()).await;
    let found = client.search_text("verde", &Listing::default()).await.unwrap();
    assert_eq!((ids(&found.products), &*found.categories), (vec![1], &["Gorras".to_owned()][..]));
    let product = client.product(ProductId(1)).await.unwrap();
    assert_eq!(
        (product.brand.as_deref(), product.price, product.stock),
        (Some("Camina"), Money::from_minor(950), Some(3))
    );
    let mut visor = cap("Visera roja", 1300);
    visor.id = Some(ProductId(2));
    let made = client.put_products(&[cap("Gorra azul", 2000), visor]).await.unwrap();
    assert_eq!(made[1], ProductId(2));
    let renamed = client.product(ProductId(2)).await.unwrap();
    assert_eq!((&*renamed.name, renamed.stock), ("Visera roja", None));
    assert!(renamed.photo_url.is_some(), "its photo stays");
    client.put_category(CategoryId(40), "Sombreros").await.unwrap();
    assert_eq!(client.product(made[0]).await.unwrap().category.as_deref(), Some("Sombreros"));
    client.delete_product(ProductId(1)).await.unwrap();
    for gone in [client.product(ProductId(1)).await.map(drop), client.delete_product(ProductId(1)).await] {
        assert_eq!(gone.unwrap_err().kind(), Kind::NotFound);
    }
}

#[tokio::test]
async fn products_are_read_changed_and_deleted_by_their_keys() {
    let folder = folder();
    let (_server, client) = caps(folder.path()).await;
    assert_eq!(client.product("V/1 ñ").await.unwrap().id, ProductId(1));
    let sold_out = OfferChange { stock: Some(Some(0)), ..OfferChange::default() };
    assert!(!client.update_product("V/1 ñ", sold_out).await.unwrap().in_stock);
    let done = client.update_offers(&[("V/1 ñ".into(), sold_out), ("nada".into(), sold_out)]).await.unwrap();
    assert_eq!((done.updated, done.missing), (1, vec!["nada".into()]));
    let made = client.put_product("N/2?#%", &cap("Gorra negra", 700)).await.unwrap();
    assert_eq!(client.put_product("N/2?#%", &cap("Gorra gris", 700)).await.unwrap().id, made.id);
    assert_eq!(client.product("N/2?#%").await.unwrap().name, "Gorra gris");
    client.delete_product("N/2?#%").await.unwrap();
    assert_eq!(client.product(made.id).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(client.delete_product("N/2?#%").await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn of_two_writers_the_second_with_the_old_version_is_refused_and_nothing_is_lost() {
    let folder = folder();
    let (server, first) = caps(folder.path()).await;
    let second = with_key(&server, KEY);
    let seen = second.product(ProductId(1)).await.unwrap();
    let as_seen = Precondition::from(seen.version.clone().expect("a version"));
    let pieces = |pieces| OfferChange { stock: Some(Some(pieces)), ..OfferChange::default() };
    let sold = first.update_product("V/1 ñ", pieces(2)).only_if(as_seen.clone()).await.unwrap();
    assert_ne!(sold.version, seen.version);
    let refused = [
        second.update_product(ProductId(1), pieces(9)).only_if(as_seen.clone()).await.unwrap_err(),
        second.put_product("V/1 ñ", &cap("Gorra", 1)).only_if(as_seen.clone()).await.unwrap_err(),
        second.put_product("V/1 ñ", &cap("Gorra", 1)).only_if(Precondition::Absent).await.unwrap_err(),
        second.delete_product(ProductId(1)).only_if(as_seen).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!((error.kind(), error.status()), (Kind::Conflict, Some(412)), "{error}");
        assert!(error.detail().contains(sold.version.as_ref().unwrap().as_str()), "{error}");
    }
    let present = second.product(ProductId(1)).await.unwrap();
    assert_eq!(present, sold, "the first one's change is there, and nothing else");
    let newest = Precondition::from(present.version.unwrap());
    let priced = second.update_product(ProductId(1), pieces(5)).only_if(newest).await.unwrap();
    let photographed = second.put_photo(ProductId(1), photo(RED)).await.unwrap();
    assert_ne!(photographed.version, priced.version);
    let last = Precondition::from(photographed.version.unwrap());
    second.delete_product(ProductId(1)).only_if(last).await.unwrap();
    let made = second.put_product("V/1 ñ", &cap("Gorra", 1)).only_if(Precondition::Absent).await.unwrap();
    assert_eq!(first.product("V/1 ñ").await.unwrap(), made);
}

/// The run of an import, once none goes on.
async fn ended(client: &Client) -> Import {
    loop {
        let mut imports = client.imports(1).await.unwrap();
        if imports.running.is_none() {
            return imports.imports.remove(0);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_imports_what_a_client_hands_in() {
    let folder = folder();
    let (server, client) = caps(folder.path()).await;
    let table = "Ref;Denominación;PVP\nI-1;Manopla;9,50\nI-2;Bufanda;cara\n";
    let mapping = "[columns]\nRef = \"key\"\n\"Denominación\" = \"name\"\nPVP = \"price\"\n";
    let source = client.import(table).mapping(mapping).await.unwrap();
    assert!(source.starts_with("CSV"), "{source}");
    let run = ended(&client).await;
    assert_eq!((run.new, run.refused, &*run.problems[0].value), (1, 1, "cara"));
    assert_eq!(client.product("I-1").await.unwrap().price, Money::from_minor(950));

    let export: Vec<u8> = client.export().await.unwrap().try_concat().await.unwrap();
    client.delete_product("I-1").await.unwrap();
    assert_eq!(client.import(export.clone()).await.unwrap(), "an export of vitrina");
    let run = ended(&client).await;
    assert_eq!((run.new, run.unchanged, &run.error), (1, 2, &None));
    let again: Vec<u8> = client.export().await.unwrap().try_concat().await.unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(export.clone()).unwrap());

    assert_eq!(client.import(export).prune(0.5).await.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(client.import(table).format("nonesuch").await.unwrap_err().kind(), Kind::Invalid);
    let anyone = Client::new(&server.url("")).unwrap();
    assert_eq!(anyone.import(table).await.unwrap_err().kind(), Kind::Unauthorized);
    assert_eq!(anyone.imports(1).await.unwrap_err().kind(), Kind::Unauthorized);
}

#[tokio::test]
async fn one_photo_is_looked_at_in_many_ways() {
    let folder = folder();
    let (_server, client) = caps(folder.path()).await;
    let task = client.submit_image(photo(GREEN)).await.unwrap();
    let result = async |text: &str, filter: Filter| -> ImageAnswer {
        let wanted = PhotoSearch::default().text(text).filter(filter);
        client.result(&task, &wanted, LONG).await.unwrap().expect("a result in time")
    };
    let brand = Filter::default().brands(vec!["camina".into()]);
    let dear = Filter::default().min_price(Some(Money::from_minor(1000)));
    let there = Filter::default().in_stock(true);
    assert_eq!(ids(&result("gorra", Filter::default()).await.products), [1, 2], "the green one is similar");
    assert_eq!(ids(&result("roja", Filter::default()).await.products), [2]);
    assert_eq!(ids(&result("gorra", brand.clone()).await.products), [1]);
    assert_eq!(ids(&result("", dear.clone()).await.products), [2]);
    assert_eq!(ids(&result("", there).await.products), [1]);
    let wanted = PhotoSearch::default().text("roja");
    let at_once = client.search_image_quietly(photo(GREEN), &wanted, LONG).await.unwrap();
    assert_eq!(ids(&at_once.products), [2]);
    assert_eq!(ids(&client.similar(ProductId(1), &dear, 5).await.unwrap()), [2]);
    assert_eq!(ids(&client.similar(ProductId(1), &brand, 5).await.unwrap()), [0; 0]);
    let category = vec![CategoryRef::Name("Barcos".into())];
    let nowhere = PhotoSearch::default().filter(Filter::default().categories(category));
    let error = client.result(&task, &nowhere, LONG).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Invalid, Some(422)));
    assert!(error.detail().contains("Barcos"), "{error}");
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let folder = folder();
    let (server, client) = caps(folder.path()).await;
    let reported = |error: ClientError| (error.kind(), error.status());
    let keyless = Client::new(&server.url("")).unwrap();
    let error = keyless.delete_product(ProductId(1)).await.unwrap_err();
    assert!(error.detail().contains("administration key"), "{error}");
    assert_eq!(reported(error), (Kind::Unauthorized, Some(401)));
    let unauthorized = with_key(&server, "another secret");
    for error in [
        unauthorized.put_category(CategoryId(1), "Barcos").await.unwrap_err(),
        unauthorized.put_product(ProductId(1), &cap("Gorra", 1)).await.unwrap_err(),
        unauthorized.put_products(&[cap("Gorra", 1)]).await.unwrap_err(),
        unauthorized.delete_product(ProductId(1)).await.unwrap_err(),
        unauthorized.put_photo(ProductId(1), photo(RED)).await.unwrap_err(),
    ] {
        assert!(error.detail().contains("key is wrong") && !error.detail().contains("secret"), "{error}");
        assert_eq!(reported(error), (Kind::Unauthorized, Some(403)));
    }
    let boat = NewProduct::new("Barco", Money::from_minor(1)).category("Barcos");
    let error = client.put_product(ProductId(3), &boat).await.unwrap_err();
    assert!(error.detail().contains("Barcos"), "{error}");
    assert_eq!(reported(error), (Kind::Invalid, Some(422)));
    let numbered = NewProduct::new("Barco", Money::from_minor(1)).category("99");
    assert_eq!(
        reported(client.put_product(ProductId(3), &numbered).await.unwrap_err()),
        (Kind::Invalid, Some(422))
    );
    assert_eq!(
        reported(client.put_category(CategoryId(3), " ").await.unwrap_err()),
        (Kind::Invalid, Some(422))
    );
    let error = client.put_products(&[cap("Gorra", 1), cap("", 1)]).await.unwrap_err();
    assert_eq!(reported(error), (Kind::Invalid, Some(422)));
    let absent = client.put_photo(ProductId(99), photo(RED)).await.unwrap_err();
    assert_eq!(reported(absent), (Kind::NotFound, Some(404)));
    let text = client.put_photo(ProductId(1), "no photo at all").await.unwrap_err();
    assert_eq!(reported(text), (Kind::UnsupportedPhoto, Some(415)));
    let broken = client.put_photo(ProductId(1), &photo(RED)[..200]).await.unwrap_err();
    assert_eq!(reported(broken), (Kind::Unreadable, Some(422)));
    let found = client.search_text("gorra", &Listing::default()).await.unwrap();
    assert_eq!(found.total, 2, "nothing of it was written");
}
