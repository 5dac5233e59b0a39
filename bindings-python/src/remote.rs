//! A server as calls.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde::Deserialize;
use vitrina_client::{Classified, Client};
use vitrina_core::product::ProductRef;
use vitrina_core::{CategoryId, Error, ProductId};

use crate::answers::Answer;
use crate::arguments::{Asked, Filtering, Narrowing, ProductArgument, as_seen, embedding, seconds};
use crate::call::Call;
use crate::errors::Failure;
use crate::export;
use crate::fields::{self, CategoryFields, Fields};

/// How a file is to be imported.
#[derive(Deserialize)]
struct ImportFields {
    format: Option<String>,
    mapping: Option<serde_json::Value>,
    /// The largest part of the catalogue that is removed because the file does not have it.
    max_removals: Option<f64>,
    replace_demo: Option<bool>,
}

/// A connection to one server.
#[pyclass(frozen, module = "vitrina._vitrina")]
pub(crate) struct Remote {
    client: Client,
}

#[pymethods]
impl Remote {
    #[new]
    fn new(
        base_url: &str,
        timeout: f64,
        api_key: Option<String>,
        admin_key: Option<String>,
    ) -> PyResult<Self> {
        let mut builder = Client::builder(base_url).timeout(seconds("timeout", timeout)?);
        if let Some(key) = api_key {
            builder = builder.api_key(key);
        }
        if let Some(key) = admin_key {
            builder = builder.admin_key(key);
        }
        Ok(Self { client: builder.build().map_err(Failure::from)? })
    }

    fn health(&self) -> Call {
        let client = self.client.clone();
        Call::new(|| async move { Ok(Answer::Yes(client.health().await.is_ok())) })
    }

    fn ready(&self) -> Call {
        let client = self.client.clone();
        Call::new(|| async move { Ok(Answer::Readiness(client.ready().await?)) })
    }

    fn categories(&self) -> Call {
        let client = self.client.clone();
        Call::new(|| async move { Ok(Answer::Categories(client.categories().await?)) })
    }

