//! The engine's answer to words, as a server's client would tell it.

use std::ops::Range;

use vitrina::{Category, CategoryId, WordAnswer};
use vitrina_client::{CategoryCount, Facets, Highlights, PriceCount, Product, TextAnswer};
use vitrina_server::shop::Shop;

use super::{prediction, shown};

/// The answer; `known` are the shop's categories, for the names that facets go by.
pub(super) fn answer(shop: &Shop, answer: WordAnswer, known: &[Category]) -> TextAnswer {
    let highlighted = |(product, places)| product_with(shop, product, &places);
    let names = |categories: Vec<Category>| categories.into_iter().map(|category| category.name).collect();
    TextAnswer {
        categories: names(answer.categories),
        predictions: answer.predicted.into_iter().map(prediction).collect(),
        products: answer.products.into_iter().zip(answer.highlights).map(highlighted).collect(),
        total: answer.total as u64,
        total_is_exact: !answer.at_least,
        next_cursor: answer.next.map(|next| next.encode()),
        did_you_mean: answer.did_you_mean,
        instead: names(answer.instead),
        facets: answer.facets.map(|counted| facets(counted, known)),
    }
}

fn product_with(shop: &Shop, product: vitrina::Product, places: &vitrina::Highlights) -> Product {
    let highlights = Highlights {
        name: characters(&product.name, &places.name),
        description: characters(&product.description, &places.description),
    };
    Product { highlights: Some(highlights), ..shown(shop, product, None) }
}

/// Stretches of bytes as pairs of characters' places.
fn characters(text: &str, stretches: &[Range<usize>]) -> Vec<(usize, usize)> {
    let place = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    stretches.iter().map(|stretch| (place(stretch.start), place(stretch.end))).collect()
}

fn facets(counted: vitrina::Facets, known: &[Category]) -> Facets {
    let category = |(label, count): (CategoryId, usize)| {
        let category = known.iter().find(|category| category.id == label)?.name.clone();
        Some(CategoryCount { label, category, count: count as u64 })
    };
    let price =
        |range: vitrina::PriceRange| PriceCount { min: range.min, max: range.max, count: range.count as u64 };
    Facets {
        categories: counted.categories.into_iter().filter_map(category).collect(),
        brands: counted.brands.into_iter().map(|(brand, count)| (brand, count as u64)).collect(),
        prices: counted.prices.into_iter().map(price).collect(),
        in_stock: counted.in_stock as u64,
        out_of_stock: counted.out_of_stock as u64,
    }
}
