"""The demo catalogue: its files agree with each other, and its set-up is safe."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parent
DATA = DEMO.parent
sys.path.insert(0, str(DEMO))

import build as builder  # noqa: E402
import fetch as fetcher  # noqa: E402
import large  # noqa: E402

COURSE = ["Camisetas", "Teléfonos", "Pantalones", "Zapatos", "Portátiles", "Otros"]
FIELDS = ["id", "name", "description", "brand", "price", "category", "stock"]

CATEGORIES: list[dict[str, Any]] = json.loads((DEMO / "categories.json").read_text(encoding="utf-8"))
LINES = (DEMO / "products_es.jsonl").read_text(encoding="utf-8").splitlines()
PRODUCTS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
TEXTS: dict[str, dict[str, str]] = json.loads((DEMO / "vendure_es.json").read_text(encoding="utf-8"))
# Of the large demo's first 700 products.
LARGE_DIGEST = "028e4ed28b6d9c44fc993066b9f152fae65eedfb3252374cb7dc79b0416e8169"
PACKAGES = [DEMO / "vendure", DEMO / "node_modules" / "@vendure" / "create"]
PACKAGE = next((p for p in PACKAGES if (p / "assets" / "products.csv").is_file()), None)

CSV = """\
name      ,slug     ,description      ,assets           ,facets                       ,price ,stockOnHand
Big "Lamp",lamp     ,"A ""lamp"", lit",lamp.jpg|two.jpg ,category:Home|brand: Lumina  ,28.5  ,100
          ,         ,                 ,                 ,                             ,24.90 ,20
