//! From the frequencies of a block to its samples, fewer than there were.

/// Turns the lowest frequencies of a block into as many samples: `across` x `down`, each 1, 2, 4 or 8.
pub(super) struct Transform {
    pub(super) across: usize,
    pub(super) down: usize,
    rows: [[f32; 8]; 8],
    columns: [[f32; 8]; 8],
}

impl Transform {
    pub(super) fn new(across: usize, down: usize) -> Self {
        Self { across, down, rows: waves(across), columns: waves(down) }
    }

    /// Where the last frequency that matters stands, in the order of `places`.
    pub(super) fn last(&self, places: &[u8; 64]) -> usize {
        places.iter().rposition(|place| self.takes(*place)).unwrap_or(0)
    }

    /// Whether the frequency at this place, 8 a row, matters.
    pub(super) fn takes(&self, place: u8) -> bool {
        usize::from(place / 8) < self.down && usize::from(place % 8) < self.across
    }

    /// Writes a block's samples into `samples`, `stride` a row. `frequencies` are 8 a row; all are zero but `waves` of each
    /// row and column.
    #[inline(always)]
    pub(super) fn write(&self, frequencies: &[f32; 64], waves: usize, samples: &mut [u8], stride: usize) {
        match (self.across, self.down) {
            // The same with sizes that the compiler knows.
            (1, 1) => self.write_sized(1, 1, frequencies, waves, samples, stride),
            (2, 2) => self.write_sized(2, 2, frequencies, waves, samples, stride),
            (4, 4) => self.write_sized(4, 4, frequencies, waves, samples, stride),
            (8, 8) => self.write_sized(8, 8, frequencies, waves, samples, stride),
            (across, down) => self.write_sized(across, down, frequencies, waves, samples, stride),
        }
    }

    #[inline(always)]
    fn write_sized(
        &self,
        across: usize,
        down: usize,
        frequencies: &[f32; 64],
        waves: usize,
        samples: &mut [u8],
        stride: usize,
    ) {
        let mut half = [[0.0_f32; 8]; 8];
        let rows = half.iter_mut().zip(frequencies.as_chunks::<8>().0);
        for (half, frequencies) in rows.take(waves.min(down)) {
            for (frequency, wave) in frequencies.iter().zip(&self.rows).take(waves.min(across)) {
                for (sum, weight) in half.iter_mut().zip(wave).take(across) {
                    *sum += frequency * weight;
                }
            }
        }
        for y in 0..down {
            let mut line = [128.5_f32; 8];
            for (half, wave) in half.iter().zip(&self.columns).take(waves.min(down)) {
                for (sum, value) in line.iter_mut().zip(half).take(across) {
                    *sum += value * wave[y];
                }
            }
            for (sample, value) in samples[y * stride..][..across].iter_mut().zip(line) {
                *sample = value as u8; // cut off at 0 and 255
            }
        }
    }
}

/// The first `count` waves of the inverse cosine transform, at `count` places: those of 8 (ITU-T T.81, A.3.3) with the
/// places spread over the same block.
fn waves(count: usize) -> [[f32; 8]; 8] {
    std::array::from_fn(|wave| {
        std::array::from_fn(|at| {
            let angle = (2 * at + 1) as f64 * wave as f64 * std::f64::consts::PI / (2 * count) as f64;
            let amplitude = if wave == 0 { 0.5_f64.sqrt() } else { 1.0 };
            (0.5 * amplitude * angle.cos()) as f32
        })
    })
}