    fn products(&self, listing: Asked) -> PyResult<Call> {
        let (client, listing) = (self.client.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move { Ok(Answer::Page(client.products(&listing).await?)) }))
    }

    fn product(&self, product: ProductArgument) -> Call {
        let (client, which) = (self.client.clone(), ProductRef::from(product));
        Call::new(move || async move { Ok(Answer::Product(client.product(which).await?)) })
    }

    fn similar(&self, id: i64, filter: Filtering, limit: usize) -> PyResult<Call> {
        let (client, filter) = (self.client.clone(), filter.into_filter()?);
        Ok(Call::new(move || async move {
            Ok(Answer::Products(client.similar(ProductId(id), &filter, limit).await?))
        }))
    }

    fn search_text(&self, query: String, listing: Asked) -> PyResult<Call> {
        let (client, listing) = (self.client.clone(), listing.into_listing()?);
        Ok(Call::new(|| async move { Ok(Answer::Text(client.search_text(&query, &listing).await?)) }))
    }

    fn suggest(&self, text: String, limit: usize) -> Call {
        let client = self.client.clone();
        Call::new(move || async move { Ok(Answer::Suggestions(client.suggest(&text, limit).await?)) })
    }

    fn submit_image(&self, photo: Vec<u8>) -> Call {
        let client = self.client.clone();
        Call::new(|| async move { Ok(Answer::Task(client.submit_image(photo).await?)) })
    }

    fn result(&self, task_id: String, search: Narrowing, wait: f64) -> PyResult<Call> {
        let (client, search, wait) = (self.client.clone(), search.into_search()?, seconds("wait", wait)?);
        Ok(Call::new(move || async move { Ok(Answer::Image(client.result(&task_id, &search, wait).await?)) }))
    }

    fn search_image(&self, photo: Vec<u8>, search: Narrowing, timeout: f64) -> PyResult<Call> {
        let (client, search) = (self.client.clone(), search.into_search()?);
        let timeout = seconds("timeout", timeout)?;
        Ok(Call::watched(move |watch| async move {
            let answer = match watch {
                Some(watch) => client.search_image(photo, &search, timeout, watch).await,
                None => client.search_image_quietly(photo, &search, timeout).await,
            };
            Ok(Answer::Image(Some(answer?)))
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
        let categories = categories.into_iter().map(|(id, score)| (CategoryId(id), score)).collect();
        let classified = Classified { categories, labels, embedding: embedding(embedding_bytes, model)? };
        let client = self.client.clone();
        Ok(Call::new(|| async move {
            Ok(Answer::Image(Some(client.search_prediction(&classified, &search).await?)))
        }))
    }

    fn put_category(&self, id: i64, name: String) -> Call {
        let client = self.client.clone();
        Call::new(
            move || async move { Ok(Answer::Category(client.put_category(CategoryId(id), &name).await?)) },
        )
    }

    fn update_category(&self, id: i64, changes: &str) -> PyResult<Call> {
        let (client, id) = (self.client.clone(), CategoryId(id));
        let change = fields::read::<CategoryFields>(changes)?.into_change();
        Ok(Call::new(move || async move { Ok(Answer::Category(client.update_category(id, &change).await?)) }))
    }

    fn delete_category(&self, id: i64, move_to: Option<i64>) -> Call {
        let (client, id, move_to) = (self.client.clone(), CategoryId(id), move_to.map(CategoryId));
        Call::new(move || async move {
            client.delete_category(id, move_to).await?;
            Ok(Answer::Done)
        })
    }

    fn put_product(
        &self,
        product: ProductArgument,
        fields: &str,
        if_version: Option<String>,
    ) -> PyResult<Call> {
        let (client, which) = (self.client.clone(), ProductRef::from(product));
        let product = fields::read::<Fields>(fields)?.into_new()?;
        Ok(Call::new(move || async move {
            let write = client.put_product(which, &product).only_if(as_seen(if_version));
            Ok(Answer::Product(write.await?))
        }))
    }

    fn put_products(&self, products: &str) -> PyResult<Call> {
        let client = self.client.clone();
        let products = fields::read::<Vec<Fields>>(products)?.into_iter().map(Fields::into_new);
        let products = products.collect::<Result<Vec<_>, _>>()?;
        Ok(Call::new(|| async move { Ok(Answer::Numbers(client.put_products(&products).await?)) }))
    }

    fn update_product(
        &self,
        product: ProductArgument,
        changes: &str,
        if_version: Option<String>,
    ) -> PyResult<Call> {
        let (client, which) = (self.client.clone(), ProductRef::from(product));
        let change = fields::read::<Fields>(changes)?.into_change()?;
        Ok(Call::new(move || async move {
            let write = client.update_product(which, change).only_if(as_seen(if_version));
            Ok(Answer::Product(write.await?))
        }))
    }

    fn update_offers(&self, changes: &str) -> PyResult<Call> {
        let client = self.client.clone();
        let changes = fields::read::<Vec<Fields>>(changes)?.into_iter().map(Fields::into_named_offer);
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        Ok(Call::new(|| async move { Ok(Answer::Offers(client.update_offers(&changes).await?)) }))
    }

    fn delete_product(&self, product: ProductArgument, if_version: Option<String>) -> Call {
        let (client, which) = (self.client.clone(), ProductRef::from(product));
        Call::new(move || async move {
            client.delete_product(which).only_if(as_seen(if_version)).await?;
            Ok(Answer::Done)
        })
    }

    fn export(&self, file: PathBuf) -> Call {
        let client = self.client.clone();
        Call::new(|| async move { Ok(Answer::Count(export::to_file(client.export().await?, file).await?)) })
    }

    /// Hands in a file to be imported; what the server takes it for.
    fn import_file(&self, file: PathBuf, options: &str) -> PyResult<Call> {
        let (client, options) = (self.client.clone(), fields::read::<ImportFields>(options)?);
        Ok(Call::new(move || async move {
            let shown = file.display().to_string();
            let unread = |error| Error::invalid(format!("{shown} cannot be read")).with_source(error);
            let mut import = client.import(std::fs::read(&file).map_err(unread)?);
            if let Some(format) = options.format {
                import = import.format(format);
            }
            if let Some(mapping) = options.mapping {
                import = import.mapping(mapping.to_string());
            }
            if let Some(part) = options.max_removals {
                import = import.prune(part);
            }
            if let Some(replace) = options.replace_demo {
                import = import.replace_demo(replace);
            }
            Ok(Answer::Task(import.await?))
        }))
    }

    /// The import that goes on and the last that ended, as JSON.
    fn imports(&self, limit: u32) -> Call {
        let client = self.client.clone();
        Call::new(move || async move {
            let imports = serde_json::to_string(&client.imports(limit).await?);
            let broken = |error| Error::internal("the imports cannot be written as JSON").with_source(error);
            Ok(Answer::Task(imports.map_err(broken)?))
        })
    }

    fn put_photo(&self, id: i64, photo: Vec<u8>) -> Call {
        let client = self.client.clone();
        Call::new(move || async move { Ok(Answer::Product(client.put_photo(ProductId(id), photo).await?)) })
    }
}
