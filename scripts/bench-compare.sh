#!/usr/bin/env bash
# bench-compare.sh REVISION [FLAGS]: builds a revision in a worktree of its own and measures it and this checkout by turns.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "which revision? make bench-compare BASE=main~5" >&2; exit 2; }
commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "$1 is no revision of this repository" >&2; exit 2; }
shift
short=$(git rev-parse --short=10 "$commit")
folder=$PWD/target/bench-base/$short

if [ ! -x "$folder/vitrina" ]; then
    echo "== building $short in $folder"
    source=$folder/source
    forget() { git worktree remove --force "$source" 2>/dev/null || true; rm -rf "$folder/target"; git worktree prune; }
    trap forget EXIT
    forget
    git worktree add --quiet --detach "$source" "$commit"
    # Dependencies that both have are compiled already; members are newer than this copy and are compiled anew.
    mkdir -p "$folder/target/release"
    for part in build deps .fingerprint; do
        [ -d "target/release/$part" ] && cp -a --reflink=auto "target/release/$part" "$folder/target/release/"
    done
    (cd "$source" && find . -path ./target -prune -o -name '*.rs' -exec touch {} + && cargo build --release --locked -p vitrina-server --target-dir "$folder/target")
    install "$folder/target/release/vitrina" "$folder/vitrina"
    forget
    trap - EXIT
fi
exec target/bench-venv/bin/python -m benches --base "$folder/vitrina" --base-revision "$short" "$@"
