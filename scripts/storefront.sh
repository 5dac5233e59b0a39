#!/usr/bin/env bash
# The example shop on :8080 before a server with the demo products on :8000; Ctrl-C stops both.
set -euo pipefail
cd "$(dirname "$0")/.."
export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$(ls "$PWD"/.venv/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so* | head -n 1)}
node examples/storefront/build.mjs
"${VITRINA_BIN:-target/release/vitrina}" serve --demo --cors-origins http://127.0.0.1:8080 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
python3 examples/storefront/serve.py
