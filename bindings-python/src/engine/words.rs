//! The engine's answer to words, in the form of a server's client.

use vitrina::Shop;
use vitrina_client::{
    AttributeCounts, CategoryCount, Facets, Highlights, PriceCount, Product, TextAnswer, UnderstoodPart,
};
use vitrina_core::search::WordAnswer;
use vitrina_core::{Category, CategoryId};

use super::shown::{prediction, shown};

/// The answer.
pub(super) fn answer(shop: &Shop, answer: WordAnswer) -> TextAnswer {
    let found = answer.products.into_iter().zip(answer.highlights).zip(answer.variants);
    let found = found.map(|((product, places), variant)| product_with(shop, product, &places, variant));
    let names = |categories: Vec<Category>| categories.into_iter().map(|category| category.name).collect();
    TextAnswer {
        categories: names(answer.categories),
        predictions: answer.predicted.into_iter().map(prediction).collect(),
        products: found.collect(),
        total: answer.total as u64,
        total_is_exact: !answer.at_least,
        next_cursor: answer.next.map(|next| next.encode()),
        did_you_mean: answer.did_you_mean,
        understood: answer.understood.into_iter().map(understood).collect(),
        unknown: answer.unknown,
        instead: names(answer.instead),
        facets: answer.facets.map(|counted| facets(shop, counted)),
    }
}

fn understood(part: vitrina_core::words::UnderstoodPart) -> UnderstoodPart {
    let (min_price, max_price) = part.intent.prices();
    UnderstoodPart {
        kind: part.intent.name().into(),
        text: part.text,
        token: part.token,
        min_price,
        max_price,
    }
}

fn product_with(
    shop: &Shop,
    product: vitrina_core::Product,
    places: &vitrina_core::search::Highlights,
    variant: Option<usize>,
) -> Product {
    let [name, description] = places.in_characters(&product);
    let highlights = Highlights { name, description };
    let product = shown(shop, product, None);
    let matched_variant = variant.and_then(|place| product.variants.get(place).cloned());
    Product { highlights: Some(highlights), matched_variant, ..product }
}

fn facets(shop: &Shop, counted: vitrina_core::index::Facets) -> Facets {
    let category = |(label, count): (CategoryId, usize)| {
        let category = shop.service().category(label)?.name;
        Some(CategoryCount { label, category, count: count as u64 })
    };
    let price = |range: vitrina_core::index::PriceRange| PriceCount {
        min: range.min,
        max: range.max,
        count: range.count as u64,
    };
    let values = |values: Vec<(String, usize)>| {
        values.into_iter().map(|(value, count)| (value, count as u64)).collect()
    };
    let attribute = |facet: vitrina_core::index::AttributeFacet| AttributeCounts {
        name: facet.name,
        values: values(facet.values),
    };
    Facets {
        categories: counted.categories.into_iter().filter_map(category).collect(),
        brands: counted.brands.into_iter().map(|(brand, count)| (brand, count as u64)).collect(),
        prices: counted.prices.into_iter().map(price).collect(),
        in_stock: counted.in_stock as u64,
        out_of_stock: counted.out_of_stock as u64,
        attributes: counted.attributes.into_iter().map(attribute).collect(),
    }
}
