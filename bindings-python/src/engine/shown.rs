//! The engine's products and answers to photos, in the form of a server's client.

use vitrina::Shop;
use vitrina_client::{ImageAnswer, Prediction, Product};
use vitrina_core::product::{ProductVersion, Variant};
use vitrina_core::search::{PhotoAnswer, SimilarProduct};

use crate::answers::Answer;

/// The answer to a photo.
pub(super) fn image(shop: &Shop, answer: PhotoAnswer) -> Answer {
    let PhotoAnswer { predictions, not_sold, products } = answer;
    let predictions: Vec<_> = predictions.into_iter().map(prediction).collect();
    let categories = predictions.iter().map(|seen| seen.category.clone()).collect();
    let products = all_shown(shop, products);
    Answer::Image(Some(ImageAnswer { categories, predictions, not_sold, products }))
}

/// A prediction.
pub(super) fn prediction(seen: vitrina_core::search::Prediction) -> Prediction {
    Prediction { label: seen.category.id, category: seen.category.name, score: wide(seen.score) }
}

/// Products with how similar they are.
pub(super) fn all_shown(shop: &Shop, products: Vec<SimilarProduct>) -> Vec<Product> {
    let one = |like: SimilarProduct| {
        let resemblance = like.resemblance().map(|resemblance| resemblance.as_str().to_owned());
        let product = shown(shop, like.product, like.similarity);
        let matched_variant = like.variant.and_then(|place| product.variants.get(place).cloned());
        Product { resemblance, matched_variant, ..product }
    };
    products.into_iter().map(one).collect()
}

/// A product by itself, with its version.
pub(super) fn one(shop: &Shop, product: vitrina_core::Product) -> Answer {
    let version = Some(ProductVersion::of(&product));
    Answer::Product(Product { version, ..shown(shop, product, None) })
}

/// A product as callers see it, its photo by the path of its file.
pub(super) fn shown(shop: &Shop, product: vitrina_core::Product, similarity: Option<f32>) -> Product {
    let in_stock = product.in_stock();
    let category = product.category().map(|category| category.name.clone());
    let categories = product.categories.iter().map(|path| path.names()).collect();
    let file = |photo: &str| shop.photos().file(&photo.parse().ok()?);
    let shown = |photo: String| file(&photo).map_or(photo, |path| path.to_string_lossy().into_owned());
    let photo_urls: Vec<_> = product.photos.into_iter().map(shown).collect();
    let variants = product.variants.into_iter();
    let variants = variants.map(|variant| Variant { photo: variant.photo.map(shown), ..variant });
    Product {
        id: product.id,
        key: product.key,
        name: product.name,
        description: product.description,
        brand: product.brand,
        price: product.price,
        sale: product.sale,
        category,
        categories,
        stock: product.stock,
        in_stock,
        availability: product.availability,
        photo_url: photo_urls.first().cloned(),
        photo_urls,
        link: product.link,
        codes: product.codes,
        attributes: product.attributes,
        tags: product.tags,
        popularity: product.popularity,
        translations: product.translations,
        updated_at: product.updated_at,
        variants: variants.collect(),
        matched_variant: None,
        version: None,
        similarity: similarity.map(wide),
        resemblance: None,
        highlights: None,
    }
}

/// A score with the digits that a server would send: 0.93 rather than 0.9300000071525574.
fn wide(score: f32) -> f64 {
    score.to_string().parse().unwrap_or(f64::from(score))
}
