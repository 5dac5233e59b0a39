//! The index: tantivy for words, vectors in memory for looks, one position for both.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::Value;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError};
use vitrina::{
    CategoryId, Change, Embedding, FeedPosition, Filter, Hit, ProductId, Result, SearchIndex, Suggestions,
    Synonyms, TextHits, TextQuery,
};

use crate::answers::Answers;
use crate::filter::{Facts, Wanted};
use crate::frequent::Frequent;
use crate::query::Reader;
use crate::schema::{BRAND_KEY, CATEGORY_ID, Fields, ID, IN_STOCK, PRICE, SEEN, schema};
use crate::vectors::Vectors;
use crate::{failed, search, storage};

/// How much the writer gathers in memory before it writes a segment.
const WRITER_BYTES: usize = 32 << 20;

/// A search index on tantivy, in memory or in a directory.
///
/// Searches go on while [`apply`](SearchIndex::apply) runs and see the state before it. No runtime is needed, and none is
/// used: `apply` keeps its thread for as long as indexing, writing and syncing take (a tenth of a second, be it for one
/// product or a thousand), and [`similar`](SearchIndex::similar) for as long as reading all vectors does. A server should
/// follow the change feed on a thread that nobody waits for.
pub struct TantivyIndex {
    fields: Fields,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    /// Apart from the writer, so that asking for it does not wait for what is being applied.
    position: AtomicU64,
    vectors: RwLock<Vectors>,
    synonyms: Synonyms,
    answers: Answers,
    frequent: Frequent,
}

impl TantivyIndex {
    /// An empty index in memory.
    ///
    /// # Errors
    /// [`Internal`](vitrina::ErrorKind::Internal) when no thread can be started.
    pub fn in_memory() -> Result<Self> {
        Self::over(storage::in_memory()?)
    }

    /// The index in `directory`, which is made if it is not there: with all that was applied to it before.
    ///
    /// The directory should hold nothing else. What lies there of another version or damaged is removed with a line in the
    /// log: the index is empty then, at position 0, and [`catch_up`](vitrina::catch_up) fills it again. All files are read
    /// once to see whether they are whole.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina::ErrorKind::Unavailable) when the directory cannot be read or written, or another process
    /// uses it.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::over(storage::open(directory.as_ref())?)
    }

    /// The same index with these synonyms, which count from the next search on.
    #[must_use]
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Self {
        self.synonyms = synonyms;
        self.answers = Answers::default();
        self
    }

    fn over(index: Index) -> Result<Self> {
        let (_, fields) = schema();
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .build();
        let writer = index.writer_with_options(options).map_err(failed)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let position = storage::committed_position(&index).map_err(failed)?.unwrap_or_default();
        let vectors = stored_vectors(&reader.searcher(), &fields)?;
        Ok(Self {
            fields,
            reader,
            writer: Mutex::new(writer),
            position: AtomicU64::new(position.0),
            vectors: RwLock::new(vectors),
            synonyms: Synonyms::empty(),
            answers: Answers::default(),
            frequent: Frequent::default(),
        })
    }

    fn write(
        &self,
        writer: &mut IndexWriter,
        changes: &[Change],
        position: FeedPosition,
    ) -> Result<(), TantivyError> {
        for change in changes {
            match change {
                Change::Product { product, embedding } => {
                    writer.delete_term(self.fields.product(product.id));
                    writer.add_document(self.fields.document(product, embedding.as_ref()))?;
                }
                Change::ProductDeleted(id) => {
                    writer.delete_term(self.fields.product(*id));
                }
                Change::Category(_) | Change::CategoryDeleted(_) => {} // their products come anew
            }
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&storage::payload(position));
        commit.commit()?;
        self.reader.reload()?;
        self.frequent.keep(&self.reader.searcher());
        Ok(())
    }

    /// Reads queries against this state.
    fn words<'a>(&'a self, searcher: &'a Searcher) -> Reader<'a> {
        let Self { fields, synonyms, frequent, .. } = self;
        Reader { searcher, fields, synonyms, frequent }
    }

    fn see(&self, changes: &[Change]) {
        let mut vectors = self.vectors.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            match change {
                Change::Product { product, embedding: Some(embedding) } => {
                    vectors.put(product.id, Facts::from(product), embedding.as_slice());
                }
                Change::Product { product, embedding: None } => vectors.remove(product.id),
                Change::ProductDeleted(id) => vectors.remove(*id),
                Change::Category(_) | Change::CategoryDeleted(_) => {}
            }
        }
    }
}

