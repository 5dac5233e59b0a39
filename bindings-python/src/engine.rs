//! The engine in this process as calls: a shop over a data folder, with the same operations as a server.

mod shown;
mod words;
mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use vitrina::sources::{FileOptions, FileSource, Format, read_all};
use vitrina::{Background, PhotoSource, Shop};
use vitrina_client::{
    CategoryRef, Filter, Listing, OffersUpdated, PhotoSearch, ProductPage, Progress, Suggestions,
};
use vitrina_core::catalog::{Cursor, DEFAULT_LIMIT, ListQuery};
use vitrina_core::classify::{CategoryScore, Classification, LabelScore};
use vitrina_core::product::{CategoryContents, ProductRef};
use vitrina_core::search::{TaskAnswer, WordSearch};
use vitrina_core::{CategoryId, Error, ProductId};

use crate::answers::Answer;
use crate::arguments::{Asked, Filtering, Narrowing, ProductArgument, as_seen, embedding, seconds};
use crate::call::Call;
use crate::errors::Failure;
use crate::export;
use crate::fields::{self, CategoryFields, Fields};
use shown::{all_shown, image, one, shown};
use worker::LocalWorker;

/// An open shop.
#[pyclass(frozen, module = "vitrina._vitrina")]
pub(crate) struct Engine {
    shop: Shop,
    /// Embeds photos while this is open.
    background: Arc<Mutex<Option<Background<vitrina::Result<usize>>>>>,
    worker: Arc<LocalWorker>,
}

#[pymethods]
impl Engine {
    #[staticmethod]
    fn open(path: PathBuf, model: Option<PathBuf>, onnxruntime: Option<PathBuf>) -> Call {
        Call::new(|| async move {
            let how = vitrina::ClassifierOptions::default().library(onnxruntime);
            // Every search refreshes by itself.
            let mut builder = Shop::builder().data_dir(path).classifier_options(how).refresh_every(None);
            if let Some(folder) = model {
                builder = builder.model(folder);
            }
            let shop = builder.open().await?;
            Ok(Answer::Engine(Self { shop, background: Arc::default(), worker: Arc::default() }))
        })
    }

