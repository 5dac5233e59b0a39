//! What customers type: the words a shop knows, and what a query says beside the product.

pub(crate) mod lexicon;
mod synonyms;
mod understanding;
pub(crate) mod vocabulary;

pub use lexicon::Lexicon;
pub use synonyms::Synonyms;
pub use understanding::{Intent, PriceOrder, Understanding, UnderstoodPart};
pub use vocabulary::Vocabulary;
