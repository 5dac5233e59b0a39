#!/usr/bin/env bash
# fuzz.sh [SECONDS [TARGET…]]: every fuzz target, or those named, for so many seconds each (60).
#
# New inputs are kept in target/fuzz-corpus, so that the next run goes on from them; an input that fails is written to
# fuzz/artifacts, and `cargo run -p vitrina-fuzz --bin TARGET FILE` repeats it without the fuzzing engine.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
cargo fuzz --version >/dev/null 2>&1 || {
    echo "cargo-fuzz is missing: cargo install cargo-fuzz --locked" >&2
    exit 1
}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls fuzz/corpus)
for target in "${targets[@]}"; do
    echo "== $target"
    mkdir -p "target/fuzz-corpus/$target"
    # Without a sanitizer the stable toolchain does; the product forbids unsafe code, so that panics are what there is to find.
    cargo fuzz run --sanitizer none "$target" "target/fuzz-corpus/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=65536 -print_final_stats=1
done