#[async_trait]
impl SearchIndex for TantivyIndex {
    async fn position(&self) -> Result<FeedPosition> {
        Ok(FeedPosition(self.position.load(Ordering::Acquire)))
    }

    async fn apply(&self, changes: &[Change], position: FeedPosition) -> Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.write(&mut writer, changes, position) {
            // What was not committed must not slip into the next commit, which may belong to another stretch.
            if let Err(error) = writer.rollback() {
                tracing::error!(%error, "the search index takes no changes any more: restart the server");
            }
            return Err(failed(error));
        }
        self.see(changes);
        self.position.store(position.0, Ordering::Release);
        Ok(())
    }

    async fn text(&self, query: &TextQuery) -> Result<TextHits> {
        let searcher = self.reader.searcher();
        let state = searcher.generation().generation_id();
        if let Some(known) = self.answers.get(state, query) {
            return Ok(known);
        }
        let answer = search::text(&self.words(&searcher), query)?;
        self.answers.put(state, query, &answer);
        Ok(answer)
    }

    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        let searcher = self.reader.searcher();
        search::suggest(&self.words(&searcher), text, limit)
    }

    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>> {
        let vectors = self.vectors.read().unwrap_or_else(PoisonError::into_inner);
        Ok(vectors.nearest(embedding.as_slice(), &Wanted::new(filter), limit))
    }

    async fn embedding(&self, product: ProductId) -> Result<Option<Embedding>> {
        self.vectors.read().unwrap_or_else(PoisonError::into_inner).get(product)
    }

    async fn looks(&self, limit: usize) -> Result<Vec<(CategoryId, Embedding)>> {
        self.vectors.read().unwrap_or_else(PoisonError::into_inner).looks(limit)
    }
}

impl fmt::Debug for TantivyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TantivyIndex")
            .field("products", &self.reader.searcher().num_docs())
            .finish_non_exhaustive()
    }
}

/// The vectors that lie in the documents.
fn stored_vectors(searcher: &Searcher, fields: &Fields) -> Result<Vectors> {
    let mut vectors = Vectors::default();
    for segment in searcher.segment_readers() {
        let columns = segment.fast_fields();
        let seen = columns.bool(SEEN).map_err(failed)?;
        let ids = columns.i64(ID).map_err(failed)?;
        let categories = columns.i64(CATEGORY_ID).map_err(failed)?;
        let prices = columns.i64(PRICE).map_err(failed)?;
        let stock = columns.bool(IN_STOCK).map_err(failed)?;
        let brands = columns.str(BRAND_KEY).map_err(failed)?;
        let store = segment.get_store_reader(1).map_err(failed)?;
        for doc in segment.doc_ids_alive().filter(|doc| seen.first(*doc) == Some(true)) {
            let mut brand = String::new();
            if let Some(column) = &brands
                && let Some(place) = column.ords().first(doc)
            {
                column.ord_to_str(place, &mut brand).map_err(failed)?;
            }
            let facts = Facts {
                category: categories.first(doc),
                brand: brand.into(),
                price: prices.first(doc).unwrap_or_default(),
                in_stock: stock.first(doc).unwrap_or_default(),
            };
            let document: TantivyDocument = store.get(doc).map_err(failed)?;
            let bytes = document.get_first(fields.embedding).and_then(|value| value.as_bytes());
            if let (Some(bytes), Some(id)) = (bytes, ids.first(doc)) {
                vectors.put(ProductId(id), facts, Embedding::from_bytes(bytes)?.as_slice());
            }
        }
    }
    Ok(vectors)
}
