//! Photos as forms send them.

use poem_openapi::Multipart;
use poem_openapi::types::Binary;
use vitrina_onnx::{PhotoLimits, inspect};

use super::problem::Failure;

/// A photo as a form sends it.
#[derive(Multipart)]
pub(crate) struct PhotoUpload {
    /// The photo: JPEG, PNG, WebP, GIF or BMP.
    file: Binary<Vec<u8>>,
}

impl PhotoUpload {
    /// The photo's bytes, once it is seen to be a picture within the bounds.
    ///
    /// # Errors
    /// 413 for one that is too large, in bytes or in pixels; 415 and 422 for what is none, or a broken one.
    pub(crate) fn checked(self, max_upload: usize, limits: PhotoLimits) -> Result<Vec<u8>, Failure> {
        let photo = self.file.0;
        if photo.len() > max_upload {
            let detail = format!("the photo is larger than {max_upload} bytes: send a smaller one");
            return Err(Failure::too_large(detail));
        }
        inspect(&photo, limits)?;
        Ok(photo)
    }
}
