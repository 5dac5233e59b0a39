#!/usr/bin/env python3
"""Runs every evaluation that the files in a folder allow, beside the figures of the last run that were kept.

    VITRINA_EVAL_DATA=FOLDER scripts/eval.py target/release/vitrina          prints: kept, now, and the difference
    VITRINA_EVAL_DATA=FOLDER scripts/eval.py --keep target/release/vitrina   and writes the new figures into docs/quality.md

Each evaluation is one `vitrina eval` command, which is printed; docs/quality.md tells where such files come from. Standard library only.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "docs/quality.md"
BEGIN, END = "<!-- figures of the last `make eval KEEP=1` -->", "<!-- end of these figures -->"
HEADER = ["evaluation", "figure", "Vitrina", "95 %", "beside"]

SHOP = ["mediamarkt_es/products.jsonl.gz", "mercadona/products.jsonl"]
SHOPPER = {"precision@10": "right of ten", "first_right": "first right", "did_you_mean": "rightly spelt, yet corrected",
           "category_names": "categories first for their own name"}
RANKED = {"ndcg@10": "nDCG@10", "precision@10": "precision@10", "recall@50": "recall@50"}
MISSPELT = {"recall@50_kept": "recall@50 kept"}
IMAGE = {"category_top1": "right category first", "recall@1": "one of its kind first", "recall@10": "one of its kind among ten",
         "ece": "calibration error", "refused": "sold, yet refused", "negatives_refused": "not sold, and refused"}


class Evaluation:
    """A command over files of the data folder, and the figures of its answer that are told."""

    def __init__(self, name, command, needs, figures, beside=None):
        self.name, self.command, self.needs, self.figures, self.beside = name, command, needs, figures, beside

    def run(self, vitrina, data):
        """The rows: evaluation, figure, value, interval, what is beside it."""
        missing = [name for name in self.needs if not (data / name).exists()]
        if missing:
            print(f"left out: {self.name}: {data / missing[0]} is not there", file=sys.stderr)
            return []
        arguments = [str(data / word[1:]) if word.startswith("@") else word for word in self.command]
        print(f"== vitrina eval {' '.join(arguments)}", file=sys.stderr, flush=True)
        done = subprocess.run([vitrina, "eval", *arguments, "--json"], stdout=subprocess.PIPE, text=True, check=True)
        answer = json.loads(done.stdout)
        ours, theirs = answer.get("vitrina", answer), answer.get(self.beside, {})
        rows = [[self.name, name, shown(ours[key]), "", shown(theirs.get(key))]
                for key, name in self.figures.items() if key in ours]
        for kind, told in answer.get("kinds", {}).items():
            if kind != "all":
                rows.append([self.name, kind, shown(told["precision@10"]), f"{told['low']:.3f} to {told['high']:.3f}",
                             shown(told["sqlite_fts5"])])
            elif rows:
                rows[0][3] = f"{told['low']:.3f} to {told['high']:.3f}"
        return rows


def evaluations():
    shopper = ["shopper", *(word for file in SHOP for word in ("--products", f"@{file}")), "--queries", "@shopper_es/queries.tsv"]
    for name, categories in (("shoppers, departments", "flat"), ("shoppers, finest categories", "leaf")):
        yield Evaluation(name, [*shopper, "--categories", categories], [*SHOP, "shopper_es/queries.tsv"], SHOPPER, "sqlite_fts5")
    for name, products, judgments in (("Chorus", "chorus/products.jsonl.gz", "chorus/judgments.tsv"),
                                      ("MediaMarkt", SHOP[0], "mediamarkt_es/category_queries.tsv")):
        files = ["--products", f"@{products}", "--judgments", f"@{judgments}"]
        yield Evaluation(name, ["text", *files], [products, judgments], RANKED, "sqlite_fts5")
        yield Evaluation(f"{name}, misspelt", ["misspellings", *files], [products, judgments], MISSPELT)
    yield Evaluation("clothes", ["image", "--catalog-photos", "@clothing/train", "--query-photos", "@clothing/validation"],
                     ["clothing/train", "clothing/validation"], IMAGE)
    yield Evaluation("groceries", ["image", "--products", "@groceries/products.tsv", "--query-photos", "@groceries/queries"],
                     ["groceries/products.tsv", "groceries/queries"], IMAGE)


def shown(value):
    return "" if value is None else f"{value:.3f}"


def kept():
    """The figures of the last run: evaluation and figure to value."""
    table = re.search(re.escape(BEGIN) + "(.*)" + re.escape(END), KEPT.read_text(), re.S)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in (table[1] if table else "").strip().splitlines()]
    return {(row[0], row[1]): row[2] for row in rows[2:]}


def keep(rows):
    lines = ["| " + " | ".join(row) + " |" for row in [HEADER, ["---"] * len(HEADER), *rows]]
    text = KEPT.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    KEPT.write_text(f"{text[:begin]}\n\n" + "\n".join(lines) + f"\n\n{text[end:]}")


def compared(rows, before):
    """The table that is printed: with what was kept, and the difference."""
    told = [["evaluation", "figure", "kept", "now", "difference", "95 %", "beside"]]
    for evaluation, figure, value, interval, beside in rows:
        last = before.get((evaluation, figure), "")
        difference = f"{float(value) - float(last):+.3f}" if last else ""
        told.append([evaluation, figure, last, value, difference, interval, beside])
    widths = [max(len(row[column]) for row in told) for column in range(len(told[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in told)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keep", action="store_true", help="write the figures into docs/quality.md")
    parser.add_argument("vitrina", nargs="?", default=str(ROOT / "target/release/vitrina"))
    options = parser.parse_args()
    folder = os.environ.get("VITRINA_EVAL_DATA")
    if not folder:
        sys.exit("name the folder of the evaluation data: VITRINA_EVAL_DATA=FOLDER make eval")
    rows = [row for evaluation in evaluations() for row in evaluation.run(options.vitrina, Path(folder))]
    if not rows:
        sys.exit(f"{folder} has no file that an evaluation needs: see docs/quality.md")
    print(compared(rows, kept()))
    if options.keep:
        keep(rows)


if __name__ == "__main__":
    main()
