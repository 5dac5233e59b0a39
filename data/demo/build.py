"""Join the demo package's products.csv with the Spanish texts of vendure_es.json.

    python data/demo/build.py --package DIR --out DIR

`--package` holds `assets/products.csv`; `vendure.jsonl` is written into `--out`, one product a line, and the photos that
the page offers to try into `examples/` there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

FIRST_ID = 101
SHOP = "https://tienda.example/producto/"
# The package's English names of options, colours and plants in Spanish.
OPTIONS = {
    "screen size": "Pantalla",
    "monitor size": "Pantalla",
    "RAM": "Memoria RAM",
    "storage": "Almacenamiento",
    "cpu": "Procesador",
    "HDD": "Disco",
    "color": "Color",
    "size": "Talla",
}
COLORS = {
    "black": "negro",
    "blue": "azul",
    "brown": "marrón",
    "gray": "gris",
    "green": "verde",
    "mint": "verde",
    "mustard": "amarillo",
    "pearl": "blanco",
    "pink": "rosa",
    "white": "blanco",
    "yellow": "amarillo",
}
MATERIALS = {"wood": "madera"}
# Products on sale, with their reduced prices.
SALES = {
    "allstar-sneakers": 49.95,
    "curvy-monitor": 129.0,
    "instant-camera": 149.0,
    "leather-sofa": 995.0,
    "tent": 159.0,
}
TEXTS = Path(__file__).with_name("vendure_es.json")
EXAMPLES = Path(__file__).with_name("examples.json")


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


def price(row: dict[str, str]) -> float:
    """The price of a row, to the cent."""
    return float(Decimal(row["price"]).quantize(Decimal("0.01")))


def product_line(number: int, slug: str, rows: list[dict[str, str]], text: dict[str, str]) -> dict[str, Any]:
    """One product: brand and photo of its first row, the price of its cheapest, stock of all its variants."""
    first = rows[0]
    try:
        cheapest = min(price(row) for row in rows)
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
        "price": cheapest,
        "category": text["category"],
        "stock": stock,
        "photo": photo,
    }


def values(facets: str, name: str, known: dict[str, str]) -> list[str]:
    """The values of a facet in Spanish, those that are not known left out."""
    pairs = (facet.partition(":") for facet in facets.split("|"))
    found = [known.get(value.strip()) for facet, _, value in pairs if facet.strip() == name]
    return list(dict.fromkeys(value for value in found if value))


def option(group: str, value: str) -> tuple[str, str]:
    """An option of a variant in Spanish: `("size", "Size 40")` is `("Talla", "40")`."""
    name = "Capacidad" if group == "size" and value.endswith("GB") else OPTIONS.get(group, group)
    if group == "color":
        return name, COLORS.get(value, value)
    return name, re.sub(r"(\d) ?(GB|TB)", r"\1 \2", value.removeprefix("Size ").replace(" inch", " pulgadas"))


def variants(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The variants of a product: its rows, where they have options."""
    groups = rows[0].get("optionGroups") or ""
    if not groups:
        return []
    # Some of the package's variants share a code.
    distinct = len({row["sku"] for row in rows}) == len(rows)
    return [
        {
            "sku": row["sku"] if distinct else f"{row['sku']}-{place}",
            "attributes": dict(
                option(group.strip(), value.strip())
                for group, value in zip(groups.split("|"), row["optionValues"].split("|"), strict=True)
            ),
            "price": price(row),
            "stock": int(row["stockOnHand"] or 0),
        }
        for place, row in enumerate(rows, start=1)
    ]


def shop_fields(slug: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    """What a shop knows of a product beside its texts: key, URL, code, attributes, reduced price, variants."""
    facets = rows[0].get("facets") or ""
    attributes = {
        "Color": values(facets, "color", COLORS),
        "Material": values(facets, "color", MATERIALS),
    }
    found = variants(rows)
    fields: dict[str, Any] = {"key": slug, "url": SHOP + slug}
    if rows[0].get("sku") and not found:
        fields["sku"] = rows[0]["sku"]
    if any(attributes.values()):
        fields["attributes"] = {name: named for name, named in attributes.items() if named}
    if slug in SALES:
        fields["sale"] = {"price": SALES[slug]}
    if found:
        fields["variants"] = found
    return fields


def build(package: Path, out: Path, texts: Path = TEXTS) -> Path:
    """Write `out/vendure.jsonl` in one go and return its path."""
    spanish: dict[str, dict[str, str]] = json.loads(texts.read_text(encoding="utf-8"))
    products = group(read_rows(package / "assets" / "products.csv"))
    if missing := sorted(products.keys() - spanish.keys()):
        raise BuildError(f"{texts.name} has no text for: {', '.join(missing)}")
    if missing := sorted(spanish.keys() - products.keys()):
        raise BuildError(f"products.csv has no product for: {', '.join(missing)}")
    lines = [
        json.dumps(
            product_line(number, slug, rows, spanish[slug]) | shop_fields(slug, rows), ensure_ascii=False
        )
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


def examples(package: Path, out: Path, listed: Path = EXAMPLES) -> list[Path]:
    """Copy the photos to try into `out/examples/`, named after what they show, and return their paths.

    The names in other languages go into `names.json` there. The photos are of products that `vitrina serve --demo` sells without a photo, so that the shop does not have the same photo.
    One that the package lacks is left out.
    """
    lines = (out / "vendure.jsonl").read_text(encoding="utf-8").splitlines()
    photos = {line["id"]: line["photo"] for line in map(json.loads, lines)}
    folder = out / "examples"
    folder.mkdir(exist_ok=True)
    copies = []
    names = {}
    for number, example in enumerate(json.loads(listed.read_text(encoding="utf-8")), start=1):
        photo = package / "assets" / "images" / photos[example["id"]]
        if not photo.is_file():
            continue
        copy = Path(shutil.copyfile(photo, folder / f"{number} {example['name']}{photo.suffix}"))
        names[copy.name] = example["translations"]
        copies.append(copy)
    (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False) + "\n", encoding="utf-8")
    return copies


def main() -> int:
    parser = argparse.ArgumentParser(description="Write vendure.jsonl, the demo products that have photos.")
    parser.add_argument("--package", type=Path, required=True, help="the unpacked @vendure/create")
    parser.add_argument("--out", type=Path, required=True, help="where vendure.jsonl goes")
    arguments = parser.parse_args()
    try:
        print(build(arguments.package, arguments.out))
        examples(arguments.package, arguments.out)
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
