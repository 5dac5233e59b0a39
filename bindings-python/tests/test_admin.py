"""Administration: what is sent, and what a real server makes of it."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

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
    assert product.json() == {
        "name": "Bota", "description": "", "brand": None, "price": 59.9, "category": "Zapatos", "stock": 0,
    }  # fmt: skip
    assert b'name="file"' in photo.body and b"\xff\xd8\xff photo" in photo.body
    first, second = batch.json()["products"]
    assert first["id"] == 7 and "id" not in second and (second["category_id"], second["price"]) == (4, 5.0)
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
    with pytest.raises(TypeError, match="photo"):
        client.put_products([{"name": "Bota", "price": 5, "photo": "bota.jpg"}])
    with pytest.raises(TypeError, match="price"):
        client.put_products([{"name": "Bota"}])


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


def test_what_is_written_is_found_at_once(admin: vitrina.Client) -> None:
    green = admin.put_product(1, "Gorra verde", "9.50", description="de algodón", brand="Camina", category="gorras", stock=3)
    assert admin.product(1) == green
    assert (green.category, green.price, green.description) == ("Gorras", Decimal("9.50"), "de algodón")
    first, second = admin.put_products([{"id": 2, "name": "Gorra roja", "price": 12.5}, {"name": "Gorra azul", "price": 20, "category": 40}])
    assert first == 2 and second not in (1, 2)
    assert {product.id for product in admin.search_text("gorra").products} == {1, 2, second}
    assert admin.put_product(2, "Visera roja", 13).brand is None
    assert [product.name for product in admin.search_text("visera").products] == ["Visera roja"]
    assert admin.put_category(40, "Sombreros").name == "Sombreros"
    assert admin.product(second).category == "Sombreros"
    admin.put_category(40, "Gorras")
    admin.delete_product(second)
    with pytest.raises(vitrina.NotFound):
        admin.product(second)
    with pytest.raises(vitrina.NotFound):
        admin.delete_product(second)


def test_a_photo_larger_than_other_requests_may_be_is_given_and_found(admin: vitrina.Client, tmp_path: Path) -> None:
    photo = tmp_path / "noise.png"
    Image.effect_noise((1500, 1500), 80).convert("RGB").save(photo)
    assert photo.stat().st_size > 1 << 20
    admin.put_product(5, "Manta", 30, category=40)
    given = admin.put_photo(5, photo)
    assert given.photo_url is not None and given.photo_url.startswith(admin._base_url)
    if admin.ready().dependencies["model"] == "ok":
        assert admin.search_image(photo, query="manta").products[0].similarity == pytest.approx(1, abs=0.02)


def test_the_async_client_writes_alike(url: str) -> None:
    async def main() -> list[str]:
        async with vitrina.AsyncClient(url, admin_key=KEY) as client:
            await client.put_category(41, "Botas")
            await client.put_product(10, "Bota de agua", 25, category=41)
            (number,) = await client.put_products([{"name": "Bota de nieve", "price": Decimal("45.00")}])
            await client.put_photo(10, Image.new("RGB", (64, 64), "green"))
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
