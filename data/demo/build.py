"""Join the demo package's products.csv with the Spanish texts of vendure_es.json.

    python data/demo/build.py --package DIR --out DIR

`--package` holds `assets/products.csv`; `vendure.jsonl` is written into `--out`, one product a line.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

FIRST_ID = 101
TEXTS = Path(__file__).with_name("vendure_es.json")


class BuildError(Exception):
    """The package and the Spanish texts do not fit together."""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV whose columns are padded with blanks, quoted ones too."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {key.strip(): (value or "").strip() for key, value in row.items() if key}


def group(rows: Iterable[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Rows by product: one with a slug opens a product, those without are its variants."""
    products: dict[str, list[dict[str, str]]] = {}
    variants: list[dict[str, str]] = []
    for number, row in enumerate(rows, start=2):
        if slug := row.get("slug"):
            if slug in products:
                raise BuildError(f"products.csv has '{slug}' twice")
            variants = products[slug] = []
        elif not products:
            raise BuildError(f"products.csv, record {number}: a variant before any product")
        variants.append(row)
    return products


def brand(facets: str) -> str:
    """The brand among `category:Electronics|brand:Apple`, empty where there is none."""
    pairs = (facet.partition(":") for facet in facets.split("|"))
    return next((value.strip() for name, _, value in pairs if name.strip() == "brand"), "")


def product_line(number: int, slug: str, rows: list[dict[str, str]], text: dict[str, str]) -> dict[str, Any]:
    """One product: price, brand and photo of its first row, stock of all its variants."""
    first = rows[0]
    try:
        price = Decimal(first["price"]).quantize(Decimal("0.01"))
        stock = sum(int(row["stockOnHand"] or 0) for row in rows)
        photo = first["assets"].split("|")[0].strip()
        maker = brand(first["facets"])
    except (KeyError, ValueError, InvalidOperation) as error:
        raise BuildError(f"products.csv: '{slug}' cannot be read: {error!r}") from error
    return {
        "id": number,
        "name": text["name"],
        "description": text["description"],
        "brand": maker,
        "price": float(price),
        "category": text["category"],
        "stock": stock,
        "photo": photo,
    }


def build(package: Path, out: Path, texts: Path = TEXTS) -> Path:
    """Write `out/vendure.jsonl` in one go and return its path."""
    spanish: dict[str, dict[str, str]] = json.loads(texts.read_text(encoding="utf-8"))
    products = group(read_rows(package / "assets" / "products.csv"))
    if missing := sorted(products.keys() - spanish.keys()):
        raise BuildError(f"{texts.name} has no text for: {', '.join(missing)}")
    if missing := sorted(spanish.keys() - products.keys()):
        raise BuildError(f"products.csv has no product for: {', '.join(missing)}")
    lines = [
        json.dumps(product_line(number, slug, rows, spanish[slug]), ensure_ascii=False)
        for number, (slug, rows) in enumerate(products.items(), start=FIRST_ID)
    ]
    out.mkdir(parents=True, exist_ok=True)
    target = out / "vendure.jsonl"
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Write vendure.jsonl, the demo products that have photos.")
    parser.add_argument("--package", type=Path, required=True, help="the unpacked @vendure/create")
    parser.add_argument("--out", type=Path, required=True, help="where vendure.jsonl goes")
    arguments = parser.parse_args()
    try:
        print(build(arguments.package, arguments.out))
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
