#!/usr/bin/env bash
# Runs every evaluation of words that the files in VITRINA_EVAL_DATA allow, and prints the figures. Each is a line of
# `vitrina eval`; docs/quality.md tells where such files come from.
set -euo pipefail
data=${VITRINA_EVAL_DATA:?name the folder of the evaluation data: VITRINA_EVAL_DATA=FOLDER make eval}
vitrina=${VITRINA:-target/release/vitrina}

have() { for file in "$@"; do [ -e "$data/$file" ] || { echo "left out: $data/$file is not there"; return 1; }; done; }
run() { echo; echo "== vitrina eval $*"; "$vitrina" eval "$@"; }

shop=("$data/mediamarkt_es/products.jsonl.gz" "$data/mercadona/products.jsonl")
if have shopper_es/queries.tsv mediamarkt_es/products.jsonl.gz mercadona/products.jsonl; then
    for categories in flat leaf; do
        run shopper --products "${shop[0]}" --products "${shop[1]}" --queries "$data/shopper_es/queries.tsv" \
            --categories "$categories" --worst "${WORST:-10}"
    done
fi
if have chorus/products.jsonl.gz chorus/judgments.tsv; then
    run text --products "$data/chorus/products.jsonl.gz" --judgments "$data/chorus/judgments.tsv"
    run misspellings --products "$data/chorus/products.jsonl.gz" --judgments "$data/chorus/judgments.tsv"
fi
if have mediamarkt_es/products.jsonl.gz mediamarkt_es/category_queries.tsv; then
    run text --products "${shop[0]}" --judgments "$data/mediamarkt_es/category_queries.tsv"
    run misspellings --products "${shop[0]}" --judgments "$data/mediamarkt_es/category_queries.tsv"
fi
