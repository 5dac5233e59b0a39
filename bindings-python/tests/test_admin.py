"""Administration: what is sent, and what a real server makes of it."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import os
import time
import traceback
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import BOOT, Reply, Scripted
from PIL import Image
from serving import serving

import vitrina

KEY = "a long and secret key"


def test_what_is_sent(server: Scripted) -> None:
    answers = {
        "PUT /categories/4": Reply(200, {"id": 4, "name": "Zapatos"}),
        "PUT /products/7": Reply(200, BOOT),
        "PUT /products/7/photo": Reply(200, BOOT),
        "POST /products": Reply(200, {"ids": [7, 31]}),
        "DELETE /products/7": Reply(204, b""),
    }
    server.script = lambda number, request: answers[f"{request.method} {request.path}"]
    with vitrina.Client(server.url, admin_key=KEY) as client:
        assert client.put_category(4, "Zapatos") == vitrina.Category(4, "Zapatos")
        assert client.put_product(7, "Bota", Decimal("59.90"), category="Zapatos", stock=0).price == Decimal("59.90")
        assert client.put_photo(7, b"\xff\xd8\xff photo").id == 7
        assert client.put_products([{"id": 7, "name": "Bota", "price": 59.9}, {"name": "Bota", "price": "5", "category": 4}]) == [7, 31]
        assert client.delete_product(7) is None  # type: ignore[func-returns-value]
    category, product, photo, batch, _ = server.requests
    assert category.json() == {"name": "Zapatos"}
    assert product.json() == {"name": "Bota", "description": "", "price": 59.9, "categories": [["Zapatos"]], "stock": 0}
    assert b'name="file"' in photo.body and b"\xff\xd8\xff photo" in photo.body
    first, second = batch.json()["products"]
    assert first["id"] == 7 and "id" not in second and (second["categories"], second["price"]) == ([["4"]], 5.0)
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


def test_the_key_goes_nowhere_else(server: Scripted) -> None:
    server.always(200, {"products": []})
    client = vitrina.Client(server.url, admin_key=KEY)
    client.products()
    assert "authorization" not in server.requests[0].headers
    server.always(403, {"type": "/problems/forbidden", "detail": "the administration key is wrong"})
    with pytest.raises(vitrina.Unauthorized, match="key is wrong") as caught:
        client.delete_product(7)
    shown = [repr(client), str(vars(client)), repr(caught.value), str(vars(caught.value))]
    shown += traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert not any(KEY in text for text in shown)
    with pytest.raises(vitrina.InvalidRequest) as broken:
        vitrina.AsyncClient(server.url, admin_key=KEY + "\n")
    assert KEY not in str(broken.value)


def test_products_that_cannot_be_are_refused_before_anything_is_sent() -> None:
    client = vitrina.Client("http://127.0.0.1:9", admin_key=KEY)
    with pytest.raises(vitrina.InvalidRequest, match="amount"):
        client.put_product(1, "Bota", "cheap")
    with pytest.raises(vitrina.InvalidRequest, match="stock of -1"):
        client.put_product(1, "Bota", 5, stock=-1)
    with pytest.raises(vitrina.InvalidRequest, match="unknown field `photo`"):
        client.put_products([{"name": "Bota", "price": 5, "photo": "bota.jpg"}])
    with pytest.raises(vitrina.InvalidRequest, match="no price"):
        client.put_products([{"name": "Bota"}])
    with pytest.raises(vitrina.InvalidRequest, match="`name`"):
        client.put_products([{"price": 5}])
    with pytest.raises(vitrina.InvalidRequest, match="neither a URL"):
        client.put_product(1, "Bota", 5, photos=["bota.jpg"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder, VITRINA_ADMIN_KEY=KEY) as address:
        yield address


@pytest.fixture(scope="module")
def admin(url: str) -> Iterator[vitrina.Client]:
    with vitrina.Client(url, admin_key=KEY) as client:
        client.put_category(40, "Gorras")
        yield client


def classifies(client: vitrina.Client) -> bool:
    """Whether there is a model; on the build machine there must be one."""
    reported = client.ready().dependencies["model"]
    assert reported == "ok" or "CI" not in os.environ, reported
    return reported == "ok"


def test_what_is_written_is_found_at_once(admin: vitrina.Client) -> None:
    green = admin.put_product(1, "Gorra verde", "9.50", description="de algodón", brand="Camina", category="gorras", stock=3)
    assert admin.product(1) == green
    assert (green.category, green.price, green.description) == ("Gorras", Decimal("9.50"), "de algodón")
    first, second = admin.put_products([{"id": 2, "name": "Gorra roja", "price": 12.5}, {"name": "Gorra azul", "price": 20, "category": 40}])
    assert first == 2 and second not in (1, 2)
    assert {product.id for product in admin.search_text("gorra").products} == {1, 2, second}
    assert admin.put_product(2, "Sandalia roja", 13).brand is None
    assert [product.name for product in admin.search_text("sandalia").products] == ["Sandalia roja"]
    assert admin.put_category(40, "Sombreros").name == "Sombreros"
    assert admin.product(second).category == "Sombreros"
    admin.put_category(40, "Gorras")
    admin.delete_product(second)
    with pytest.raises(vitrina.NotFound):
        admin.product(second)
    with pytest.raises(vitrina.NotFound):
        admin.delete_product(second)


def test_fields_change_and_all_others_stay(admin: vitrina.Client) -> None:
    before = admin.put_product(30, "Boina", "15", brand="Camina", category="gorras", stock=3)
    after = admin.update_product(30, price=Decimal("12.50"), stock=None, key="B/30 ñ")
    assert after == dataclasses.replace(before, price=Decimal("12.50"), stock=None, key="B/30 ñ")
    assert admin.update_product("B/30 ñ", brand=None, description="de lana").brand is None
    assert admin.search_text("lana").products[0].id == 30
    done = admin.update_offers([{"id": 30, "stock": 0}, {"key": "B/30 ñ", "price": "11"}, {"id": 999, "stock": 1}, {"key": "X", "stock": 1}])
    assert done == vitrina.OffersUpdated(2, [999, "X"])
    assert (admin.product(30).in_stock, admin.product(30).price) == (False, Decimal("11.00"))
    with pytest.raises(vitrina.NotFound, match="no product 999"):
        admin.update_product(999, price=1)
    with pytest.raises(vitrina.InvalidRequest, match="unknown field `precio`"):
        admin.update_product(30, precio=1)
    with pytest.raises(vitrina.InvalidRequest, match="update_product"):
        admin.update_offers([{"id": 30, "brand": "Camina"}])
    with pytest.raises(vitrina.InvalidRequest, match="amount"):
        admin.update_product(30, price="cheap")
    with pytest.raises(vitrina.InvalidRequest, match="stock of -1"):
        admin.update_offers([{"id": 30, "stock": -1}])
    admin.delete_product(30)


FULL: dict[str, Any] = {
    "description": "de lana", "brand": "Camina", "stock": 3, "url": "https://tienda.example/b",
    "codes": {"sku": "311-992", "gtin": "8412345678905", "others": ["P7"]}, "categories": [["Gorras"]],
    "attributes": {"color": ["rojo", "azul"], "talla": "M"}, "photos": ["https://cdn.example/1.jpg"],
    "sale_price": Decimal("12.50"), "sale_from": datetime(2020, 1, 1, tzinfo=timezone.utc), "sale_until": 4_000_000_000,
    "availability": "backorder", "tags": ["invierno"], "popularity": 0.5, "translations": {"en": {"name": "Beret"}},
    "updated_at": 1_700_000_000,
    "variants": [{"key": "r", "codes": {"sku": "311-r"}, "attributes": {"color": ["rojo"]}, "price": "14.00", "stock": 2}],
}  # fmt: skip


def check_full(product: vitrina.Product, key: str) -> None:
    assert (product.key, product.url, product.description) == (key, "https://tienda.example/b", "de lana")
    assert product.codes == vitrina.Codes("311-992", "8412345678905", None, ["P7"])
    assert (product.category, product.categories) == ("Gorras", [["Gorras"]])
    assert product.attributes == {"color": ["rojo", "azul"], "talla": ["M"]}
    assert product.photo_urls == [product.photo_url] == ["https://cdn.example/1.jpg"]
    assert (product.sale_price, product.sale_from, product.sale_until) == (Decimal("12.50"), 1_577_836_800, 4_000_000_000)
    assert (product.availability, product.tags, product.popularity) == ("backorder", ["invierno"], 0.5)
    assert product.translations == {"en": vitrina.Texts("Beret")} and product.updated_at == 1_700_000_000
    (red,) = product.variants
    assert red == vitrina.Variant(
        "r", vitrina.Codes("311-r"), {"color": ["rojo"]}, Decimal("14.00"), stock=2
    )
    assert product.to_dict()["codes"]["gtin"] == "8412345678905"


def test_every_field_goes_both_ways_by_key(admin: vitrina.Client, tmp_path: Path) -> None:
    with vitrina.Shop.open(tmp_path / "data") as shop:
        for where in (admin, shop):
            key = "B/1 ñ?#"
            made = where.put_product(key, "Boina", "15", **FULL)
            check_full(made, key)
            assert where.product(key) == where.product(made.id) == made
            assert where.put_products([{"key": key, "name": "Boina", "price": 15, **FULL}]) == [made.id]
            check_full(where.product(key), key)
            where.delete_product(key)
            with pytest.raises(vitrina.NotFound):
                where.product(key)


def test_categories_are_moved_and_deleted(admin: vitrina.Client, tmp_path: Path) -> None:
    with vitrina.Shop.open(tmp_path / "data") as shop:
        for where in (admin, shop):
            for number, name in [(70, "Hogar"), (71, "Cocina"), (72, "Hornos")]:
                where.put_category(number, name)
            assert where.update_category(71, parent=70, translations={"en": "Kitchen"}) == vitrina.Category(71, "Cocina", 70, {"en": "Kitchen"})
            assert where.update_category(72, parent=71, name="Horno").name == "Horno"
            made = where.put_product("H1", "Horno de leña", 99, categories=[["Hogar", "Cocina", "Horno"]])
            assert made.categories == [["Hogar", "Cocina", "Horno"]]
            with pytest.raises(vitrina.Conflict, match="category 71"):
                where.delete_category(71)
            where.delete_category(71, move_to=70)
            assert where.product("H1").categories == [["Hogar", "Horno"]]
            with pytest.raises(vitrina.InvalidRequest, match="no category 999"):
                where.update_category(72, parent=999)
            with pytest.raises(vitrina.InvalidRequest, match="unknown field `padre`"):
                where.update_category(72, padre=70)
            with pytest.raises(vitrina.NotFound):
                where.delete_category(71)
            where.delete_product("H1")
            where.delete_category(72)
            where.delete_category(70)


def test_an_export_is_brought_back(admin: vitrina.Client, tmp_path: Path) -> None:
    with vitrina.Shop.open(tmp_path / "one") as one, vitrina.Shop.open(tmp_path / "other") as other:
        one.put_category(3, "Gorras")
        made = one.put_product("B/1", "Boina", "15", **FULL)
        assert one.export(tmp_path / "one.jsonl") == 1
        assert (other.restore(tmp_path / "one.jsonl"), other.restore(tmp_path / "one.jsonl")) == (1, 0)
        assert other.product("B/1") == made and other.categories() == one.categories()
        assert other.product("B/1").version == made.version
        packed = tmp_path / "one.jsonl.gz"
        packed.write_bytes(gzip.compress((tmp_path / "one.jsonl").read_bytes()))
        for lossy in (tmp_path / "one.jsonl", packed):
            with pytest.raises(vitrina.InvalidRequest, match="restore"):
                other.import_source(lossy)
    products = admin.export(str(tmp_path / "served.jsonl"))
    assert products == len((tmp_path / "served.jsonl").read_text().splitlines()) - 1
    with pytest.raises(vitrina.Unauthorized):
        vitrina.Client(admin._base_url).export(tmp_path / "none.jsonl")


def ended(admin: vitrina.Client) -> dict[str, Any]:
    while (imports := admin.imports())["running"] is not None:
        time.sleep(0.05)
    return imports["imports"][0]  # type: ignore[no-any-return]


def test_a_server_imports_a_file(admin: vitrina.Client, tmp_path: Path) -> None:
    prices = tmp_path / "precios.csv"
    prices.write_text("Ref;Denominación;PVP\nI-1;Manopla;9,50\nI-2;Bufanda;cara\n", encoding="utf-8")
    mapping = {"columns": {"Ref": "key", "Denominación": "name", "PVP": "price"}}
    assert admin.import_file(prices, mapping=mapping, replace_demo=False).startswith("CSV")
    run = ended(admin)
    assert (run["new"], run["refused"], run["problems"][0]["value"]) == (1, 1, "cara")
    assert admin.product("I-1").price == Decimal("9.50")
    exported = tmp_path / "shop.jsonl"
    products = admin.export(exported)
    admin.delete_product("I-1")
    assert admin.import_file(exported, replace_demo=False) == "an export of vitrina"
    run = ended(admin)
    assert (run["new"], run["unchanged"]) == (1, products - 1)
    with pytest.raises(vitrina.InvalidRequest, match="prune"):
        admin.import_file(exported, prune=True, replace_demo=False)
    with pytest.raises(vitrina.InvalidRequest, match="cannot be read"):
        admin.import_file(tmp_path / "nowhere.csv")
    admin.delete_product("I-1")

    async def alike() -> None:
        async with vitrina.AsyncClient(admin._base_url, admin_key=KEY) as client:
            assert (await client.imports(1))["imports"] == [run]
            with pytest.raises(vitrina.InvalidRequest):
                await client.import_file(prices, format="nonesuch")

    asyncio.run(alike())


def test_a_photo_larger_than_other_requests_may_be_is_given_and_found(admin: vitrina.Client, tmp_path: Path) -> None:
    photo = tmp_path / "noise.png"
    Image.effect_noise((1500, 1500), 80).convert("RGB").save(photo)
    assert photo.stat().st_size > 1 << 20
    admin.put_product(5, "Manta", 30, category=40)
    given = admin.put_photo(5, photo)
    assert given.photo_url is not None and given.photo_url.startswith(admin._base_url)
    if classifies(admin):
        assert admin.search_image(photo, query="manta").products[0].similarity == pytest.approx(1, abs=0.02)


def test_neighbours_are_filtered(admin: vitrina.Client) -> None:
    for number, price, brand in [(20, 10, "Camina"), (21, 20, "Camina"), (22, 30, "Zancada")]:
        admin.put_product(number, "Alfombra", price, category=40, brand=brand)
        admin.put_photo(number, Image.new("RGB", (64, 64), (number * 5, 40, 90)))

    def numbers(**wanted: Any) -> set[int]:
        return {product.id for product in admin.similar(20, 100, **wanted)} & {20, 21, 22}

    if classifies(admin):
        assert numbers() == numbers(category="gorras") == {21, 22}
        assert numbers(brand="camina") == numbers(max_price="20.00") == {21}
        assert numbers(min_price=31) == set()
    with pytest.raises(vitrina.InvalidRequest, match="no category `Barcos`"):
        admin.similar(20, category="Barcos")


def test_the_async_client_writes_alike(url: str) -> None:
    async def main() -> list[str]:
        async with vitrina.AsyncClient(url, admin_key=KEY) as client:
            await client.put_category(41, "Botas")
            await client.put_product(10, "Bota de agua", 25, category=41)
            (number,) = await client.put_products([{"name": "Bota de nieve", "price": Decimal("45.00")}])
            await client.put_photo(10, Image.new("RGB", (64, 64), "green"))
            assert (await client.update_product(10, stock=4)).stock == 4
            assert (await client.update_offers([{"id": 10, "stock": 5}])).updated == 1
            found = await client.search_text("bota de")
            await client.delete_product(number)
            return [product.name for product in found.products]

    assert set(asyncio.run(main())) == {"Bota de agua", "Bota de nieve"}


def test_refusals_by_name(admin: vitrina.Client, url: str) -> None:
    with pytest.raises(vitrina.Unauthorized, match="administration key") as caught:
        vitrina.Client(url).put_category(1, "Barcos")
    assert caught.value.status == 401
    with pytest.raises(vitrina.Unauthorized, match="key is wrong") as caught:
        vitrina.Client(url, admin_key="another").put_category(1, "Barcos")
    assert caught.value.status == 403
    with pytest.raises(vitrina.InvalidRequest, match="Barcos") as refused:
        admin.put_product(3, "Barco", 5, category="Barcos")
    assert refused.value.status == 422
    with pytest.raises(vitrina.InvalidRequest):
        admin.put_products([{"name": "Barco", "price": 5}] * 1001)
    with pytest.raises(vitrina.NotFound):
        admin.put_photo(99, Image.new("RGB", (64, 64)))
    with pytest.raises(vitrina.UnsupportedPhoto):
        admin.put_photo(3, b"no photo at all")
    assert admin.search_text("barco").total == 0


def test_a_server_without_a_key_lets_nobody_write(tmp_path: Path) -> None:
    with serving(tmp_path) as address, pytest.raises(vitrina.Unauthorized, match="administration is off"):
        vitrina.Client(address, admin_key=KEY).delete_product(1)


def test_the_server_does_not_log_the_key(admin: vitrina.Client, folder: Path) -> None:
    with pytest.raises(vitrina.NotFound):
        admin.delete_product(999)
    assert KEY not in (folder / "log").read_text()
