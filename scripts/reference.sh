#!/usr/bin/env bash
# What the Python reference says of the golden photos, for the Rust tests to be compared with; made once.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1
if [ ! -f "$out/reference.json" ] || [ data/models/golden.json -nt "$out/reference.json" ] \
    || [ data/models/reference.py -nt "$out/reference.json" ]; then
    mapfile -t photos < <(.venv/bin/python -c '
import json
for photo in json.load(open("data/models/golden.json"))["photos"]:
    print("data/demo/vendure/assets/images/" + photo["file"])')
    .venv/bin/python data/models/reference.py --model data/models/efficientnet_lite0 --out "$out" "${photos[@]}"
fi
