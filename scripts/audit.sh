#!/usr/bin/env bash
# audit.sh: licences and sources of everything that is built with, and known vulnerabilities of the crates.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo deny --version >/dev/null 2>&1 || {
    echo "cargo-deny is missing: cargo install cargo-deny --locked" >&2
    exit 1
}
cargo deny --locked check licenses bans sources
.venv/bin/python scripts/licenses.py bindings-js/package-lock.json api-check/package-lock.json
if cargo deny --log-level off fetch db; then
    cargo deny --locked check --disable-fetch advisories
else
    echo "known vulnerabilities were NOT looked for: the advisory database (https://github.com/RustSec/advisory-db) cannot be reached"
fi
