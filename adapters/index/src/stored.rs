//! Vectors that are read from the documents in the background: an index that was just opened is searched by words meanwhile.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

use tantivy::schema::Value;
use tantivy::{Searcher, TantivyDocument};
use vitrina_core::{Error, ProductId, Result};

use crate::columns::SegmentColumns;
use crate::encoder::Encoders;
use crate::failed;
use crate::filter::Facts;
use crate::prices::Prices;
use crate::schema::{Fields, SEEN};
use crate::vectors::Vectors;

type Load = Box<dyn FnOnce() -> Result<Vectors> + Send>;

/// The vectors of an index; whoever wants them waits until they are loaded.
#[derive(Clone)]
pub(crate) struct StoredVectors(Arc<Inner>);

struct Inner {
    /// Until somebody loads them.
    load: Mutex<Option<Load>>,
    loaded: OnceLock<Result<RwLock<Vectors>>>,
}

impl StoredVectors {
    /// Those that lie in the documents.
    pub(crate) fn of(searcher: &Searcher, fields: &Fields) -> Self {
        let (searcher, fields) = (searcher.clone(), fields.clone());
        if searcher.num_docs() == 0 {
            return Self::loaded_by(|| Ok(Vectors::default()));
        }
        let vectors = Self::loaded_by(move || read(&searcher, &fields));
        let loading = vectors.clone();
        // Without a thread, whoever wants them first loads them.
        let _ = thread::Builder::new().name("vectors".into()).spawn(move || loading.wait());
        vectors
    }

    /// Those that `load` returns, which is called once.
    pub(crate) fn loaded_by(load: impl FnOnce() -> Result<Vectors> + Send + 'static) -> Self {
        Self(Arc::new(Inner { load: Mutex::new(Some(Box::new(load))), loaded: OnceLock::new() }))
    }

    /// Waits until they are loaded.
    pub(crate) fn wait(&self) -> Result<()> {
        self.get().map(|_| ())
    }

    pub(crate) fn read(&self) -> Result<RwLockReadGuard<'_, Vectors>> {
        Ok(self.get()?.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write(&self) -> Result<RwLockWriteGuard<'_, Vectors>> {
        Ok(self.get()?.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self) -> Result<&RwLock<Vectors>> {
        let loaded = self.0.loaded.get_or_init(|| {
            let load = self.0.load.lock().unwrap_or_else(PoisonError::into_inner).take();
            load.map_or_else(|| Ok(Vectors::default()), |load| load()).map(RwLock::new)
        });
        loaded.as_ref().map_err(|error| {
            tracing::error!(error = %error.chain(), "the embeddings of the search index cannot be read");
            Error::internal(
                "the embeddings of the search index cannot be read: remove its folder and start again",
            )
        })
    }
}

/// The vectors of all documents.
fn read(searcher: &Searcher, fields: &Fields) -> Result<Vectors> {
    let (mut vectors, mut encoders) = (Vectors::default(), Encoders::default());
    for segment in searcher.segment_readers() {
        let seen = segment.fast_fields().bool(SEEN).map_err(failed)?;
        let columns = Arc::new(SegmentColumns::open(segment).map_err(failed)?);
        let prices = Prices::of(&columns);
        let store = segment.get_store_reader(1).map_err(failed)?;
        for doc in segment.doc_ids_alive().filter(|doc| seen.first(*doc) == Some(true)) {
            let mut brand = String::new();
            if let Some(column) = &columns.brand_keys
                && let Some(place) = column.ords().first(doc)
            {
                column.ord_to_str(place, &mut brand).map_err(failed)?;
            }
            let facts = Facts {
                categories: columns.categories.values_for_doc(doc).collect(),
                brand: brand.into(),
                price: prices.regular(doc).unwrap_or_default(),
                sale: prices.sale(doc).map(Box::new),
                in_stock: columns.in_stock.first(doc).unwrap_or_default(),
            };
            let document: TantivyDocument = store.get(doc).map_err(failed)?;
            let stored = document.get_all(fields.embedding).filter_map(|value| value.as_bytes());
            let embeddings = stored.map(|bytes| encoders.read(bytes)).collect::<Result<Vec<_>>>()?;
            if let Some(id) = columns.ids.first(doc) {
                vectors.put(ProductId(id), &facts, &embeddings);
            }
        }
    }
    Ok(vectors)
}
