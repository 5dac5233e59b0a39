#!/usr/bin/env bash
# Every test, or those of one part (rust, python, api, js, page); closes with one line of counts.
set -uo pipefail
cd "$(dirname "$0")/.."
part=${1:-all}
log=target/test-logs
cargo_test=(cargo test --workspace --exclude vitrina-python --locked)
mkdir -p "$log"
failed_steps=0

# step NAME COMMAND…: shows the output, keeps it for the counts, goes on after a failure.
step() {
    local name=$1; shift
    echo "== $name (after ${SECONDS} s)"
    if ! "$@" 2>&1 | tee "$log/$name.log"; then
        echo "== $name FAILED"
        failed_steps=$((failed_steps + 1))
    fi
}
wants() { [ "$part" = all ] || [ "$part" = "$1" ]; }

rm -f "$log"/*.log
scripts/system-packages.sh
if [ "${VITRINA_PROFILE:-release}" = dev ] && wants rust; then
    step compile "${cargo_test[@]}" --no-run
    touch target/debug/vitrina # built with the tests
fi
echo "== setup (after ${SECONDS} s)"
make --no-print-directory setup || exit 1
export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$(ls "$PWD"/.venv/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so* | head -n 1)}

if wants rust; then
    reference=target/reference
    step reference scripts/reference.sh "$reference"
    [ "$part" = all ] && step lint make --no-print-directory lint
    VITRINA_REFERENCE="$PWD/$reference" step rust "${cargo_test[@]}" --no-fail-fast
    step attack .venv/bin/python scripts/attack.py --short target/debug/vitrina
fi
if wants python; then
    step data .venv/bin/python -m pytest -q -rs data benches scripts
    step bindings .venv/bin/python -m pytest -q -rs bindings-python/tests
    step examples .venv/bin/python -m pytest -q -rs examples/python
    step stubs scripts/check-stubs.sh
fi
if wants api; then
    step api .venv/bin/python -m pytest -q -rs api-check
fi
if wants js; then
    step js-check npm --prefix bindings-js run --silent check
    step js-types scripts/js-types.sh --check
    step js .venv/bin/python -m pytest -q -rs bindings-js/tests
fi
if wants page; then
    step page .venv/bin/python -m pytest -q -rs frontend-gradio/tests
fi

# The counts of cargo test ("test result: ok. 5 passed; 0 failed; 1 ignored; …") and pytest ("5 passed, 1 skipped in …").
count() { grep -hoE "[0-9]+ $1" "$log"/*.log 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }
passed=$(count passed)
failed=$(($(count failed) + failed_steps))
skipped=$(($(count skipped) + $(count ignored)))
skips=$(grep -h "SKIPPED" "$log"/*.log 2>/dev/null | sort -u)
if [ -n "$skips" ]; then
    echo "$skips"
    if [ -n "${CI:-}" ]; then
        echo "== in CI nothing may be skipped"
        failed=$((failed + 1))
    fi
fi
# pytest writes `SKIPPED [1] FILE:LINE: REASON`, Rust tests `SKIPPED: REASON`; `#[ignore]` without a reason prints
# `... ignored`, as do examples in documentation that are not meant to run.
unexplained=$({
    echo "$skips" | grep -E 'SKIPPED(:|.*:[0-9]+:) *(unconditional skip)?$'
    grep -hE '^test .* \.\.\. ignored$' "$log"/*.log | grep -v '(line [0-9]*)'
} 2>/dev/null)
if [ -n "$unexplained" ]; then
    echo "$unexplained"
    echo "== a test was skipped without a written reason"
    failed=$((failed + 1))
fi
echo
echo "== all (after ${SECONDS} s)"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$failed_steps" -eq 0 ]
