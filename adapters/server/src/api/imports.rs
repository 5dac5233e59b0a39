//! Imports of files, in the background.

use poem_openapi::param::{Header, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Binary;
use poem_openapi::{ApiResponse, Multipart, OpenApi};
use vitrina_import::run::ImportOptions;
use vitrina_import::{FileOptions, Mapping};

use super::admin::AdminKey;
use super::problem::{Administering, Creating, Failure, Problem};
use super::{ApiTags, Backend, wire};
use crate::imports::Upload;

/// The default number of imports in a list, and the largest.
const LISTED: usize = 20;
const MOST: usize = 500;

/// The endpoints of imports.
pub struct ImportsApi {
    pub(super) backend: Backend,
}

/// A file of products as a form sends it.
#[derive(Multipart)]
#[oai(deny_unknown_fields)]
struct ProductsUpload {
    /// The file: an export of a shop system, a feed, CSV, JSON Lines or JSON; also as gzip.
    file: Binary<Vec<u8>>,
    /// The fields of its columns, and separator, encoding, decimal mark, currency, VAT, as TOML or JSON.
    mapping: Option<String>,
}

/// An import that has begun.
#[derive(ApiResponse)]
enum Begun {
    /// It goes on in the background
    #[oai(status = 202)]
    Accepted(Json<wire::ImportBegun>),
}

#[OpenApi]
impl ImportsApi {
    /// Imports a file of products in the background
    ///
    /// The format is detected by the content. Products are known by their keys: those that are as they are stay
    /// untouched. `GET /imports` shows how far it is and what became of it. One import runs at a time. What `GET /export` wrote is
    /// brought back whole.
    #[allow(clippy::too_many_arguments)]
    #[oai(
        path = "/products/import",
        method = "post",
        operation_id = "importProducts",
        tag = "ApiTags::Administration"
    )]
    async fn import_products(
        &self,
        key: AdminKey,
        /// The format, where it is not detected: `csv`, `json`, `shopify`, `woocommerce`, `prestashop`, `merchant`, `vendure`.
        format: Query<Option<String>>,
        /// Removes products that the file no longer has; not for an export.
        prune: Query<Option<bool>>,
        /// The largest part of the catalogue that `prune` may remove, 0 to 1.
        #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
        max_removals: Query<Option<f64>>,
        /// Of a shop that holds the demo products: `true` removes them first, `false` keeps them. Without it such a shop takes no
        /// import: 409.
        replace_demo: Query<Option<bool>>,
        /// A key of this request, such as a UUID. Within 24 hours the same file with the same key gets the first answer again and is
        /// not imported again; another file with it gets 422.
        #[oai(
            name = "Idempotency-Key",
            validator(pattern = r#"^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$"#)
        )]
        idempotency_key: Header<Option<String>>,
        upload: ProductsUpload,
    ) -> Result<Begun, Problem<Creating>> {
        self.backend.admit(&key)?;
        let most = self.backend.budgets.limits().upload;
        if upload.file.0.len() > most {
            return Err(Failure::too_large(format!(
                "the file is larger than {most} bytes: use `vitrina import`"
            ))
            .into());
        }
        let asked = format!("{:?}", (&format.0, prune.0, max_removals.0, replace_demo.0));
        let mapping = upload.mapping.as_deref().unwrap_or_default();
        let parts = [&upload.file.0[..], mapping.as_bytes(), asked.as_bytes()];
        let header = idempotency_key.as_deref();
        let request = self.backend.request_key(&key, header, "POST /products/import", &parts)?;
        let mut read = FileOptions::default();
        if let Some(format) = &format.0 {
            read = read.format(format.parse()?);
        }
        if let Some(mapping) = &upload.mapping {
            read = read.mapping(Mapping::parse(mapping)?);
        }
        let options = ImportOptions::default().prune(prune.0.unwrap_or(false), max_removals.0.unwrap_or(0.2));
        let upload = Upload { file: upload.file.0, read, options, replace_demo: replace_demo.0, request };
        let source = self.backend.imports.begin(self.backend.shop.clone(), upload).await?;
        Ok(Begun::Accepted(Json(wire::ImportBegun { source })))
    }

    /// Lists the last imports, and the one that is going on
    #[oai(path = "/imports", method = "get", operation_id = "listImports", tag = "ApiTags::Administration")]
    async fn list_imports(
        &self,
        key: AdminKey,
        /// How many, the newest first.
        #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<wire::ImportRuns>, Problem<Administering>> {
        self.backend.admit(&key)?;
        let limit = limit.0.map_or(LISTED, |limit| limit as usize).min(MOST);
        let imports = self.backend.imports.clone();
        // First what goes on: an import that ends meanwhile is in the log then, and shown twice rather than not at all.
        let running = imports.current().map(Into::into);
        let runs = tokio::task::spawn_blocking(move || imports.log().last(limit)).await;
        let runs = runs
            .map_err(|error| vitrina_core::Error::internal("reading the log broke off").with_source(error))?;
        Ok(Json(wire::ImportRuns { running, imports: runs?.into_iter().map(Into::into).collect() }))
    }
}
