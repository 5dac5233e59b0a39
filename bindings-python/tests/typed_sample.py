"""Never run: mypy reads it."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

from PIL import Image
from typing_extensions import assert_type

import vitrina


def blocking() -> None:
    with vitrina.Client("http://127.0.0.1:8000", timeout=5, api_key=None, admin_key="key") as client:
        assert_type(client.health(), bool)
        assert_type(client.ready().dependencies, dict[str, str])
        assert_type(client.categories(), list[vitrina.Category])
        page = client.products(limit=5, category=["Zapatos", 2], min_price=Decimal("1"), brand="A", sort="price_asc")
        assert_type(page.products[0].price, Decimal)
        assert_type(client.products(cursor=page.next_cursor), vitrina.ProductPage)
        assert_type(client.product(1).stock, int | None)
        assert_type(client.similar(1), list[vitrina.Product])
        assert_type(client.search_text("bota", in_stock=True, max_price="9.50").total, int)
        assert_type(client.search_text("bota", facets=True).facets, vitrina.Facets | None)
        assert_type(client.suggest("bot").products, list[vitrina.Product])
        assert_type(client.submit_image("a.jpg"), str)
        client.submit_image(Path("a.jpg"))
        client.submit_image(bytearray())
        client.submit_image(memoryview(b""))
        client.submit_image(io.BytesIO())
        client.search_image("a.jpg")
        client.search_image(Image.new("RGB", (1, 1)), timeout=5, on_progress=print)
        assert_type(client.result("t", wait=1), vitrina.ImageAnswer | None)
        assert_type(client.search_prediction([(1, 0.5)], embedding=[0.5]), vitrina.ImageAnswer)
        assert_type(client.search_image("a.jpg", query="roja", category=["Zapatos", 2], brand="A"), vitrina.ImageAnswer)
        assert_type(client.result("t", query="roja", min_price=Decimal("1")), vitrina.ImageAnswer | None)
        assert_type(client.search_prediction([(1, 0.5)], query="roja", in_stock=True), vitrina.ImageAnswer)
        assert_type(client.similar(1, 5, max_price="9.50", brand=["A", "B"]), list[vitrina.Product])
        assert_type(client.put_category(40, "Gorras"), vitrina.Category)
        assert_type(client.put_product(1, "Gorra", Decimal("9.50"), category=40, stock=3), vitrina.Product)
        assert_type(client.put_products([{"name": "Gorra", "price": 9.5}]), list[int])
        assert_type(client.put_photo(1, "a.jpg"), vitrina.Product)
        assert_type(client.update_category(40, parent=None), vitrina.Category)
        client.delete_category(40, move_to=2)
        assert_type(client.export("shop.jsonl"), int)
        assert_type(client.import_file("shop.jsonl", mapping={"currency": "EUR"}, prune=True), str)
        client.imports(5)["running"]
        assert_type(client.update_product("REF-7", price="9.90", brand=None), vitrina.Product)
        assert_type(client.product(1).version, str | None)
        client.update_product(1, stock=3, if_version=client.product(1).version)
        client.put_product(1, "Gorra", 9, if_version="v")
        assert_type(client.update_offers([{"id": 7, "stock": 0}]).missing, list[int | str])
        client.delete_product(1, if_version=None)
    try:
        client.health()
    except vitrina.Busy as busy:
        assert_type(busy.retry_after, float | None)
    except vitrina.VitrinaError as error:
        assert_type(error.status, int | None)


async def awaiting() -> None:
    async with vitrina.AsyncClient("http://127.0.0.1:8000") as client:
        assert_type(await client.search_image(b"", on_progress=print), vitrina.ImageAnswer)
        assert_type(await client.result("t"), vitrina.ImageAnswer | None)
        assert_type((await client.search_text("bota")).products, list[vitrina.Product])
        assert_type(await client.put_product(1, "Gorra", "9.50"), vitrina.Product)
        assert_type(await client.put_products([]), list[int])
        await client.delete_product(1, if_version="v")


def in_the_process() -> None:
    with vitrina.Shop.open("vitrina-data", model=Path("model")) as shop:
        assert_type(shop.import_products([{"name": "Bota", "price": Decimal("9.50")}]), vitrina.ImportReport)
        assert_type(shop.import_products(Path("products.csv"), photos="images").photos, int)
        assert_type(shop.search_text("bota", category=4).products, list[vitrina.Product])
        assert_type(shop.search_image(Image.new("RGB", (1, 1)), query="roja", max_price=20), vitrina.ImageAnswer)
        assert_type(shop.similar(1, category="Zapatos"), list[vitrina.Product])
