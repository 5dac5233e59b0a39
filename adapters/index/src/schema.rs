//! What is kept of a product, and where.

use std::collections::BTreeSet;

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{TantivyDocument, Term};
use vitrina_core::words::Lexicon;
use vitrina_core::{CategoryId, Product, ProductId};

use crate::analysis::{Indexed, Lines, TOKENIZER, lines};
use crate::attributes;
use crate::encoder::Encoded;

/// Goes up with every change of the schema or the analysis: indexes of other versions are rebuilt.
pub(crate) const VERSION: u32 = 10;

/// Names of the fields that are read by name: columns.
pub(crate) const ID: &str = "id";
pub(crate) const CATEGORY_ID: &str = "category_id";
pub(crate) const BRAND: &str = "brand";
pub(crate) const BRAND_KEY: &str = "brand_key";
pub(crate) const NAME_KEY: &str = "name_key";
pub(crate) const PRICE: &str = "price";
pub(crate) const IN_STOCK: &str = "in_stock";
pub(crate) const SEEN: &str = "seen";
pub(crate) const KIND: &str = "kind";
pub(crate) const ATTRIBUTES: &str = "attributes";
pub(crate) const POPULARITY: &str = "popularity";
pub(crate) const SALE_PRICE: &str = "sale_price";
pub(crate) const SALE_FROM: &str = "sale_from";
pub(crate) const SALE_UNTIL: &str = "sale_until";

/// Between the category and the head word of a kind.
pub(crate) const KIND_SEPARATOR: char = '\0';

/// The fields of a product.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// The words of all texts in all their forms, their weights in the place of frequencies.
    pub(crate) words: Field,
    /// The words of all texts as they are spelt, for completing and correcting.
    pub(crate) spellings: Field,
    /// The same by how they sound.
    pub(crate) sounds: Field,
    /// The words that say what kind of product it is; how surely, in the place of frequencies.
    pub(crate) heads: Field,
    /// Category and head word: products of one kind.
    kind: Field,
    id: Field,
    category_id: Field,
    brand: Field,
    brand_key: Field,
    name_key: Field,
    price: Field,
    in_stock: Field,
    seen: Field,
    attributes: Field,
    popularity: Field,
    sale_price: Field,
    sale_from: Field,
    sale_until: Field,
    /// The embeddings, each as [`Encoded::to_bytes`] writes it.
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
        sounds: builder.add_text_field("sounds", indexed(IndexRecordOption::Basic)),
        heads: builder.add_text_field("heads", indexed(IndexRecordOption::WithFreqs)),
        kind: builder.add_text_field(KIND, key.clone()),
        id: builder.add_i64_field(ID, INDEXED | FAST),
        category_id: builder.add_i64_field(CATEGORY_ID, INDEXED | FAST),
        brand: builder.add_text_field(BRAND, key.clone()),
        brand_key: builder.add_text_field(BRAND_KEY, STRING | FAST),
        name_key: builder.add_text_field(NAME_KEY, key),
        price: builder.add_i64_field(PRICE, FAST),
        in_stock: builder.add_bool_field(IN_STOCK, FAST),
        seen: builder.add_bool_field(SEEN, FAST),
        attributes: builder.add_text_field(ATTRIBUTES, TextOptions::default().set_fast("raw")),
        popularity: builder.add_f64_field(POPULARITY, FAST),
        sale_price: builder.add_i64_field(SALE_PRICE, FAST),
        sale_from: builder.add_i64_field(SALE_FROM, FAST),
        sale_until: builder.add_i64_field(SALE_UNTIL, FAST),
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
    pub(crate) fn document(
        &self,
        product: &Product,
        embeddings: &[Encoded],
        lexicon: &Lexicon,
    ) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        let Indexed { words, heads, spellings, sounds, kind } = lines(product, lexicon);
        let category = product.category().map(|category| category.id.0.to_string()).unwrap_or_default();
        document.add_text(self.kind, format!("{category}{KIND_SEPARATOR}{kind}"));
        document.add_text(self.words, words);
        document.add_text(self.heads, heads);
        document.add_text(self.spellings, spellings);
        document.add_text(self.sounds, sounds);
        for category in categories(product) {
            document.add_i64(self.category_id, category);
        }
        for term in attributes::terms(product) {
            document.add_text(self.attributes, term);
        }
        if let Some(popularity) = product.popularity.filter(|popularity| popularity.is_finite()) {
            document.add_f64(self.popularity, popularity);
        }
        if let Some(sale) = product.sale {
            document.add_i64(self.sale_price, sale.price.minor());
            sale.from.iter().for_each(|from| document.add_i64(self.sale_from, from.0));
            sale.until.iter().for_each(|until| document.add_i64(self.sale_until, until.0));
        }
        if let Some(maker) = product.brand.as_deref().filter(|maker| !maker.is_empty()) {
            document.add_text(self.brand, maker);
            document.add_text(self.brand_key, key(maker));
        }
        document.add_i64(self.id, product.id.0);
        document.add_text(self.name_key, key(&product.name));
        document.add_i64(self.price, product.price.minor());
        document.add_bool(self.in_stock, product.in_stock());
        document.add_bool(self.seen, !embeddings.is_empty());
        for embedding in embeddings {
            document.add_bytes(self.embedding, &embedding.to_bytes());
        }
        document
    }
}

/// The categories of a product and those above them, each once, the main one first.
pub(crate) fn categories(product: &Product) -> Vec<i64> {
    let main = product.category().map(|category| category.id.0);
    let all = product.categories.iter().flat_map(|path| path.iter()).map(|category| category.id.0);
    let rest: BTreeSet<_> = all.filter(|id| Some(*id) != main).collect();
    main.into_iter().chain(rest).collect()
}
