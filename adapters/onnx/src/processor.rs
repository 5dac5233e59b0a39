//! What this machine's processor can do.

/// Whether it has instructions that multiply bytes and add them up without overflow: VNNI on x86-64, the dot product on
/// ARM. With them models in bytes are about twice as fast as in floats; without, no faster.
pub(crate) fn multiplies_bytes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512vnni")
        || std::arch::is_x86_feature_detected!("avxvnni");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("dotprod");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

/// Whether models in bytes are to be taken unasked: where they are faster than in floats, and where they are as fast (x86-64 with
/// AVX2), since they take less memory and all such machines answer alike then.
pub(crate) fn prefers_bytes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return multiplies_bytes() || std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    return multiplies_bytes();
}
