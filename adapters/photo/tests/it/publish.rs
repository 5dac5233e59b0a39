//! What is published of a photo: the picture a person sees, and nothing else of the file.

use image::codecs::gif::GifEncoder;
use image::{AnimationDecoder, DynamicImage, Frame, ImageFormat, Rgba, RgbaImage};
use vitrina_photo::{PhotoFormat, PhotoLimits, decode, inspect, publish};

use vitrina_testing::pictures::{encode, jpeg, pattern, quarters};

const LIMITS: PhotoLimits = PhotoLimits::new().max_pixels(1_000_000).max_memory(192 << 20);
const SECRET: &[u8] = b"40.4168N 3.7038W, taken by Ana";

/// An Exif block (TIFF, big-endian) with an orientation, and a position as text in its GPS directory.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    tiff.extend([0, 2]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation as u8, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend([0, 1, 0, 0x1d, 0, 2, 0, 0, 0, SECRET.len() as u8, 0, 0, 0, 56, 0, 0, 0, 0]);
    assert_eq!(tiff.len(), 56);
    tiff.extend(SECRET);
    tiff
}

fn jpeg_with(orientation: u16, photo: &[u8]) -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    };
    let exif = segment(0xe1, &[b"Exif\0\0", exif(orientation).as_slice()].concat());
    let xmp = segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat());
    let (iptc, comment) = (segment(0xed, SECRET), segment(0xfe, SECRET));
    [&photo[..2], &exif, &xmp, &iptc, &comment, &photo[2..]].concat()
}

fn png_with(orientation: u16, photo: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let checked = [kind, content].concat();
        let length = (content.len() as u32).to_be_bytes();
        [&length[..], &checked, &crc32(&checked).to_be_bytes()].concat()
    };
    let text = chunk(b"tEXt", &[b"Comment\0", SECRET].concat());
    // The header is 8 bytes of signature and 25 of IHDR.
    [&photo[..33], &chunk(b"eXIf", &exif(orientation)), &text, &photo[33..]].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// `alpha` is the flag of transparency, 0x10, or none.
fn webp_with(orientation: u16, photo: &[u8], (width, height): (u32, u32), alpha: u8) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let padding = vec![0; content.len() % 2];
        [kind, &(content.len() as u32).to_le_bytes()[..], content, &padding].concat()
    };
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    let header = [&[0x08 | 0x04 | alpha, 0, 0, 0], &width[..3], &height[..3]].concat();
    let (header, exif, xmp) =
        (chunk(b"VP8X", &header), chunk(b"EXIF", &exif(orientation)), chunk(b"XMP ", SECRET));
    let body = [b"WEBP", header.as_slice(), &photo[12..], &exif, &xmp].concat();
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

