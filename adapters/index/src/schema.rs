//! What is kept of a product, and where.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{TantivyDocument, Term};
use vitrina::{CategoryId, Embedding, Product, ProductId};

use crate::analysis::{Lines, TOKENIZER, lines};

/// Goes up with every change of the schema or the analysis: indexes of other versions are rebuilt.
pub(crate) const VERSION: u32 = 4;

/// Names of the fields that are read by name: columns.
pub(crate) const ID: &str = "id";
pub(crate) const CATEGORY_ID: &str = "category_id";
pub(crate) const BRAND: &str = "brand";
pub(crate) const BRAND_KEY: &str = "brand_key";
pub(crate) const NAME_KEY: &str = "name_key";
pub(crate) const PRICE: &str = "price";
pub(crate) const IN_STOCK: &str = "in_stock";
pub(crate) const SEEN: &str = "seen";

/// The fields of a product.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// The words of all texts in all their forms, their weights in the place of frequencies.
    pub(crate) words: Field,
    /// The words of all texts as they are spelt, for completing and correcting.
    pub(crate) spellings: Field,
    id: Field,
    category_id: Field,
    brand: Field,
    brand_key: Field,
    name_key: Field,
    price: Field,
    in_stock: Field,
    seen: Field,
    /// The bytes of the embedding.
    pub(crate) embedding: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexed = |option| {
        let indexing = TextFieldIndexing::default();
        let indexing = indexing.set_tokenizer(TOKENIZER).set_index_option(option).set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing)
    };
    let key = TextOptions::default().set_fast("raw");
    let fields = Fields {
        words: builder.add_text_field("words", indexed(IndexRecordOption::WithFreqs)),
        spellings: builder.add_text_field("spellings", indexed(IndexRecordOption::Basic)),
        id: builder.add_i64_field(ID, INDEXED | FAST),
        category_id: builder.add_i64_field(CATEGORY_ID, INDEXED | FAST),
        brand: builder.add_text_field(BRAND, key.clone()),
        brand_key: builder.add_text_field(BRAND_KEY, STRING | FAST),
        name_key: builder.add_text_field(NAME_KEY, key),
        price: builder.add_i64_field(PRICE, FAST),
        in_stock: builder.add_bool_field(IN_STOCK, FAST),
        seen: builder.add_bool_field(SEEN, FAST),
        embedding: builder.add_bytes_field("embedding", STORED),
    };
    (builder.build(), fields)
}

/// The tokenizers that the schema names.
pub(crate) fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(TOKENIZER, Lines);
    tokenizers
}

/// A name or brand as it is compared: without case.
pub(crate) fn key(text: &str) -> String {
    text.to_lowercase()
}

impl Fields {
    /// The term that names a product.
    pub(crate) fn product(&self, id: ProductId) -> Term {
        Term::from_field_i64(self.id, id.0)
    }

    /// The term that products of a category have, and its field.
    pub(crate) fn category(&self, id: CategoryId) -> (Field, Term) {
        (self.category_id, Term::from_field_i64(self.category_id, id.0))
    }

    /// What is kept of a product.
    pub(crate) fn document(&self, product: &Product, embedding: Option<&Embedding>) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        let (words, spellings) = lines(product);
        document.add_text(self.words, words);
        document.add_text(self.spellings, spellings);
        if let Some(shelf) = &product.category {
            document.add_i64(self.category_id, shelf.id.0);
        }
        if let Some(maker) = product.brand.as_deref().filter(|maker| !maker.is_empty()) {
            document.add_text(self.brand, maker);
            document.add_text(self.brand_key, key(maker));
        }
        document.add_i64(self.id, product.id.0);
        document.add_text(self.name_key, key(&product.name));
        document.add_i64(self.price, product.price.minor());
        document.add_bool(self.in_stock, product.in_stock());
        document.add_bool(self.seen, embedding.is_some());
        if let Some(embedding) = embedding {
            document.add_bytes(self.embedding, &embedding.to_bytes());
        }
        document
    }
}
