"""Versions of products: of two writers the second is refused, by a server and by a shop alike."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Union

import pytest
from conftest import BOOT, Reply, Scripted
from PIL import Image
from serving import serving

import vitrina

KEY = "a long and secret key"
Writer = Union[vitrina.Client, vitrina.Shop]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("data"), VITRINA_ADMIN_KEY=KEY) as address:
        yield address


@pytest.fixture(params=["client", "shop"])
def writers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Writer, Writer]]:
    """Two writers of one catalogue: two clients of a server, or two shops over a folder."""
    if request.param == "shop":
        with vitrina.Shop.open(tmp_path / "data", create=True) as one, vitrina.Shop.open(tmp_path / "data") as other:
            yield one, other
        return
    url = request.getfixturevalue("url")
    with vitrina.Client(url, admin_key=KEY) as one, vitrina.Client(url, admin_key=KEY) as other:
        yield one, other


def test_of_two_writers_the_second_with_the_old_version_is_refused_and_nothing_is_lost(writers: tuple[Writer, Writer]) -> None:
    first, second = writers
    made = first.put_product("V/1", "Gorra", "9.50", stock=3, brand="Camina")
    seen = second.product("V/1")
    assert seen.version is not None and seen.version == made.version
    sold = first.update_product("V/1", stock=2, if_version=seen.version)
    assert sold.version not in (None, seen.version)
    with pytest.raises(vitrina.Conflict, match=str(sold.version)):
        second.update_product(seen.id, stock=9, price=1, if_version=seen.version)
    with pytest.raises(vitrina.Conflict):
        second.put_product("V/1", "Otra", 1, if_version=seen.version)
    with pytest.raises(vitrina.Conflict):
        second.delete_product("V/1", if_version=seen.version)
    present = second.product("V/1")
    assert (present, present.version) == (sold, sold.version)
    assert (present.stock, present.brand, present.price) == (2, "Camina", Decimal("9.50"))

    priced = second.update_product("V/1", price="8", if_version=present.version)
    assert (priced.price, priced.stock) == (Decimal("8.00"), 2)
    replaced = second.put_product("V/1", "Visera", 7, if_version=priced.version)
    assert (replaced.id, replaced.name, replaced.brand) == (made.id, "Visera", None)
    photographed = first.put_photo(made.id, Image.new("RGB", (8, 8), "red"))
    assert photographed.version not in (None, replaced.version)
    first.delete_product("V/1", if_version=photographed.version)
    with pytest.raises(vitrina.Conflict):
        second.put_product("V/1", "Visera", 7, if_version=photographed.version)
    with pytest.raises(vitrina.NotFound):
        second.product("V/1")


def test_without_a_version_writes_are_as_ever_and_lists_have_none(writers: tuple[Writer, Writer]) -> None:
    first, second = writers
    made = first.put_product("N/1", "Boina", 15, stock=3)
    second.update_product("N/1", stock=2)
    assert first.update_product("N/1", price=14, if_version=None).stock == 2
    listed = next(product for product in first.products(limit=100).products if product.id == made.id)
    assert listed.version is None and listed == first.product("N/1")
    assert first.product("N/1").to_dict()["version"] == first.product("N/1").version
    first.delete_product("N/1")


def test_a_version_stands_for_the_content_wherever_it_is_computed(url: str, tmp_path: Path) -> None:
    with vitrina.Client(url, admin_key=KEY) as client, vitrina.Shop.open(tmp_path / "data", create=True) as shop:
        versions = [where.put_product(7000, "Boina", "15", brand="Camina", tags=["lana"]).version for where in (client, shop)]
        assert versions[0] is not None and versions[0] == versions[1]
        client.delete_product(7000)


def test_a_shop_embeds_and_creates_categories_under_a_condition_too(tmp_path: Path) -> None:
    photo = Image.new("RGB", (64, 64), "red")
    with vitrina.Shop.open(tmp_path / "data", create=True) as shop:
        made = shop.put_product(1, "Gorra", 9)
        with pytest.raises(vitrina.Conflict):
            shop.put_product(1, "Gorra", 9, category="Gorras", photo=photo, if_version="another")
        assert shop.categories() == [] and shop.product(1).photo_url is None
        capped = shop.put_product(1, "Gorra", 9, category="Gorras", photo=photo, if_version=made.version)
        assert (capped.category, capped.photo_url is not None) == ("Gorras", True)


def test_the_version_is_that_of_the_etag_and_goes_as_if_match(server: Scripted) -> None:
    server.script = lambda number, request: (
        Reply(204, b"") if request.method == "DELETE" else Reply(200, BOOT, headers={"ETag": '"v1"'})
    )
    with vitrina.Client(server.url, admin_key=KEY) as client:
        assert client.product(7).version == "v1"
        client.put_product(7, "Bota", 5, if_version="v1")
        client.update_product(7, stock=1, if_version="v1")
        client.delete_product(7, if_version="v1")
        with pytest.raises(vitrina.InvalidRequest):
            client.delete_product(7, if_version="")
    _, put, patch, delete = server.requests
    assert [request.headers.get("if-match") for request in (put, patch, delete)] == ['"v1"'] * 3
    assert patch.json() == {"stock": 1} and "if_version" not in put.json()


def test_the_async_client_names_versions_too(url: str) -> None:
    async def main() -> None:
        async with vitrina.AsyncClient(url, admin_key=KEY) as client:
            made = await client.put_product("A/1", "Boina", 15)
            newer = await client.update_product("A/1", stock=4, if_version=made.version)
            for refused in (
                client.update_product("A/1", stock=9, if_version=made.version),
                client.put_product("A/1", "Otra", 1, if_version=made.version),
                client.delete_product("A/1", if_version=made.version),
            ):
                with pytest.raises(vitrina.Conflict) as caught:
                    await refused
                assert caught.value.status == 412
            assert (await client.product("A/1")).version == newer.version
            await client.delete_product("A/1", if_version=newer.version)

    asyncio.run(main())