    fn import_file(&self, file: PathBuf, photos: Option<PathBuf>) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move {
            import(&shop, FileSource::open(file, FileOptions::default()).await?, photos).await
        })
    }

    /// Imports a file of any format, with options as JSON; the run comes as JSON.
    fn import_source(&self, file: PathBuf, photos: Option<PathBuf>, options: String) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move { Ok(Answer::Task(shop.import_file(file, photos, &options).await?)) })
    }

    /// Imports products as JSON Lines.
    fn import_lines(&self, products: String, photos: Option<PathBuf>) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move {
            let options = FileOptions::default().format(Format::Json);
            import(&shop, FileSource::of_bytes(products.into(), "the products", options).await?, photos).await
        })
    }

    fn put_category(&self, id: i64, name: String) -> Call {
        let shop = self.shop.clone();
        Call::new(
            move || async move { Ok(Answer::Category(shop.put_category(CategoryId(id), &name).await?)) },
        )
    }

    fn update_category(&self, id: i64, changes: &str) -> PyResult<Call> {
        let (shop, id) = (self.shop.clone(), CategoryId(id));
        let change = fields::read::<CategoryFields>(changes)?.into_change();
        Ok(Call::new(move || async move { Ok(Answer::Category(shop.update_category(id, change).await?)) }))
    }

    fn delete_category(&self, id: i64, move_to: Option<i64>) -> Call {
        let (shop, id) = (self.shop.clone(), CategoryId(id));
        let contents = move_to.map(|target| CategoryContents::MoveTo(CategoryId(target))).unwrap_or_default();
        Call::new(move || async move {
            shop.delete_category(id, contents).await?;
            Ok(Answer::Done)
        })
    }

    /// Writes the product that its `id` or `key` names.
    fn put_product(
        &self,
        fields: &str,
        photo: Option<Vec<u8>>,
        if_version: Option<String>,
    ) -> PyResult<Call> {
        let (shop, mut product) = (self.shop.clone(), fields::read::<Fields>(fields)?.into_new()?);
        if let Some(photo) = photo {
            product.photos.insert(0, PhotoSource::Bytes(photo));
        }
        Ok(Call::new(|| async move {
            let id = shop.put(product).only_if(as_seen(if_version)).await?;
            Ok(one(&shop, shop.product(id).await?))
        }))
    }

    fn put_products(&self, products: &str) -> PyResult<Call> {
        let shop = self.shop.clone();
        let products = fields::read::<Vec<Fields>>(products)?.into_iter().map(Fields::into_new);
        let products = products.collect::<Result<Vec<_>, _>>()?;
        Ok(Call::new(|| async move { Ok(Answer::Numbers(shop.put_all(products).embed_later().await?.ids)) }))
    }

    fn update_product(
        &self,
        product: ProductArgument,
        changes: &str,
        if_version: Option<String>,
    ) -> PyResult<Call> {
        let (shop, which) = (self.shop.clone(), ProductRef::from(product));
        let change = fields::read::<Fields>(changes)?.into_change()?;
        Ok(Call::new(move || async move {
            Ok(one(&shop, shop.update(which, change).only_if(as_seen(if_version)).await?))
        }))
    }

    fn update_offers(&self, changes: &str) -> PyResult<Call> {
        let shop = self.shop.clone();
        let changes = fields::read::<Vec<Fields>>(changes)?.into_iter().map(Fields::into_named_offer);
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        Ok(Call::new(|| async move {
            let report = shop.update_offers(&changes).await?;
            let updated = report.ids.iter().flatten().count() as u64;
            let missing = changes.into_iter().zip(report.ids).filter(|(_, id)| id.is_none());
            let missing = missing.map(|((which, _), _)| which).collect();
            Ok(Answer::Offers(OffersUpdated { updated, missing }))
        }))
    }

    fn put_photo(&self, id: i64, photo: Vec<u8>) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move { Ok(one(&shop, shop.put_photo(ProductId(id), photo).await?)) })
    }

    fn export(&self, file: PathBuf) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move { Ok(Answer::Count(export::to_file(shop.export(), file).await?)) })
    }

    /// Brings an export back; returns how many products were written.
    fn restore(&self, file: PathBuf) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move {
            let shown = file.display().to_string();
            let opened = std::fs::File::open(file)
                .map_err(|error| Error::invalid(format!("{shown} cannot be read")).with_source(error))?;
            let report = shop.restore(std::io::BufReader::new(opened)).await?;
            Ok(Answer::Count(usize::try_from(report.written).unwrap_or(usize::MAX)))
        })
    }

    fn embed_photos(&self) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move { Ok(Answer::Count(shop.embed_missing().await?)) })
    }

    fn embed_in_background(&self) -> Call {
        let (shop, kept) = (self.shop.clone(), self.background.clone());
        Call::new(|| async move {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(shop.embed_in_background());
            Ok(Answer::Done)
        })
    }

    fn submit_image(&self, photo: Vec<u8>) -> Call {
        let (shop, worker) = (self.shop.clone(), self.worker.clone());
        Call::new(|| async move {
            worker.start(&shop)?;
            Ok(Answer::Task(shop.service().submit_photo(photo).await?.to_string()))
        })
    }

    fn result(&self, task_id: String, search: Narrowing, wait: f64) -> PyResult<Call> {
        let (shop, search, wait) = (self.shop.clone(), search.into_search()?, seconds("wait", wait)?);
        Ok(Call::new(move || async move {
            shop.refresh().await?;
            let narrowed = narrowed(&shop, search).await?;
            let task = task_id.parse()?;
            Ok(match shop.service().task(task, &narrowed, wait).await? {
                TaskAnswer::Completed(answer) => image(&shop, answer),
                TaskAnswer::Pending { .. } => Answer::Image(None),
                TaskAnswer::Failed(reason) => return Err(Error::invalid(reason).into()),
                TaskAnswer::Expired => return Err(Failure::Expired),
                TaskAnswer::Unknown => return Err(Error::not_found("there is no such task").into()),
            })
        }))
    }

    fn categories(&self) -> Call {
        let shop = self.shop.clone();
        Call::new(|| async move { Ok(Answer::Categories(shop.categories().await?)) })
    }

    fn products(&self, listing: Asked) -> PyResult<Call> {
        let (shop, listing) = (self.shop.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move {
            let page = shop.service().list(&query(&shop, listing).await?).await?;
            let products = page.items.into_iter().map(|product| shown(&shop, product, None)).collect();
            Ok(Answer::Page(ProductPage { products, next_cursor: page.next.map(|next| next.encode()) }))
        }))
    }

    fn product(&self, product: ProductArgument) -> Call {
        let (shop, which) = (self.shop.clone(), ProductRef::from(product));
        Call::new(move || async move { Ok(one(&shop, shop.product(which).await?)) })
    }

    fn delete_product(&self, product: ProductArgument, if_version: Option<String>) -> Call {
        let (shop, which) = (self.shop.clone(), ProductRef::from(product));
        Call::new(move || async move {
            shop.delete(which).only_if(as_seen(if_version)).await?;
            Ok(Answer::Done)
        })
    }

    fn similar(&self, id: i64, filter: Filtering, limit: usize) -> PyResult<Call> {
        let (shop, filter) = (self.shop.clone(), filter.into_filter()?);
        Ok(Call::new(move || async move {
            shop.refresh().await?;
            let filter = self::filter(&shop, filter).await?;
            let found = shop.service().similar(ProductId(id), &filter, limit).await?;
            Ok(Answer::Products(all_shown(&shop, found)))
        }))
    }

    fn search_text(&self, query: String, listing: Asked) -> PyResult<Call> {
        let (shop, listing) = (self.shop.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move {
            shop.refresh().await?;
            let (page, facets, ignore) = (listing.page, listing.facets.clone(), listing.ignore.clone());
            let list = self::query(&shop, listing).await?;
            let search =
                WordSearch::default().text(query).list(list).page(page).facets(facets).ignore(ignore);
            let answer = shop.service().search_words(&search).await?;
            Ok(Answer::Text(words::answer(&shop, answer)))
        }))
    }

    fn suggest(&self, text: String, limit: usize) -> Call {
        let shop = self.shop.clone();
        Call::new(move || async move {
            shop.refresh().await?;
            let found = shop.suggest(&text, limit).await?;
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
            let report = |progress| watch.iter().for_each(|watch| watch(progress));
            report(Progress::Queued);
            report(Progress::Started);
            let classified = tokio::time::timeout(timeout, shop.classify(photo)).await;
            let classification = classified.map_err(|_| Failure::Late(timeout))??;
            products_like(&shop, classification, search).await
        }))
    }

    fn search_prediction(
        &self,
        categories: Vec<(i64, f64)>,
        labels: Vec<(String, f64)>,
        embedding_bytes: Option<Vec<u8>>,
        model: Option<String>,
        search: Narrowing,
    ) -> PyResult<Call> {
        let search = search.into_search()?;
        let category = |(id, score)| CategoryScore { category: CategoryId(id), score: score as f32 };
        let classification = Classification {
            categories: categories.into_iter().map(|(id, score): (i64, f64)| category((id, score))).collect(),
            labels: labels
                .into_iter()
                .map(|(label, score)| LabelScore { label, score: score as f32 })
                .collect(),
            embedding: embedding(embedding_bytes, model)?,
        };
        let shop = self.shop.clone();
        Ok(Call::new(|| async move { products_like(&shop, classification, search).await }))
    }
}

