//! Photos as forms send them.

use poem_openapi::Multipart;
use poem_openapi::types::Binary;
use vitrina_photo::{PhotoInfo, inspect};

use super::problem::Failure;
use crate::limits::Limits;

/// A photo as a form sends it.
#[derive(Multipart)]
#[oai(deny_unknown_fields)]
pub(crate) struct PhotoUpload {
    /// The photo: JPEG, PNG, WebP, GIF or BMP.
    file: Binary<Vec<u8>>,
}

impl PhotoUpload {
    /// The photo's bytes and what its header says, once it is seen to be a picture within the limits.
    ///
    /// # Errors
    /// 413 for one that is too large, in bytes or in pixels; 415 and 422 for what is none, or a broken one.
    pub(crate) fn checked(self, limits: &Limits) -> Result<(Vec<u8>, PhotoInfo), Failure> {
        let (photo, most) = (self.file.0, limits.upload);
        if photo.len() > most {
            let detail = format!("the photo is larger than {most} bytes: send a smaller one");
            return Err(Failure::too_large(detail));
        }
        let info = inspect(&photo, limits.photo)?;
        Ok((photo, info))
    }
}
