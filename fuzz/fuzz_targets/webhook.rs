#![cfg_attr(fuzzing, no_main)]
#![allow(missing_docs)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| vitrina_fuzz::webhook(data));

/// Runs the inputs in the files that are named, such as one that made the fuzzer stop.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    std::env::args_os()
        .skip(1)
        .try_for_each(|path| std::fs::read(path).map(|data| vitrina_fuzz::webhook(&data)))
}
