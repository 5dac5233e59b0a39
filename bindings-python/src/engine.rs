//! The engine in this process as calls: a shop over a data folder, with the same operations as a server.

mod words;

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use vitrina::text::fold;
use vitrina::{
    CategoryId, CategoryScore, Classifier, Cursor, DEFAULT_LIMIT, Error, LabelScore, ListQuery, PhotoAnswer,
    ProductId, Recognition, SimilarProduct, WordSearch,
};
use vitrina_client::{
    CategoryRef, Filter, ImageAnswer, Listing, PhotoSearch, Prediction, Product, ProductPage, Progress,
    Suggestions,
};
use vitrina_server::shop::{ProductLine, Shop, ShopConfig, import_file, import_lines};

use crate::answers::Answer;
use crate::arguments::{Asked, Filtering, Narrowing, embedding, seconds};
use crate::call::Call;
use crate::errors::Failure;

/// An open shop.
#[pyclass(frozen, module = "vitrina._vitrina")]
pub(crate) struct Engine {
    shop: Arc<Shop>,
}

#[pymethods]
impl Engine {
    #[staticmethod]
    fn open(path: PathBuf, model: Option<PathBuf>, onnxruntime: Option<PathBuf>) -> Call {
        let config = ShopConfig { model, onnxruntime, ..ShopConfig::embedded(path) };
        Call::new(|| async move { Ok(Answer::Engine(Self { shop: Arc::new(Shop::open(&config).await?) })) })
    }

    fn import_file(&self, file: PathBuf, photos: Option<PathBuf>) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move {
            let model = shop.classifier.as_deref().ok();
            let report = import_file(&shop.service, &shop.photos, &file, photos.as_deref(), model).await?;
            Ok(Answer::Imported(report))
        })
    }

    /// Imports a JSON list of products.
    fn import_json(&self, products: &str, photos: Option<PathBuf>) -> PyResult<Call> {
        let lines: Vec<ProductLine> = serde_json::from_str(products)
            .map_err(|error| Failure::from(Error::invalid(format!("a product cannot be read: {error}"))))?;
        let shop = self.shop.clone();
        Ok(Call::new(|| async move {
            let model = shop.classifier.as_deref().ok();
            let report = import_lines(&shop.service, &shop.photos, lines, photos.as_deref(), model).await?;
            Ok(Answer::Imported(report))
        }))
    }

    fn categories(&self) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move { Ok(Answer::Categories(shop.service.categories().await?)) })
    }

    fn products(&self, listing: Asked) -> PyResult<Call> {
        let (shop, listing) = (self.shop.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move {
            let page = shop.service.list(&query(&shop, listing).await?).await?;
            let products = page.items.into_iter().map(|product| shown(&shop, product, None)).collect();
            Ok(Answer::Page(ProductPage { products, next_cursor: page.next.map(|next| next.encode()) }))
        }))
    }

    fn product(&self, id: i64) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move {
            let product = shop.service.product(ProductId(id)).await?;
            Ok(Answer::Product(shown(&shop, product, None)))
        })
    }

    fn delete_product(&self, id: i64) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move {
            shop.service.delete_product(ProductId(id)).await?;
            Ok(Answer::Done)
        })
    }

    fn similar(&self, id: i64, filter: Filtering, limit: usize) -> PyResult<Call> {
        let (shop, filter) = (self.shop.clone(), filter.into_filter()?);
        Ok(Call::new(move || async move {
            shop.service.refresh().await?;
            let filter = self::filter(&shop, filter).await?;
            let found = shop.service.similar(ProductId(id), &filter, limit).await?;
            Ok(Answer::Products(all_shown(&shop, found)))
        }))
    }

    fn search_text(&self, query: String, listing: Asked) -> PyResult<Call> {
        let (shop, listing) = (self.shop.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move {
            shop.service.refresh().await?;
            let facets = listing.facets;
            let search = WordSearch { text: query, list: self::query(&shop, listing).await?, facets };
            let answer = shop.service.search_words(&search).await?;
            Ok(Answer::Text(words::answer(&shop, answer)))
        }))
    }

    fn suggest(&self, text: String, limit: usize) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move {
            shop.service.refresh().await?;
            let found = shop.service.suggest(&text, limit).await?;
            let products = found.products.into_iter().map(|product| shown(&shop, product, None)).collect();
            Ok(Answer::Suggestions(Suggestions {
                queries: found.queries,
                categories: found.categories,
                products,
            }))
        })
    }

    fn search_image(&self, photo: Vec<u8>, search: Narrowing, timeout: f64) -> PyResult<Call> {
        let (shop, search) = (self.shop.clone(), search.into_search()?);
        let timeout = seconds("timeout", timeout)?;
        Ok(Call::watched(move |watch| async move {
            let tell = |progress| watch.iter().for_each(|watch| watch(progress));
            tell(Progress::Queued);
            let classifier = shop.classifier.clone().map_err(Error::unavailable)?;
            tell(Progress::Started);
            let recognized = tokio::task::spawn_blocking(move || recognize(&*classifier, &photo));
            let recognition =
                tokio::time::timeout(timeout, recognized).await.map_err(|_| Failure::Late(timeout))?;
            let recognition = recognition.map_err(|_| Failure::Misuse("the model broke off"))??;
            products_like(&shop, &recognition, search).await
        }))
    }

    fn search_prediction(
        &self,
        categories: Vec<(i64, f64)>,
        labels: Vec<(String, f64)>,
        embedding_bytes: Option<Vec<u8>>,
        search: Narrowing,
    ) -> PyResult<Call> {
        let search = search.into_search()?;
        let category = |(id, score)| CategoryScore { category: CategoryId(id), score: score as f32 };
        let recognition = Recognition {
            categories: categories.into_iter().map(|(id, score): (i64, f64)| category((id, score))).collect(),
            labels: labels
                .into_iter()
                .map(|(label, score)| LabelScore { label, score: score as f32 })
                .collect(),
            embedding: embedding(embedding_bytes)?,
        };
        let shop = self.shop.clone();
        Ok(Call::new(|| async move { products_like(&shop, &recognition, search).await }))
    }
}

