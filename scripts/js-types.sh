#!/usr/bin/env bash
# js-types.sh BINARY FILE: writes the TypeScript types of the OpenAPI document that the server BINARY prints.
# js-types.sh --check: compiles the package with the types of the newest binary of this checkout. Fields that were added pass;
# `make types` takes them over.
set -euo pipefail
cd "$(dirname "$0")/.."
generate() {
    local document; document=$(mktemp --suffix .json)
    trap 'rm -f "$document"' RETURN
    "$1" openapi > "$document"
    api-check/node_modules/.bin/openapi-typescript "$document" --output "$2" > /dev/null
}
if [ "$1" = --check ]; then
    # `ls` fails where one of the two is not built.
    binary=${VITRINA_BIN:-$(ls -t target/{release,debug}/vitrina 2>/dev/null | head -n 1 || true)}
    [ -n "$binary" ] || { echo "no server: run \`make build\` first, or name one with VITRINA_BIN" >&2; exit 1; }
    # Inside the package, whose modules the compiler has to find.
    copy=$(mktemp -d -p bindings-js .types-XXXXXX)
    trap 'rm -rf "$copy"' EXIT
    cp -r bindings-js/src bindings-js/tsconfig.json "$copy"
    generate "$binary" "$copy/src/client/api.ts"
    bindings-js/node_modules/.bin/tsc -p "$copy" || { echo "the package does not fit what $binary documents" >&2; exit 1; }
else
    generate "$1" "$2"
fi
