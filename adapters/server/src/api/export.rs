//! The whole shop as JSON Lines.

use futures_util::TryStreamExt;
use poem::Body;
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, OpenApi};

use super::admin::AdminKey;
use super::problem::{Exporting, Problem};
use super::{ApiTags, Backend};

/// The endpoint of exports.
pub struct ExportApi {
    pub(super) backend: Backend,
}

/// An export, which is sent while it is read.
#[derive(ApiResponse)]
enum Exported {
    /// A JSON object a line: first what the export is, with the categories, then the products
    #[oai(status = 200, content_type = "application/x-ndjson")]
    Lines(Binary<Body>),
}

#[OpenApi]
impl ExportApi {
    /// Every category and every product with all of its fields, as JSON Lines
    ///
    /// `vitrina import` of the file, or `POST /products/import`, brings all of it back. Photos are named by their keys, or by URLs.
    #[oai(path = "/export", method = "get", operation_id = "exportShop", tag = "ApiTags::Administration")]
    async fn export(&self, key: AdminKey) -> Result<Exported, Problem<Exporting>> {
        self.backend.admit(&key)?;
        let lines = self.backend.shop.export().map_err(std::io::Error::other);
        Ok(Exported::Lines(Binary(Body::from_bytes_stream(lines))))
    }
}