fn recognize(classifier: &dyn Classifier, photo: &[u8]) -> Result<Recognition, Failure> {
    let seen = classifier.classify(&[photo])?.pop();
    Ok(seen.ok_or(Failure::Misuse("the model gave no answer"))??)
}

async fn products_like(
    shop: &Shop,
    recognition: &Recognition,
    search: PhotoSearch,
) -> Result<Answer, Failure> {
    shop.service.refresh().await?;
    let narrowed = vitrina::PhotoSearch { filter: filter(shop, search.filter).await?, text: search.text };
    let PhotoAnswer { predictions, not_sold, products } =
        shop.service.products_like(recognition, &narrowed).await?;
    let predictions: Vec<_> = predictions.into_iter().map(prediction).collect();
    let categories = predictions.iter().map(|seen| seen.category.clone()).collect();
    Ok(Answer::Image(Some(ImageAnswer {
        categories,
        predictions,
        not_sold,
        products: all_shown(shop, products),
    })))
}

/// A listing in the domain's terms: categories by number, the cursor read.
async fn query(shop: &Shop, listing: Listing) -> Result<ListQuery, Failure> {
    let filter = filter(shop, listing.filter).await?;
    let after = listing.cursor.as_deref().map(Cursor::decode).transpose()?;
    Ok(ListQuery { filter, sort: listing.sort, limit: listing.limit.unwrap_or(DEFAULT_LIMIT), after })
}

/// A filter in the domain's terms: categories by number.
async fn filter(shop: &Shop, filter: Filter) -> Result<vitrina::Filter, Failure> {
    let known = if filter.categories.is_empty() { Vec::new() } else { shop.service.categories().await? };
    let id = |wanted: &CategoryRef| match wanted {
        CategoryRef::Id(id) => Ok(*id),
        CategoryRef::Name(name) => {
            let named = known.iter().find(|category| fold(&category.name) == fold(name));
            let found = named.map(|category| category.id);
            found.ok_or_else(|| Error::invalid(format!("there is no category `{name}`: see categories()")))
        }
    };
    Ok(vitrina::Filter {
        categories: filter.categories.iter().map(id).collect::<Result<_, _>>()?,
        brands: filter.brands,
        min_price: filter.min_price,
        max_price: filter.max_price,
        in_stock: filter.in_stock,
    })
}

fn prediction(seen: vitrina::Prediction) -> Prediction {
    Prediction { label: seen.category.id, category: seen.category.name, score: wide(seen.score) }
}

fn all_shown(shop: &Shop, products: Vec<SimilarProduct>) -> Vec<Product> {
    products.into_iter().map(|like| shown(shop, like.product, like.similarity)).collect()
}

/// A product as callers see it, its photo by the path of its file.
fn shown(shop: &Shop, product: vitrina::Product, similarity: Option<f32>) -> Product {
    let in_stock = product.in_stock();
    let photo_url = product.photo.map(|photo| match shop.photos.path(&photo) {
        Some(path) => path.to_string_lossy().into_owned(),
        None => photo,
    });
    Product {
        id: product.id,
        name: product.name,
        description: product.description,
        brand: product.brand,
        price: product.price,
        category: product.category.map(|category| category.name),
        stock: product.stock,
        in_stock,
        photo_url,
        similarity: similarity.map(wide),
        highlights: None,
    }
}

/// A score with the digits that a server would send: 0.93 rather than 0.9300000071525574.
fn wide(score: f32) -> f64 {
    score.to_string().parse().unwrap_or(f64::from(score))
}