fn gif_with(photo: &[u8]) -> Vec<u8> {
    let block = |label: u8| [&[0x21, label, SECRET.len() as u8][..], SECRET, &[0]].concat();
    let (body, trailer) = photo.split_at(photo.len() - 1);
    [body, &block(0xfe), &block(0x01), &block(0xff), trailer].concat()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Every format with metadata, each rotated by its orientation where it has one.
fn with_secrets(orientation: u16) -> Vec<(PhotoFormat, Vec<u8>)> {
    let picture = quarters(48, 32);
    let encoded = |format| encode(picture.clone(), format);
    vec![
        (PhotoFormat::Jpeg, jpeg_with(orientation, &jpeg(&picture))),
        (PhotoFormat::Png, png_with(orientation, &encoded(ImageFormat::Png))),
        (PhotoFormat::WebP, webp_with(orientation, &encoded(ImageFormat::WebP), (48, 32), 0)),
        (PhotoFormat::Gif, gif_with(&encoded(ImageFormat::Gif))),
        (PhotoFormat::Bmp, encoded(ImageFormat::Bmp)),
    ]
}

#[test]
fn metadata_and_trailing_bytes_are_removed_and_the_picture_stays() {
    for (format, photo) in with_secrets(1) {
        let padded = [photo.as_slice(), SECRET, b"<script>alert(1)</script>"].concat();
        assert!(holds(&padded, SECRET), "{format:?}");
        let published = publish(&padded, LIMITS).unwrap();
        assert!(!holds(&published.bytes, SECRET), "{format:?} still says where it was taken");
        assert!(!holds(&published.bytes, b"Exif") && !holds(&published.bytes, b"script"), "{format:?}");
        let expected = if format == PhotoFormat::Bmp { PhotoFormat::Png } else { format };
        assert_eq!(published.format, expected);
        assert_eq!(inspect(&published.bytes, LIMITS).unwrap().format, expected);
        let seen = |bytes: &[u8]| decode(bytes, LIMITS).unwrap().into_upright();
        assert_eq!(seen(&published.bytes), seen(&photo), "{format:?}: not a pixel changes");
        assert_eq!(publish(&published.bytes, LIMITS).unwrap(), published, "{format:?} is a fixed point");
    }
}

#[test]
fn a_turned_photo_is_published_upright() {
    for orientation in [3, 6, 8] {
        for (format, photo) in with_secrets(orientation) {
            if matches!(format, PhotoFormat::Gif | PhotoFormat::Bmp) {
                continue;
            }
            let expected = decode(&photo, LIMITS).unwrap().into_upright();
            let published = publish(&photo, LIMITS).unwrap();
            assert!(!holds(&published.bytes, SECRET), "{format:?}");
            let seen = decode(&published.bytes, LIMITS).unwrap().into_upright();
            assert_eq!(seen.dimensions(), expected.dimensions(), "{format:?}");
            // In the middle of the first quarter, away from the edges that JPEG blurs.
            let (x, y) = (expected.width() / 4, expected.height() / 4);
            let (ours, theirs) = (seen.get_pixel(x, y), expected.get_pixel(x, y));
            let close = ours.0.iter().zip(theirs.0).all(|(a, b)| a.abs_diff(b) < 24);
            assert!(close, "{format:?}, {orientation}: {ours:?} instead of {theirs:?}");
            assert_eq!(publish(&published.bytes, LIMITS).unwrap(), published, "turned once");
        }
    }
}

#[test]
fn progressive_and_restarted_jpegs_keep_every_scan() {
    let picture = pattern(96, 80, 3);
    for progressive in [false, true] {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.set_progressive(progressive);
        encoder.set_restart_interval(4);
        encoder.encode(picture.as_raw(), 96, 80, jpeg_encoder::ColorType::Rgb).unwrap();
        let published = publish(&jpeg_with(1, &bytes), LIMITS).unwrap();
        let seen = |bytes: &[u8]| decode(bytes, LIMITS).unwrap().into_upright();
        assert_eq!(seen(&published.bytes), seen(&bytes));
    }
}

#[test]
fn a_photo_within_a_photo_goes() {
    let (shown, hidden) = (jpeg(&quarters(48, 32)), jpeg(&pattern(64, 64, 1)));
    let published = publish(&[shown.clone(), hidden.clone()].concat(), LIMITS).unwrap();
    assert_eq!(published.bytes, publish(&shown, LIMITS).unwrap().bytes);
}

#[test]
fn animations_and_transparency_stay() {
    let frame = |colour| Frame::new(RgbaImage::from_pixel(8, 8, Rgba(colour)));
    let mut animation = Vec::new();
    let mut encoder = GifEncoder::new(&mut animation);
    encoder.encode_frames([frame([255, 0, 0, 255]), frame([0, 0, 255, 255])]).unwrap();
    drop(encoder);
    let published = publish(&gif_with(&animation), LIMITS).unwrap();
    let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(&published.bytes)).unwrap();
    assert_eq!(decoder.into_frames().count(), 2);

    let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(8, 6, Rgba([10, 20, 30, 90])));
    let png = publish(&png_with(6, &encode(glass.clone(), ImageFormat::Png)), LIMITS).unwrap();
    assert_eq!(image::load_from_memory(&png.bytes).unwrap(), glass.rotate90());
    let webp =
        publish(&webp_with(6, &encode(glass.clone(), ImageFormat::WebP), (8, 6), 0x10), LIMITS).unwrap();
    assert_eq!(image::load_from_memory(&webp.bytes).unwrap(), glass.rotate90());
}

#[test]
fn a_colour_profile_stays_and_a_photo_cut_off_is_refused() {
    let profile = [&[0; 16][..], b"RGB ", &[7; 300]].concat();
    let content = [b"ICC_PROFILE\0\x01\x01", profile.as_slice()].concat();
    let length = (content.len() as u16 + 2).to_be_bytes();
    let photo = jpeg(&quarters(48, 32));
    let with_profile = [&photo[..2], &[0xff, 0xe2], &length, &content, &photo[2..]].concat();
    assert!(holds(&publish(&with_profile, LIMITS).unwrap().bytes, &profile));
    assert!(holds(&publish(&jpeg_with(6, &with_profile), LIMITS).unwrap().bytes, &profile));
    for (format, photo) in with_secrets(1) {
        let cut = &photo[..photo.len() / 2];
        assert!(publish(cut, LIMITS).is_err() || format == PhotoFormat::WebP, "{format:?}");
    }
}
