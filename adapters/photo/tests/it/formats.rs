//! Every accepted kind of picture comes out as the RGB that a person sees.

use image::codecs::gif::GifEncoder;
use image::{
    DynamicImage, Frame, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    Rgba, RgbaImage, imageops,
};
use vitrina_photo::{PhotoFormat, PhotoLimits, decode, inspect};

use vitrina_testing::pictures::{encode, jpeg, quarters, with_orientation};

const LIMITS: PhotoLimits = PhotoLimits::new().max_pixels(1_000_000).max_memory(192 << 20);

fn upright(bytes: &[u8]) -> RgbImage {
    decode(bytes, LIMITS).unwrap().into_upright()
}

fn assert_close(ours: &RgbImage, expected: &RgbImage, tolerance: u8) {
    assert_eq!(ours.dimensions(), expected.dimensions());
    for (x, y, pixel) in ours.enumerate_pixels() {
        let wanted = expected.get_pixel(x, y);
        let close = pixel.0.iter().zip(wanted.0).all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(close, "at {x}, {y}: {pixel:?} instead of {wanted:?}");
    }
}

#[test]
fn every_format_is_detected_and_decoded() {
    let picture = quarters(48, 32);
    for (format, ours, tolerance) in [
        (ImageFormat::Png, PhotoFormat::Png, 0),
        (ImageFormat::WebP, PhotoFormat::WebP, 0),
        (ImageFormat::Gif, PhotoFormat::Gif, 8),
        (ImageFormat::Bmp, PhotoFormat::Bmp, 0),
    ] {
        let bytes = encode(picture.clone(), format);
        let photo = inspect(&bytes, LIMITS).unwrap();
        assert_eq!((photo.format, photo.width, photo.height), (ours, 48, 32));
        assert_close(&upright(&bytes), &picture, tolerance);
    }
    let bytes = jpeg(&RgbImage::from_pixel(48, 32, Rgb([200, 40, 90])));
    assert_eq!(inspect(&bytes, LIMITS).unwrap().format.media_type(), "image/jpeg");
    assert_close(&upright(&bytes), &RgbImage::from_pixel(48, 32, Rgb([200, 40, 90])), 4);
}

#[test]
fn one_pixel_is_enough() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Jpeg]
    {
        let bytes = encode(RgbImage::from_pixel(1, 1, Rgb([255, 255, 255])), format);
        assert_close(&upright(&bytes), &RgbImage::from_pixel(1, 1, Rgb([255, 255, 255])), 2);
    }
}

#[test]
fn grey_and_deep_colours_become_rgb() {
    let expected = RgbImage::from_pixel(5, 4, Rgb([128, 128, 128]));
    let grey = GrayImage::from_pixel(5, 4, Luma([128]));
    assert_close(&upright(&encode(grey.clone(), ImageFormat::Png)), &expected, 0);
    assert_close(&upright(&encode(grey, ImageFormat::Jpeg)), &expected, 2);
    let deep: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(5, 4, Luma([0x8080]));
    assert_close(&upright(&encode(deep, ImageFormat::Png)), &expected, 0);
    let deep: ImageBuffer<Rgb<u16>, _> = ImageBuffer::from_pixel(5, 4, Rgb([0xffff, 0x8080, 0]));
    let expected = RgbImage::from_pixel(5, 4, Rgb([255, 128, 0]));
    assert_close(&upright(&encode(deep, ImageFormat::Png)), &expected, 0);
}

#[test]
fn transparency_is_laid_on_white() {
    let clear = RgbaImage::from_fn(3, 1, |x, _| Rgba([255, 0, 0, [0, 51, 255][x as usize]]));
    let expected =
        RgbImage::from_fn(3, 1, |x, _| Rgb([255, [255, 204, 0][x as usize], [255, 204, 0][x as usize]]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        assert_close(&upright(&encode(clear.clone(), format)), &expected, 0);
    }
    let grey = GrayAlphaImage::from_pixel(2, 2, LumaA([0, 0]));
    let expected = RgbImage::from_pixel(2, 2, Rgb([255, 255, 255]));
    assert_close(&upright(&encode(DynamicImage::ImageLumaA8(grey), ImageFormat::Png)), &expected, 0);
}

#[test]
fn of_an_animation_the_first_frame_counts() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(6, 6, Rgba(colour)))).unwrap();
    }
    drop(encoder);
    assert_close(&upright(&bytes), &RgbImage::from_pixel(6, 6, Rgb([255, 0, 0])), 0);
}

#[test]
fn a_print_shops_cmyk_is_read() {
    let bytes = include_bytes!("../fixtures/cmyk.jpg");
    let picture = upright(bytes);
    assert_eq!(picture.dimensions(), (16, 16));
    for (x, expected) in [(2, [0_u8, 255, 255]), (13, [255, 0, 0])] {
        let pixel = picture.get_pixel(x, 8).0;
        assert!(
            pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 30),
            "{pixel:?} instead of {expected:?}"
        );
    }
}

#[test]
fn every_orientation_note_is_applied() {
    let lying = quarters(48, 32);
    let bytes = jpeg(&lying);
    let expected = [
        lying.clone(),
        imageops::flip_horizontal(&lying),
        imageops::rotate180(&lying),
        imageops::flip_vertical(&lying),
        imageops::flip_horizontal(&imageops::rotate90(&lying)),
        imageops::rotate90(&lying),
        imageops::flip_horizontal(&imageops::rotate270(&lying)),
        imageops::rotate270(&lying),
    ];
    for (orientation, expected) in (1..).zip(&expected) {
        let picture = upright(&with_orientation(&bytes, orientation));
        assert_eq!(picture.dimensions(), expected.dimensions());
        let (right, bottom) = (picture.width() - 4, picture.height() - 4);
        for (x, y) in [(3, 3), (right, 3), (3, bottom), (right, bottom)] {
            let (ours, wanted) = (picture.get_pixel(x, y), expected.get_pixel(x, y));
            let close = ours.0.iter().zip(wanted.0).all(|(a, b)| a.abs_diff(b) < 40);
            assert!(close, "orientation {orientation} at {x}, {y}: {ours:?} instead of {wanted:?}");
        }
    }
    for nonsense in [0, 9, 255] {
        assert_eq!(upright(&with_orientation(&bytes, nonsense)).dimensions(), (48, 32));
    }
}