Fern      , "fern"  ,Green            ,fern.jpg         ,category:Plants              ,8.95  ,
"""
CSV_TEXTS = {
    "lamp": {"name": "Lámpara", "description": "Da luz.", "category": "Iluminación"},
    "fern": {"name": "Helecho", "description": "Es verde.", "category": "Plantas"},
}


def make_package(directory: Path, csv: str = CSV) -> Path:
    (directory / "assets").mkdir(parents=True)
    (directory / "assets" / "products.csv").write_text(csv, encoding="utf-8")
    return directory


def make_texts(directory: Path, texts: dict[str, Any]) -> Path:
    path = directory / "texts.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# The files


def test_categories_begin_with_the_course() -> None:
    assert [c["id"] for c in CATEGORIES] == list(range(1, len(CATEGORIES) + 1))
    names = [c["name"] for c in CATEGORIES]
    assert names[:6] == COURSE
    assert len(set(names)) == len(names)
    assert all(len(name) <= 50 for name in names)


def test_every_category_has_an_english_name_of_its_own() -> None:
    english = [category["translations"]["en"] for category in CATEGORIES]
    assert len(set(english)) == len(CATEGORIES)
    assert all(english)
    assert not set(english) & {category["name"] for category in CATEGORIES}


def test_categories_are_names_in_the_vocabulary() -> None:
    vocabulary = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
    known = {name for concept in vocabulary["concepts"] for name in concept["names"]["es"]}
    assert {c["name"].lower() for c in CATEGORIES} <= known


def test_products_are_eight_a_course_category() -> None:
    assert [p["id"] for p in PRODUCTS] == list(range(1, 49))
    assert [p["category"] for p in PRODUCTS] == [name for name in COURSE for _ in range(8)]
    assert len({p["name"] for p in PRODUCTS}) == len(PRODUCTS)


@pytest.mark.parametrize("line", LINES, ids=[p["name"] for p in PRODUCTS])
def test_product_line(line: str) -> None:
    product = json.loads(line)
    assert list(product)[: len(FIELDS)] == FIELDS
    assert set(product) - set(FIELDS) <= {"key", "url", "attributes", "sale", "variants"}
    assert product["attributes"]["Color"]
    assert product["url"].startswith("https://tienda.example/producto/")
    if "sale" in product:
        assert 0 < product["sale"]["price"] < product["price"]
    if "variants" in product:
        assert sum(variant["stock"] for variant in product["variants"]) == product["stock"]
        assert len({variant["sku"] for variant in product["variants"]}) == len(product["variants"])
    assert re.search(r'"price":\d+\.\d\d,', line), "two decimals"
    assert product["price"] > 0
    assert isinstance(product["stock"], int)
    assert product["stock"] >= 0
    assert 0 < len(product["name"]) <= 100
    assert product["description"].endswith(".")
    assert product["brand"]


def test_the_course_example_comes_first() -> None:
    assert PRODUCTS[0]["name"] == "Camiseta deportiva roja"
    assert PRODUCTS[0]["price"] == 12.99


def test_some_products_are_out_of_stock() -> None:
    assert 0 < sum(p["stock"] == 0 for p in PRODUCTS) < 12


def test_vendure_texts_are_whole() -> None:
    assert len(TEXTS) == 54
    names = {c["name"] for c in CATEGORIES}
    for slug, text in TEXTS.items():
        assert list(text) == ["name", "description", "category"], slug
        assert all(text.values()), slug
        assert text["category"] in names, slug
        assert len(text["name"]) <= 100, slug
    assert len({text["name"] for text in TEXTS.values()}) == len(TEXTS)


def test_init_sql_says_the_same() -> None:
    sql = (DATA / "init.sql").read_text(encoding="utf-8")
    unquote = "'((?:[^']|'')*)'"
    categories = re.findall(rf"^    \((\d+), {unquote}\)[,;]$", sql, re.MULTILINE)
    names = {int(number): name for number, name in categories}
    assert names == dict(enumerate(COURSE, start=1))
    rows = re.findall(rf"^    \((\d+), {unquote}, {unquote}, (\d+\.\d\d), (\d+)\)[,;]$", sql, re.MULTILINE)
    said = [
        (int(number), name.replace("''", "'"), text.replace("''", "'"), float(price), names[int(category)])
        for number, name, text, price, category in rows
    ]
    assert said == [(p["id"], p["name"], p["description"], p["price"], p["category"]) for p in PRODUCTS]


# build.py


def test_options_become_variants_in_spanish() -> None:
    rows = [
        {"facets": "category:Shoes|color:blue|color:pink", "optionGroups": "size", "optionValues": "Size 40"},
        {"facets": "", "optionGroups": "", "optionValues": "Size 42"},
    ]
    rows = [{"sku": f"A{n}", "price": "99.9", "stockOnHand": "3", **row} for n, row in enumerate(rows)]
    fields = builder.shop_fields("shoe", rows)
    assert fields["attributes"] == {"Color": ["azul", "rosa"]}
    assert fields["variants"] == [
        {"sku": "A0", "attributes": {"Talla": "40"}, "price": 99.9, "stock": 3},
        {"sku": "A1", "attributes": {"Talla": "42"}, "price": 99.9, "stock": 3},
    ]
    assert builder.option("size", "4GB") == ("Capacidad", "4 GB")
    assert builder.option("screen size", "13 inch") == ("Pantalla", "13 pulgadas")
    assert builder.option("color", "mint") == ("Color", "verde")


def test_build_joins_the_two(tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    target = builder.build(package, tmp_path / "out", make_texts(tmp_path, CSV_TEXTS))
    lamp, fern = read_lines(target)
    assert lamp == {
        "id": 101,
        "name": "Lámpara",
        "description": "Da luz.",
        "brand": "Lumina",
        "price": 24.9,
        "category": "Iluminación",
        "stock": 120,
        "photo": "lamp.jpg",
        "key": "lamp",
        "url": "https://tienda.example/producto/lamp",
    }
    assert (fern["id"], fern["brand"], fern["stock"], fern["photo"]) == (102, "", 0, "fern.jpg")
    assert [path.name for path in target.parent.iterdir()] == ["vendure.jsonl"], "nothing half-written stays"


@pytest.mark.parametrize(
    ("csv", "texts", "message"),
    [
        (CSV, {"lamp": CSV_TEXTS["lamp"]}, "no text for: fern"),
        (CSV, CSV_TEXTS | {"rug": CSV_TEXTS["fern"]}, "no product for: rug"),
        (CSV.replace("8.95", "dear"), CSV_TEXTS, "'fern' cannot be read"),
        (CSV.replace(' "fern"', "lamp   "), CSV_TEXTS, "'lamp' twice"),
        (CSV.replace("lamp     ,", "         ,", 1), CSV_TEXTS, "before any product"),
    ],
)
def test_build_says_what_is_wrong(tmp_path: Path, csv: str, texts: dict[str, Any], message: str) -> None:
    package = make_package(tmp_path / "package", csv)
    with pytest.raises(builder.BuildError, match=message):
        builder.build(package, tmp_path / "out", make_texts(tmp_path, texts))
    assert not (tmp_path / "out" / "vendure.jsonl").exists()


@pytest.mark.skipif(PACKAGE is None, reason="the demo photos are not set up")
def test_build_of_the_real_package(tmp_path: Path) -> None:
    assert PACKAGE is not None
    products = read_lines(builder.build(PACKAGE, tmp_path))
    assert [p["id"] for p in products] == list(range(101, 155))
    for product in products:
        assert list(product)[: len(FIELDS) + 1] == [*FIELDS, "photo"]
        for variant in product.get("variants", []):
            assert variant["attributes"]
        assert len({v["sku"] for v in product.get("variants", [])}) == len(product.get("variants", []))
        assert product.get("sale", {"price": 0})["price"] < product["price"]
        assert product["price"] > 0
        assert product["price"] == min([v["price"] for v in product.get("variants", [])] or [product["price"]])
        assert round(product["price"], 2) == product["price"]
        assert (PACKAGE / "assets" / "images" / product["photo"]).is_file()


def test_examples_are_copied_under_what_they_show(tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    (package / "assets" / "images").mkdir()
    (package / "assets" / "images" / "lamp.jpg").write_bytes(b"photo")
    out = tmp_path / "out"
    builder.build(package, out, make_texts(tmp_path, CSV_TEXTS))
    listed = tmp_path / "examples.json"
    listed.write_text(
        '[{"id": 101, "name": "Lámpara", "translations": {"en": "Lamp"}}, '
        '{"id": 102, "name": "Helecho", "translations": {"en": "Fern"}}]',
        encoding="utf-8",
    )
    assert builder.examples(package, out, listed) == [out / "examples" / "1 Lámpara.jpg"]
    assert (out / "examples" / "1 Lámpara.jpg").read_bytes() == b"photo"
    names = json.loads((out / "examples" / "names.json").read_text(encoding="utf-8"))
    assert names == {"1 Lámpara.jpg": {"en": "Lamp"}}


def test_examples_leave_each_category_photos_of_its_own() -> None:
    texts = list(TEXTS.values())
    listed = json.loads((DEMO / "examples.json").read_text(encoding="utf-8"))
    categories = [texts[example["id"] - builder.FIRST_ID]["category"] for example in listed]
    assert len(set(categories)) == len(categories) == 4
    for example in listed:
        assert example["translations"]["en"] not in ("", example["name"])
    for category in categories:
        assert sum(text["category"] == category for text in texts) >= 5, category


# large.py


def test_the_large_demo_is_the_same_everywhere(tmp_path: Path) -> None:
    target = tmp_path / "large" / "products.jsonl"
    large.write(target, 700)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == LARGE_DIGEST
    assert [path.name for path in target.parent.iterdir()] == ["products.jsonl"], "nothing half-written stays"
    # A smaller one is its beginning.
    assert read_lines(target)[:7] == list(large.products(7))


def test_products_of_the_large_demo() -> None:
    products = list(large.products(3500))
    roots = {category["name"] for category in CATEGORIES}
    assert {product["categories"][0][0] for product in products} == roots
    assert max(len(product["categories"][0]) for product in products) == 3
    assert min(product["id"] for product in products) > 154, "numbers of their own"
    assert len({product["key"] for product in products}) == len(products)
    brands = {product["brand"] for product in PRODUCTS}
    for product in products:
        assert product["brand"] in brands
        assert product["attributes"]["Color"]
        assert round(product["price"], 2) == product["price"] > 0
        assert 0 < product.get("sale", {"price": 0.01})["price"] < product["price"]
        variants = product.get("variants", [])
        assert product["price"] == min([v["price"] for v in variants if "price" in v] or [product["price"]])
        if variants:
            assert sum(variant["stock"] for variant in variants) == product["stock"]
    assert 0.1 < sum("sale" in product for product in products) / len(products) < 0.25
    assert sum("variants" in product for product in products) > 1000
    assert sum(product["stock"] == 0 for product in products) > 10


def test_every_category_of_the_large_demo_has_an_english_name_of_its_own() -> None:
    lines = json.loads((DEMO / "large_categories.json").read_text(encoding="utf-8"))
    english = {tuple(line["path"]): line["translations"]["en"] for line in lines}
    below = {
        tuple(path[:depth])
        for product in large.products(700)
        for path in product["categories"]
        for depth in range(2, len(path) + 1)
    }
    assert english.keys() == below
    assert all(english.values())
    roots = {category["translations"]["en"] for category in CATEGORIES}
    assert len(set(english.values()) | roots) == len(lines) + len(CATEGORIES)


def test_colours_agree_with_their_nouns() -> None:
    names = {product["name"] for product in large.products(2000)}
    last = {name.split()[-1] for name in names if name.startswith(("Zapatillas", "Botas", "Sandalias"))}
    assert last == {"rojas", "azules", "negras", "blancas", "verdes", "grises", "amarillas", "marrones", "rosas", "beis"}
    assert not any(name.startswith("Monitor") and name.endswith("roja") for name in names)


# fetch.py


def make_archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "package/package.json",
        "package/lib/products.csv",
        "package/assets/images/readme.txt",
        "package/assets/images/../../../evil.jpg",
        "package/assets/images/sub/evil.jpg",
        "package/assets/images/..\\evil.jpg",
        "/package/assets/products.csv",
        "../package/assets/products.csv",
    ],
)
def test_extract_leaves_everything_else(tmp_path: Path, name: str) -> None:
    archive = make_archive(tmp_path / "a.tgz", {name: b"x", "package/assets/images/a.jpg": b"photo"})
    assert fetcher.extract(archive, tmp_path / "out") == 1
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(files) == ["a.tgz", "out/assets/images/a.jpg"]


def test_extract_refuses_links(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        link = tarfile.TarInfo("package/assets/images/a.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(fetcher.FetchError, match="no ordinary file"):
        fetcher.extract(tmp_path / "a.tgz", tmp_path / "out")


def test_verify_compares_the_sha512(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "a.tgz", {})
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    fetcher.verify(archive, f"sha512-{digest}")
    with pytest.raises(fetcher.FetchError, match="sha512 differs"):
        fetcher.verify(archive)


def test_fetch_is_idempotent_and_rebuilds_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"n,{slug},d,{slug}.jpg,,1.00,1\n" for slug in TEXTS)
    csv = "name,slug,description,assets,facets,price,stockOnHand\n" + rows
    calls = []

    def pack(directory: Path) -> Path:
        calls.append(directory)
        members = {"package/assets/products.csv": csv.encode(), "package/assets/images/a.jpg": b"photo"}
        return make_archive(directory / "a.tgz", members)

    monkeypatch.setattr(fetcher, "pack", pack)
    target = tmp_path / "vendure"
    with pytest.raises(fetcher.FetchError, match="sha512 differs"):
        fetcher.fetch(target)
    assert list(tmp_path.iterdir()) == [], "a wrong package leaves nothing"

    monkeypatch.setattr(fetcher, "verify", lambda archive: None)
    fetcher.fetch(target)
    (target / "vendure.jsonl").unlink()
    fetcher.fetch(target)
    assert len(calls) == 2
    assert len(read_lines(target / "vendure.jsonl")) == 54
    assert (target / "assets" / "images" / "a.jpg").read_bytes() == b"photo"
