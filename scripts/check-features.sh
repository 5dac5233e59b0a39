#!/usr/bin/env bash
# Every cargo feature compiles without the others, without warnings: the SDK with none, with each alone, and with all; then
# the adapters that have features of their own.
set -euo pipefail
cd "$(dirname "$0")/.."

check() {
    echo "== $*"
    cargo clippy --quiet --locked --lib "$@" -- -D warnings
}

check -p vitrina --no-default-features
for feature in $(sed -n '/^\[features\]/,/^\[dep/ s/^\([a-z0-9]*\) = .*/\1/p' sdk/Cargo.toml | grep -v '^default$'); do
    check -p vitrina --no-default-features --features "$feature"
done
check -p vitrina
check -p vitrina --all-features
check -p vitrina-sql --no-default-features --features sqlite
check -p vitrina-sql --no-default-features --features mariadb
check -p vitrina-import --no-default-features
check -p vitrina-client --no-default-features
check -p vitrina-storage
check -p vitrina-server --no-default-features
