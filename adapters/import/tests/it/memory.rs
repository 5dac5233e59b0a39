//! A shop in memory, as the target of imports.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;
use vitrina_core::{NewProduct, ProductId, Result};
use vitrina_import::run::{ImportTarget, Put, PutBatch, StoredProduct};

/// Products by ID, and their IDs by key. A product whose name says `prohibido` is refused.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) products: Mutex<BTreeMap<i64, NewProduct>>,
    ids: Mutex<HashMap<Option<String>, i64>>,
}

#[async_trait]
impl ImportTarget for Memory {
    async fn put(&self, products: Vec<NewProduct>, dry_run: bool) -> Result<PutBatch> {
        let (mut stored, mut ids) = (self.products.lock().unwrap(), self.ids.lock().unwrap());
        let mut put = |product: NewProduct| {
            if product.name.contains("prohibido") {
                return Put::Refused { field: "name".into(), reason: "is forbidden here".into() };
            }
            let id = ids.get(&product.key).copied().filter(|id| stored.contains_key(id));
            let outcome = match id.and_then(|id| stored.get(&id)) {
                None => Put::New,
                Some(known) if *known == product => Put::Unchanged,
                Some(_) => Put::Changed(vec!["price".into()]),
            };
            if !dry_run {
                let id = id.unwrap_or_else(|| stored.keys().next_back().unwrap_or(&0) + 1);
                ids.insert(product.key.clone(), id);
                stored.insert(id, product);
            }
            outcome
        };
        Ok(PutBatch { outcomes: products.into_iter().map(&mut put).collect(), left_out: Vec::new() })
    }

    async fn list(&self, after: ProductId, limit: usize) -> Result<Vec<StoredProduct>> {
        let stored = self.products.lock().unwrap();
        let listed = stored.range(after.0 + 1..).take(limit);
        let listed = listed.map(|(id, product)| StoredProduct {
            id: ProductId(*id),
            key: product.key.clone(),
            name: product.name.clone(),
        });
        Ok(listed.collect())
    }

    async fn remove(&self, ids: &[ProductId]) -> Result<u64> {
        let mut stored = self.products.lock().unwrap();
        Ok(ids.iter().filter(|id| stored.remove(&id.0).is_some()).count() as u64)
    }
}
