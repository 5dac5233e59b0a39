//! The index: tantivy for words, vectors in memory for visual similarity, one position for both.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, SegmentReader, TantivyError};
use vitrina_core::catalog::{Change, FeedPosition, Filter};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::index::{
    EmbeddedProducts, Hit, PhotoMatch, RankingWeights, Suggestions, TextHits, TextQuery,
};
use vitrina_core::product::Timestamp;
use vitrina_core::words::{Lexicon, Synonyms};
use vitrina_core::{CategoryId, ProductId, Result, SearchIndex};

use crate::answers::Answers;
use crate::columns::Columns;
use crate::encoder::{Encoded, Encoders};
use crate::filter::{Facts, Wanted};
use crate::frequent::Frequent;
use crate::kinds::Kinds;
use crate::query::Reader;
use crate::schema::{Fields, schema};
use crate::signals::Signals;
use crate::storage::Source;
use crate::stored::StoredVectors;
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
    source: Source,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    /// Apart from the writer, so that asking for it does not wait for what is being applied.
    position: AtomicU64,
    vectors: StoredVectors,
    synonyms: Synonyms,
    lexicon: Lexicon,
    signals: Signals,
    answers: Answers,
    frequent: Frequent,
    columns: Columns,
    kinds: RwLock<Arc<Kinds>>,
}

impl TantivyIndex {
    /// An empty index in memory.
    ///
    /// # Errors
    /// [`Internal`](vitrina_core::ErrorKind::Internal) when no thread can be started.
    pub fn in_memory() -> Result<Self> {
        Self::over(storage::in_memory()?, Source::new(""))
    }

    /// The index in `directory`, which is made if it is not there: with all that was applied to it before.
    ///
    /// The directory should hold nothing else. What lies there of another version or damaged is removed with a line in the
    /// log: the index is empty then, at position 0, and [`catch_up`](vitrina_core::index::catch_up) fills it again. All files are read
    /// once to see whether they are whole. Embeddings are read in the background: words are searched at once, and whoever
    /// wants embeddings, or applies changes, waits for them.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the directory cannot be read or written, or another process
    /// uses it.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::open_of(directory, "")
    }

    /// The index in `directory` as [`open`](Self::open) has it, where it was made from this source; one of another source is
    /// removed too.
    ///
    /// A source is named by whatever the index depends on beside the version of this crate: the identity of the catalogue, and
    /// the fingerprint of the lexicon.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_of(directory: impl AsRef<Path>, source: &str) -> Result<Self> {
        let source = Source::new(source);
        Self::over(storage::open(directory.as_ref(), &source)?, source)
    }

    /// The same index with these synonyms, which count from the next search on.
    #[must_use]
    pub fn with_synonyms(mut self, synonyms: Synonyms) -> Self {
        self.synonyms = synonyms;
        self.answers = Answers::default();
        self
    }

    /// The same index with a lexicon, by which it knows accessories, the language of products and words that are spelt right.
    /// What was applied before stays as it was read then.
    #[must_use]
    pub fn with_lexicon(mut self, lexicon: Lexicon) -> Self {
        self.lexicon = lexicon;
        self.answers = Answers::default();
        self.kinds = RwLock::default();
        self
    }

    /// The same index with these weights of popularity, sales, newness and boosts, which count from the next search on.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for weights out of range.
    pub fn with_ranking(mut self, weights: &RankingWeights) -> Result<Self> {
        self.signals = Signals::new(weights)?;
        self.answers = Answers::default();
        Ok(self)
    }

    fn over(index: Index, source: Source) -> Result<Self> {
        let (_, fields) = schema();
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .build();
        let writer = index.writer_with_options(options).map_err(failed)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let position = source.committed_position(&index).map_err(failed)?.unwrap_or_default();
        let vectors = StoredVectors::of(&reader.searcher(), &fields);
        Ok(Self {
            fields,
            source,
            reader,
            writer: Mutex::new(writer),
            position: AtomicU64::new(position.0),
            vectors,
            synonyms: Synonyms::empty(),
            lexicon: Lexicon::empty(),
            signals: Signals::default(),
            answers: Answers::default(),
            frequent: Frequent::default(),
            columns: Columns::default(),
            kinds: RwLock::default(),
        })
    }

    fn write(
        &self,
        writer: &mut IndexWriter,
        changes: &[Change],
        encoded: &HashMap<ProductId, Vec<Encoded>>,
        position: FeedPosition,
    ) -> Result<(), TantivyError> {
        for change in changes {
            match change {
                Change::Product { product, .. } => {
                    let embeddings = encoded.get(&product.id).map_or(&[][..], Vec::as_slice);
                    writer.delete_term(self.fields.product(product.id));
                    writer.add_document(self.fields.document(product, embeddings, &self.lexicon))?;
                }
                Change::ProductDeleted(id) => {
                    writer.delete_term(self.fields.product(*id));
                }
                Change::Category(_) | Change::CategoryDeleted(_) => {} // their products come anew
            }
        }
        self.commit(writer, position)
    }

    /// Commits what was written, and lets searches see it.
    fn commit(&self, writer: &mut IndexWriter, position: FeedPosition) -> Result<(), TantivyError> {
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&self.source.payload(position));
        commit.commit()?;
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        let segments = searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
        self.frequent.keep(&segments);
        self.columns.keep(&segments);
        self.kinds(&searcher)?;
        Ok(())
    }

    /// Reads queries against this state.
    fn words<'a>(&'a self, searcher: &'a Searcher) -> Result<Reader<'a>> {
        let Self { fields, synonyms, frequent, columns, lexicon, signals, .. } = self;
        let kinds = self.kinds(searcher).map_err(failed)?;
        Ok(Reader { searcher, fields, synonyms, frequent, columns, lexicon, signals, kinds })
    }

    /// The kinds of products of this state.
    fn kinds(&self, searcher: &Searcher) -> Result<Arc<Kinds>, TantivyError> {
        let known = self.kinds.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.are_of(searcher) {
            return Ok(known);
        }
        let kinds = Arc::new(Kinds::of(searcher, &known, &self.lexicon)?);
        let mut here = self.kinds.write().unwrap_or_else(PoisonError::into_inner);
        if kinds.is_newer_than(&here) {
            *here = kinds.clone();
        }
        Ok(kinds)
    }

    /// Undoes what was not committed: it must not slip into the next commit, which may belong to another batch.
    fn undo(writer: &mut IndexWriter) {
        if let Err(error) = writer.rollback() {
            tracing::error!(%error, "the search index takes no changes any more: restart the server");
        }
    }

    fn see(vectors: &mut Vectors, changes: &[Change], encoded: &HashMap<ProductId, Vec<Encoded>>) {
        for change in changes {
            match change {
                Change::Product { product, .. } => {
                    let embeddings = encoded.get(&product.id).map_or(&[][..], Vec::as_slice);
                    vectors.put(product.id, &Facts::from(product), embeddings);
                }
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
        let encoded = encoded(changes);
        self.vectors.wait()?; // before anything is committed that they would lack
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.write(&mut writer, changes, &encoded, position) {
            Self::undo(&mut writer);
            return Err(failed(error));
        }
        let mut vectors = self.vectors.write()?;
        Self::see(&mut vectors, changes, &encoded);
        drop(vectors);
        self.position.store(position.0, Ordering::Release);
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        self.vectors.wait()?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let cleared = writer.delete_all_documents().and_then(|_| self.commit(&mut writer, FeedPosition(0)));
        if let Err(error) = cleared {
            Self::undo(&mut writer);
            return Err(failed(error));
        }
        *self.vectors.write()? = Vectors::default();
        self.position.store(0, Ordering::Release);
        Ok(())
    }

    async fn text(&self, query: &TextQuery) -> Result<TextHits> {
        let searcher = self.reader.searcher();
        let words = self.words(&searcher)?;
        let state = state_of(&searcher, &words.kinds);
        if let Some(known) = self.answers.get(state, query) {
            return Ok(known);
        }
        let answer = search::text(&words, query)?;
        self.answers.put(state, query, &answer);
        Ok(answer)
    }

    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        let searcher = self.reader.searcher();
        search::suggest(&self.words(&searcher)?, text, limit)
    }

    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>> {
        let wanted =
            Wanted::new(filter).with_products(&self.reader.searcher(), &self.columns).map_err(failed)?;
        let vectors = self.vectors.read()?;
        Ok(vectors.nearest(embedding, &wanted, limit))
    }

    async fn best_photos(
        &self,
        embedding: &Embedding,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>> {
        self.vectors.read()?.best_photos(embedding, products)
    }

    async fn embedding(&self, product: ProductId, space: &EmbeddingSpace) -> Result<Option<Embedding>> {
        self.vectors.read()?.get(product, space)
    }

    async fn spaces(&self) -> Result<Vec<EmbeddedProducts>> {
        Ok(self.vectors.read()?.spaces())
    }

    async fn sample_embeddings(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<Vec<(CategoryId, Embedding)>> {
        self.vectors.read()?.sample_embeddings(space, limit)
    }
}

impl fmt::Debug for TantivyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TantivyIndex")
            .field("products", &self.reader.searcher().num_docs())
            .finish_non_exhaustive()
    }
}

