//! What is broken, too large or no picture gets an answer, and never a panic.

use image::{ImageFormat, Rgb, RgbImage};
use vitrina_core::classify::PhotoError;
use vitrina_photo::{PhotoLimits, decode, inspect};

use vitrina_testing::pictures::{encode, jpeg, pattern};

fn error(bytes: &[u8]) -> PhotoError {
    decode(bytes, PhotoLimits::default()).map(|photo| photo.into_upright().dimensions()).unwrap_err()
}

#[test]
fn what_is_no_accepted_picture_is_unsupported() {
    let tiff = b"II*\0\x08\0\0\0\0\0\0\0";
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0";
    for bytes in
        [&b""[..], b"\xff", b"a text", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", tiff, heic]
    {
        assert_eq!(error(bytes), PhotoError::Unsupported);
        assert_eq!(inspect(bytes, PhotoLimits::default()), Err(PhotoError::Unsupported));
    }
}

#[test]
fn a_photo_that_is_cut_off_is_unreadable() {
    let picture = pattern(160, 120, 3);
    let mut files = vec![jpeg(&picture)];
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        files.push(encode(picture.clone(), format));
    }
    for file in files {
        assert!(decode(&file, PhotoLimits::default()).is_ok());
        for part in [20, 35, 50, 75, 90] {
            let cut = &file[..file.len() * part / 100];
            let error = error(cut);
            assert!(matches!(error, PhotoError::Unreadable(_)), "{part} % of {:?}: {error:?}", &file[..4]);
        }
    }
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let mut png = encode(RgbImage::from_pixel(1, 1, Rgb([0, 0, 0])), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let mut gif = encode(RgbImage::from_pixel(1, 1, Rgb([0, 0, 0])), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let mut bmp = encode(RgbImage::from_pixel(1, 1, Rgb([0, 0, 0])), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&30_000_u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&30_000_u32.to_le_bytes());
    let mut photo = jpeg(&RgbImage::from_pixel(8, 8, Rgb([0, 0, 0])));
    let frame = photo.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    photo[frame + 5..frame + 9].fill(0xff);
    for (bytes, side) in [(png, 60_000), (gif, 65_535), (bmp, 30_000), (photo, 65_535)] {
        let expected = PhotoError::TooManyPixels { width: side, height: side, limit: 51_000_000 };
        assert_eq!(error(&bytes), expected);
        assert_eq!(inspect(&bytes, PhotoLimits::default()), Err(expected));
    }
}

#[test]
fn the_limit_counts_pixels_and_is_the_callers() {
    let bytes = encode(RgbImage::new(20, 10), ImageFormat::Png);
    assert!(decode(&bytes, PhotoLimits::new().max_pixels(200).max_memory(192 << 20)).is_ok());
    let error = decode(&bytes, PhotoLimits::new().max_pixels(199).max_memory(192 << 20)).unwrap_err();
    assert_eq!(error, PhotoError::TooManyPixels { width: 20, height: 10, limit: 199 });
}

#[test]
fn a_frame_larger_than_its_gif_is_bounded() {
    let mut gif = encode(RgbImage::from_pixel(4, 4, Rgb([9, 9, 9])), ImageFormat::Gif);
    let descriptor = gif.windows(5).position(|bytes| bytes == [0x2c, 0, 0, 0, 0]).unwrap();
    gif[descriptor + 5..descriptor + 9].fill(0xff);
    assert!(matches!(error(&gif), PhotoError::Unreadable(_)));
}

#[test]
fn changed_bytes_never_panic() {
    let picture = pattern(40, 30, 1);
    let mut files = vec![jpeg(&picture)];
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        files.push(encode(picture.clone(), format));
    }
    let mut random = 0x9e37_79b9_u32;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize
    };
    let limits = PhotoLimits::new().max_pixels(1_000_000).max_memory(192 << 20);
    for file in files {
        for _ in 0..200 {
            let mut bytes = file.clone();
            for _ in 0..1 + next() % 8 {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
            // Either is fine; what must not happen is a panic or a picture over the limit.
            if let Ok(photo) = decode(&bytes, limits) {
                let (width, height) = photo.into_upright().dimensions();
                assert!(width * height <= 1_000_000);
            }
        }
    }
}

#[test]
fn a_file_too_short_for_what_its_header_says_is_refused_by_it() {
    let cut_off = |bytes: &[u8]| {
        let error = inspect(bytes, PhotoLimits::default()).unwrap_err();
        assert!(matches!(error, PhotoError::Unreadable(_)), "{:?}: {error:?}", &bytes[..4]);
    };
    let picture = RgbImage::from_pixel(640, 480, Rgb([200, 30, 30]));
    let whole = encode(picture.clone(), ImageFormat::Bmp);
    assert!(inspect(&whole, PhotoLimits::default()).is_ok());
    cut_off(&whole[..whole.len() - 1000]);

    let mut png = encode(picture.clone(), ImageFormat::Png);
    assert!(inspect(&png, PhotoLimits::default()).is_ok());
    png[16..24].copy_from_slice(&[0, 0, 0x18, 0, 0, 0, 0x18, 0]);
    cut_off(&png);

    let mut photo = jpeg(&picture);
    assert!(inspect(&photo, PhotoLimits::default()).is_ok());
    let frame = photo.windows(4).position(|four| four == [0xff, 0xc0, 0, 17]).unwrap();
    photo[frame + 5..frame + 9].copy_from_slice(&[0x18, 0, 0x18, 0]);
    cut_off(&photo);

    let whole = encode(picture, ImageFormat::WebP);
    assert!(inspect(&whole, PhotoLimits::default()).is_ok());
    cut_off(&whole[..whole.len() - 10]);
    // A lossy one whose first partition would end behind its chunk.
    let mut lossy = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0".to_vec();
    lossy.extend([0x10, 0xff, 0xff, 0x9d, 0x01, 0x2a, 0, 4, 0, 4]);
    lossy.extend([7; 12]);
    cut_off(&lossy);
    lossy[20..23].copy_from_slice(&[0x90, 1, 0]);
    assert!(inspect(&lossy, PhotoLimits::default()).is_ok());
}

#[test]
fn what_would_take_too_much_memory_is_refused_by_its_header() {
    // As it was sent to a running server: 42 bytes, 7100 x 7100 pixels.
    let mut webp = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\x90\x01\0\x9d\x01\x2a\xbc\x1b\xbc\x1b".to_vec();
    webp.extend([7; 12]);
    assert_eq!(webp.len(), 42);
    let refused = Err(PhotoError::TooMuchMemory { width: 7100, height: 7100 });
    assert_eq!(inspect(&webp, PhotoLimits::default()), refused);
    assert!(decode(&webp, PhotoLimits::default()).is_err());
    let more = PhotoLimits::default().max_memory(1 << 30);
    assert_eq!(inspect(&webp, more).unwrap().cost, 51);
}