async fn import(shop: &Shop, mut source: FileSource, photos: Option<PathBuf>) -> Result<Answer, Failure> {
    let mut writing = shop.put_all(read_all(&mut source).await?);
    if let Some(folder) = photos {
        writing = writing.photo_folder(folder);
    }
    Ok(Answer::Imported(writing.await?))
}

async fn products_like(
    shop: &Shop,
    classification: Classification,
    search: PhotoSearch,
) -> Result<Answer, Failure> {
    shop.refresh().await?;
    let narrowed = narrowed(shop, search).await?;
    Ok(image(shop, shop.products_like(classification, narrowed).await?))
}

async fn narrowed(shop: &Shop, search: PhotoSearch) -> Result<vitrina_core::search::PhotoSearch, Failure> {
    let filter = filter(shop, search.filter).await?;
    Ok(vitrina_core::search::PhotoSearch::default().filter(filter).text(search.text))
}

/// A category as the shop takes it: its name, or its number as text.
fn named(category: CategoryRef) -> String {
    match category {
        CategoryRef::Id(id) => id.0.to_string(),
        CategoryRef::Name(name) => name,
    }
}

/// A listing in the domain's terms: categories by number, the cursor read.
async fn query(shop: &Shop, listing: Listing) -> Result<ListQuery, Failure> {
    let filter = filter(shop, listing.filter).await?;
    let after = listing.cursor.as_deref().map(Cursor::decode).transpose()?;
    Ok(ListQuery::default()
        .filter(filter)
        .sort(listing.sort)
        .limit(listing.limit.unwrap_or(DEFAULT_LIMIT))
        .after(after))
}

/// A filter in the domain's terms: categories by number.
async fn filter(shop: &Shop, filter: Filter) -> Result<vitrina_core::catalog::Filter, Failure> {
    let named: Vec<_> = filter.categories.into_iter().map(named).collect();
    Ok(vitrina_core::catalog::Filter::default()
        .categories(shop.category_ids(&named).await?)
        .brands(filter.brands)
        .min_price(filter.min_price)
        .max_price(filter.max_price)
        .in_stock(filter.in_stock)
        .attributes(filter.attributes))
}
