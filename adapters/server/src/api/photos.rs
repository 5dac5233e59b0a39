//! Photos of products, whole and as thumbnails.

use futures_util::TryStreamExt;
use poem::http::header::ACCEPT;
use poem::http::{HeaderMap, StatusCode};
use poem::{Body, Request};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Response as WithHeaders};
use vitrina::{Error, THUMBNAIL_WIDTHS, ThumbnailFormat};
use vitrina_core::photo::{PhotoKey, PhotoStream};

use super::problem::{Failure, Problem, ReadingPhoto};
use super::{ApiTags, Backend};
use crate::caching::{FOREVER, is_known};

pub struct PhotosApi {
    pub(super) backend: Backend,
}

type Photo = WithHeaders<Binary<Body>>;

#[OpenApi]
impl PhotosApi {
    /// A product's photo, or a thumbnail of it
    ///
    /// Thumbnails are WebP where `Accept` names `image/webp`, else JPEG, and never wider than the photo.
    #[oai(path = "/photos/:key", method = "get", operation_id = "getPhoto", tag = "ApiTags::Catalogue")]
    async fn photo(
        &self,
        request: &Request,
        /// The last part of a product's `photo`.
        key: Path<String>,
        /// The width of a thumbnail in pixels: 160, 320, 640 or 1280. The whole photo without it.
        w: Query<Option<u32>>,
    ) -> Result<Photo, Problem<ReadingPhoto>> {
        let (key, headers) = (key.0.parse::<PhotoKey>()?, request.headers());
        let Some(width) = w.0 else {
            let tag = format!("\"{key}\"");
            if is_known(headers, &tag) {
                return Ok(unchanged(tag));
            }
            let photo = self.stored(&key).await?;
            let size = photo.size;
            let body = Body::from_bytes_stream(photo.chunks.map_err(std::io::Error::other));
            return Ok(answer(body, key.format().media_type(), tag).header("Content-Length", size));
        };
        if !THUMBNAIL_WIDTHS.contains(&width) {
            let detail = format!("thumbnails are {THUMBNAIL_WIDTHS:?} pixels wide: ask for one of these");
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).into());
        }
        let format = accepted(headers);
        let tag = format!("\"{key}-{width}.{}\"", format.extension());
        let photo = match is_known(headers, &tag) {
            true => unchanged(tag),
            false => answer(self.thumbnail(key, width, format).await?.into(), format.media_type(), tag),
        };
        Ok(photo.header("Vary", "Accept"))
    }
}

impl PhotosApi {
    async fn stored(&self, key: &PhotoKey) -> Result<PhotoStream, Failure> {
        self.backend.shop.photos().get(key).await?.ok_or_else(missing)
    }

    /// A thumbnail, which is made where there is none: by as many threads as there are cores, as photos are classified.
    async fn thumbnail(
        &self,
        key: PhotoKey,
        width: u32,
        format: ThumbnailFormat,
    ) -> Result<Vec<u8>, Failure> {
        let (shop, budgets) = (&self.backend.shop, &self.backend.budgets);
        if let Some(made) = shop.stored_thumbnail(&key, width, format).await {
            return Ok(made);
        }
        let _permit = budgets.classification().await;
        // Another request may have waited for the same one.
        if let Some(made) = shop.stored_thumbnail(&key, width, format).await {
            return Ok(made);
        }
        let photo = shop.photo(&key).await?.ok_or_else(missing)?;
        let shop = shop.clone();
        let made = tokio::task::spawn_blocking(move || shop.make_thumbnail(&key, &photo, width, format));
        Ok(made.await.map_err(|error| Error::internal("a thumbnail broke off").with_source(error))??)
    }
}

fn missing() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "not-found", "there is no such photo")
}

/// WebP for those who name it; a mere `*/*` is what clients send that show no pictures.
fn accepted(headers: &HeaderMap) -> ThumbnailFormat {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types =
        accept.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or(""));
    match types.any(|kind| kind.trim().eq_ignore_ascii_case("image/webp")) {
        true => ThumbnailFormat::WebP,
        false => ThumbnailFormat::Jpeg,
    }
}

fn answer(body: Body, content_type: &str, tag: String) -> Photo {
    WithHeaders::new(Binary(body))
        .header("Content-Type", content_type)
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", FOREVER)
        .header("ETag", tag)
}

fn unchanged(tag: String) -> Photo {
    WithHeaders::new(Binary(Body::empty()))
        .status(StatusCode::NOT_MODIFIED)
        .header("Cache-Control", FOREVER)
        .header("ETag", tag)
}
