//! Confidence intervals of means by the percentile bootstrap (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993,
//! chapter 13).

/// How many samples are drawn.
const SAMPLES: usize = 2_000;

/// The bounds that hold the mean of the values in 95 of 100 samples drawn from them; the same values give the same bounds.
pub(super) fn interval(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values[(state >> 33) as usize % values.len()]
    };
    let mut mean = || (0..values.len()).map(|_| draw()).sum::<f64>() / values.len() as f64;
    let mut means: Vec<f64> = (0..SAMPLES).map(|_| mean()).collect();
    means.sort_by(f64::total_cmp);
    (means[SAMPLES / 40], means[SAMPLES - 1 - SAMPLES / 40])
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn bounds_enclose_the_mean_and_narrow_with_more_values() {
        let values = |count: usize| (0..count).map(|at| (at % 4) as f64 / 3.0).collect::<Vec<_>>();
        let (low, high) = interval(&values(20));
        assert!(low < 0.5 && 0.5 < high);
        let (lower, higher) = interval(&values(2_000));
        assert!(higher - lower < (high - low) / 5.0);
        assert_eq!(interval(&[0.5; 8]), (0.5, 0.5));
        assert_eq!(interval(&[]), (0.0, 0.0));
    }
}
