//! What a model takes: the size, crop and scale that photos are brought to.

/// How a photo becomes the model's input, a plane for each colour: `(value * scale - mean) / std` of 8-bit values.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The input's name in the model.
    pub name: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The order of its planes, and of `mean` and `std`.
    pub channels: Channels,
    /// The part of a photo that is used.
    pub crop: Crop,
    /// The filter that brings this part to the input's size; always with antialiasing.
    pub resample: Resample,
    /// What 8-bit values are multiplied with before the mean is taken off.
    pub scale: f32,
    /// The mean of each channel.
    pub mean: [f32; 3],
    /// The standard deviation of each channel.
    pub std: [f32; 3],
}

/// The order of the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
}

/// The part of a photo that a model gets to see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crop {
    /// All of it, squashed to the input's shape.
    None,
    /// A square in its middle, of this fraction of the shorter side.
    CentreSquare {
        /// Above 0, at most 1.
        fraction: f64,
    },
    /// What the input's size covers in the middle, once the shorter side is brought to this many pixels.
    ShorterSide {
        /// No less than the input's width and height.
        pixels: u32,
    },
}

/// A filter for resizing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resample {
    /// Linear interpolation.
    Bilinear,
    /// Cubic interpolation with a = -0.5, as in Pillow.
    Bicubic,
    /// Lanczos over three lobes.
    Lanczos,
}
