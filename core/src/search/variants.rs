//! The variant of a product that fits a search: the red one for "roja", or for a photo of it, with its own photo, price and link.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::Product;
use crate::catalog::Filter;
use crate::index::{CodePart, code_key, code_parts};
use crate::photo::PhotoKey;
use crate::product::{Timestamp, Variant};
use crate::text::{matched_spans, tokens};

/// What of a search distinguishes variants.
pub(super) struct VariantQuery<'a> {
    known: &'a BTreeSet<String>,
    codes: Vec<CodePart>,
    filter: &'a Filter,
    now: Timestamp,
}

/// How well a variant fits; more is better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Whether the search names one of its codes.
    has_code: bool,
    /// How many parts of the filter it passes by what it states itself.
    passed: usize,
    /// How many words of its attributes are words of the search, and how many others their values have.
    words: usize,
    other_words: Reverse<usize>,
    /// Whether it can be ordered.
    in_stock: bool,
}

impl<'a> VariantQuery<'a> {
    /// What words and a filter say; `known` are the words found, in the forms of [`text::forms`](crate::text::forms).
    pub(super) fn new(text: &str, known: &'a BTreeSet<String>, filter: &'a Filter) -> Self {
        let codes = code_parts(text).into_iter().filter(|part| part.has_digit).collect();
        Self { known, codes, filter, now: Timestamp::now() }
    }

    /// The place of the variant that fits best; of equals, the shop's first that can be ordered. `None` where the search says
    /// nothing of any variant.
    pub(super) fn best(&self, product: &Product) -> Option<usize> {
        let fits = product.variants.iter().map(|variant| self.fit(product, variant)).enumerate();
        let (place, fit) = fits.max_by(|(a, fit), (b, other)| fit.cmp(other).then(b.cmp(a)))?;
        (fit.has_code || fit.passed > 0 || fit.words > 0).then_some(place)
    }

    fn fit(&self, product: &Product, variant: &Variant) -> Fit {
        let mut fit = Fit {
            has_code: variant.codes.iter().any(|code| self.names(code)),
            passed: self.passed(product, variant),
            words: 0,
            other_words: Reverse(0),
            in_stock: variant.stated_in_stock().unwrap_or_else(|| product.in_stock()),
        };
        for value in variant.attributes.iter().flat_map(|attribute| &attribute.values) {
            let text = value.to_string();
            let all = tokens(&text);
            let found = matched_spans(&text, self.known);
            let is_found = |span: &std::ops::Range<usize>| {
                found.iter().any(|found| found.start <= span.start && span.end <= found.end)
            };
            let words = all.iter().filter(|token| is_found(&token.span)).count();
            fit.words += words;
            fit.other_words.0 += if words > 0 { all.len() - words } else { 0 };
        }
        fit
    }

    fn names(&self, code: &str) -> bool {
        let key = code_key(code);
        self.codes.iter().any(|part| part.names(&key))
    }

    fn passed(&self, product: &Product, variant: &Variant) -> usize {
        let Filter { min_price, max_price, in_stock, attributes, .. } = self.filter;
        let has = |(name, values): (&String, &Vec<String>)| {
            let named =
                variant.attributes.iter().filter(|own| own.name.to_lowercase() == name.to_lowercase());
            let mut own = named.flat_map(|own| &own.values).map(|value| value.to_string().to_lowercase());
            own.any(|own| values.iter().any(|wanted| wanted.to_lowercase() == own))
        };
        let attributes = attributes.iter().filter(|wanted| has(*wanted)).count();
        let has_own_price = variant.price.is_some() || variant.sale.is_some();
        let price = match variant.sale.filter(|sale| sale.is_valid_at(self.now)) {
            Some(sale) => sale.price,
            None => variant.price.unwrap_or_else(|| product.price_at(self.now)),
        };
        let is_bounded = min_price.is_some() || max_price.is_some();
        let is_within = min_price.is_none_or(|min| price >= min) && max_price.is_none_or(|max| price <= max);
        let stock = *in_stock && variant.stated_in_stock() == Some(true);
        attributes + usize::from(is_bounded && has_own_price && is_within) + usize::from(stock)
    }
}

/// The place of the variant whose photo this is; of several, the shop's first that can be ordered.
pub(super) fn of_photo(product: &Product, photo: &PhotoKey) -> Option<usize> {
    let variants = product.variants.iter().enumerate();
    let shown = variants.filter(|(_, variant)| variant.photo.as_deref() == Some(photo.as_str()));
    let is_in_stock = |variant: &Variant| variant.stated_in_stock().unwrap_or_else(|| product.in_stock());
    shown.min_by_key(|(place, variant)| (!is_in_stock(variant), *place)).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Attribute, Codes};
    use crate::{Money, ProductId};

    fn variant(color: &str, size: &str, sku: &str) -> Variant {
        Variant {
            attributes: vec![Attribute::text("color", color), Attribute::text("talla", size)],
            codes: Codes { sku: Some(sku.into()), ..Codes::default() },
            ..Variant::default()
        }
    }

    fn shirt() -> Product {
        let mut variants = vec![
            variant("Azul", "M", "CAM-1001"),
            variant("Rojo oscuro", "M", "CAM-1002"),
            variant("Rojo", "M", "CAM-1003"),
            variant("Rojo", "L", "CAM-1004"),
        ];
        variants[0].price = Some(Money::from_minor(2000));
        variants[3].price = Some(Money::from_minor(3000));
        variants[2].stock = Some(0);
        Product { variants, ..Product::new(ProductId(1), "Camiseta") }
    }

    fn best(text: &str, known: &[&str], filter: &Filter) -> Option<usize> {
        let known = known.iter().map(|word| (*word).to_owned()).collect();
        VariantQuery::new(text, &known, filter).best(&shirt())
    }

    #[test]
    fn the_words_tell_the_variant() {
        let none = Filter::default();
        assert_eq!(
            best("camiseta roja", &["camiseta", "roja", "rojo"], &none),
            Some(3),
            "the other is sold out"
        );
        assert_eq!(best("camiseta rojo oscuro", &["camiseta", "rojo", "oscuro"], &none), Some(1));
        assert_eq!(best("camiseta azul", &["camiseta", "azul"], &none), Some(0));
        assert_eq!(best("camiseta", &["camiseta"], &none), None);
    }

    #[test]
    fn codes_and_filters_tell_the_variant() {
        let none = Filter::default();
        assert_eq!(best("cam1003", &[], &none), Some(2));
        assert_eq!(best("CAM-1002", &[], &none), Some(1));
        let size = Filter { attributes: [("Talla".into(), vec!["l".into()])].into(), ..Filter::default() };
        assert_eq!(best("", &[], &size), Some(3));
        let dear = Filter { min_price: Some(Money::from_minor(2500)), ..Filter::default() };
        assert_eq!(best("", &[], &dear), Some(3));
        let stock = Filter { in_stock: true, ..Filter::default() };
        assert_eq!(best("", &[], &stock), None, "no variant states that it is in stock");
    }
}
