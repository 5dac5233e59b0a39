#!/usr/bin/env bash
# What must hold before a release: one version everywhere, complete metadata, a changelog, every feature alone, and every crate packed
# as for the registry. `VERIFY=1` also compiles what was packed, which takes as long as a build from nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo metadata --format-version 1 --no-deps --locked | python3 scripts/release_metadata.py
scripts/check-features.sh

verify=(--no-verify)
[ -z "${VERIFY:-}" ] || verify=()
cargo publish --dry-run --workspace --locked --allow-dirty "${verify[@]}"
echo "ready for a release"