/// The embeddings of changed products; the last change of a product counts.
fn encoded(changes: &[Change]) -> HashMap<ProductId, Vec<Encoded>> {
    let mut encoders = Encoders::default();
    let mut encoded = HashMap::new();
    for change in changes {
        if let Change::Product { product, embeddings } = change {
            let embeddings = embeddings.iter().map(|stored| {
                let is_main = product.photo() == Some(stored.photo.as_str());
                encoders.encode(&stored.embedding, (!is_main).then(|| stored.photo.clone()))
            });
            encoded.insert(product.id, embeddings.collect());
        }
    }
    encoded
}

/// The state by which answers are kept: the index's, and where sales begin and end, the minute.
fn state_of(searcher: &Searcher, kinds: &Kinds) -> u64 {
    let minute = match kinds.has_sales() {
        true => Timestamp::now().0.unsigned_abs() / 60 % (1 << 32),
        false => 0,
    };
    (searcher.generation().generation_id() << 32) + minute
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use futures_executor::block_on;
    use vitrina_core::Product;

    use super::*;

    #[test]
    fn words_are_searched_while_the_vectors_are_read() {
        let mut index = TantivyIndex::in_memory().unwrap();
        let change = Change::Product { product: Product::new(ProductId(1), "Bota"), embeddings: Vec::new() };
        block_on(index.apply(&[change], FeedPosition(1))).unwrap();
        let (read, reading) = mpsc::channel();
        index.vectors = StoredVectors::loaded_by(move || {
            reading.recv().unwrap();
            Ok(Vectors::default())
        });
        let query = TextQuery::default().text("bota");
        assert_eq!(block_on(index.text(&query)).unwrap().hits.len(), 1);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(index.spaces()).unwrap());
            read.send(()).unwrap();
            assert!(waiting.join().unwrap().is_empty());
        });
    }
}
