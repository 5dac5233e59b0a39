//! The cases of requests that are carried out once.

use futures_util::future::join_all;

use super::{category, draft};
use crate::catalog::{Once, RequestKey};
use crate::product::Timestamp;
use crate::{Catalog, CategoryId, ErrorKind};

/// A moment long enough after the first.
const NOW: i64 = 1_790_000_000;

fn request(scope: &str, key: &str, fingerprint: u8) -> RequestKey {
    RequestKey::new(scope, key, [fingerprint; 32]).unwrap().at(Timestamp(NOW))
}

pub async fn a_request_is_carried_out_once(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let (shirts, first) = ([draft("Camiseta", 1, 1000), draft("Polo", 1, 2000)], request("a", "K 1", 1));
    assert_eq!(catalog.recorded_request(&first).await.unwrap(), None);
    let once = catalog.upsert_products_once(&shirts, &first).await.unwrap();
    assert!(!once.repeated && once.ids.len() == 2);
    assert_eq!(catalog.recorded_request(&first).await.unwrap().as_ref(), Some(&once.ids));
    // What a repeated one would write does not matter any more.
    for drafts in [&shirts[..], &shirts[..1], &[]] {
        let again = catalog.upsert_products_once(drafts, &first).await.unwrap();
        assert_eq!(again, Once { repeated: true, ..once.clone() });
    }
    let other = request("a", "K 1", 2);
    assert_eq!(catalog.upsert_products_once(&shirts, &other).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(catalog.recorded_request(&other).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(catalog.count().await.unwrap(), 2);
    // Keys are told apart by case, and are their scope's own.
    for others in [request("a", "k 1", 1), request("b", "K 1", 3)] {
        assert!(!catalog.upsert_products_once(&shirts[..1], &others).await.unwrap().repeated);
    }
    assert_eq!(catalog.count().await.unwrap(), 4);
    let nothing = request("a", "nothing", 1);
    let recorded = catalog.upsert_products_once(&[], &nothing).await.unwrap();
    assert_eq!(recorded, Once { ids: Vec::new(), repeated: false });
    assert_eq!(catalog.recorded_request(&nothing).await.unwrap(), Some(Vec::new()));
}

pub async fn requests_at_the_same_time_are_carried_out_once(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let (shirts, request) = ([draft("Camiseta", 1, 1000)], request("a", "key", 1));
    let calls = (0..8).map(|_| catalog.upsert_products_once(&shirts, &request));
    let done: Vec<Once> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(done.iter().filter(|once| !once.repeated).count(), 1);
    assert!(done.iter().all(|once| once.ids == done[0].ids && once.ids.len() == 1));
    assert_eq!(catalog.count().await.unwrap(), 1);
}

pub async fn what_is_refused_is_not_recorded(catalog: &dyn Catalog) {
    let request = request("a", "key", 1);
    let error = catalog.upsert_products_once(&[draft("Camiseta", 1, 1000)], &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(catalog.recorded_request(&request).await.unwrap(), None);
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let once = catalog.upsert_products_once(&[draft("Camiseta", 1, 1000)], &request).await.unwrap();
    assert!(!once.repeated);
    assert_eq!(catalog.products(&once.ids).await.unwrap()[0].category().unwrap().id, CategoryId(1));
}

pub async fn a_request_is_forgotten_after_its_time(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let (shirt, first) = ([draft("Camiseta", 1, 1000)], request("a", "key", 1));
    let ids = catalog.upsert_products_once(&shirt, &first).await.unwrap().ids;
    let last_moment = first.clone().at(Timestamp(NOW + RequestKey::LIFETIME - 1));
    assert_eq!(catalog.recorded_request(&last_moment).await.unwrap(), Some(ids.clone()));
    assert!(catalog.upsert_products_once(&shirt, &last_moment).await.unwrap().repeated);
    // Then the key is free, also for a request that says something else.
    let later = request("a", "key", 2).at(Timestamp(NOW + RequestKey::LIFETIME));
    assert_eq!(catalog.recorded_request(&later).await.unwrap(), None);
    let anew = catalog.upsert_products_once(&shirt, &later).await.unwrap();
    assert!(!anew.repeated && anew.ids != ids);
    assert_eq!(catalog.recorded_request(&later).await.unwrap(), Some(anew.ids));
}
