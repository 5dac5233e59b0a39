//! Values as shops write them: amounts, numbers, booleans, dates, measures, codes, HTML, addresses of photos.

mod codes;
mod dates;
mod html;
mod numbers;
mod photos;
mod words;

pub(crate) use codes::{Gtin, gtin, rounded_by_a_spreadsheet};
pub(crate) use dates::{period, timestamp};
pub(crate) use html::{line, paragraphs};
pub(crate) use numbers::{DecimalMark, DecimalVote, amount, currency, number};
pub(crate) use photos::{link, photo, split_photos};
pub(crate) use words::{StockWord, availability, flag, is_missing, split_escaped, stock};
