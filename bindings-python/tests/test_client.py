"""What is asked and what comes back."""

from __future__ import annotations

import asyncio
import dataclasses
import pickle
from decimal import Decimal
from typing import Any

import pytest
from conftest import BOOT, DONE, Reply, Scripted, photo_script

import vitrina


def test_products_with_every_filter(server: Scripted) -> None:
    server.always(200, {"products": [BOOT], "next_cursor": "more"})
    with vitrina.Client(server.url) as client:
        page = client.products(
            5, "here", category=["Zapatos", 2], min_price=Decimal("10.50"), max_price=99, in_stock=True, brand="A&B", sort="price_asc"
        )
    assert server.requests[0].path == (
        "/products?category=Zapatos&category=2&brand=A%26B&min_price=10.50&max_price=99.00"
        "&in_stock=true&sort=price_asc&limit=5&cursor=here"
    )
    assert page.next_cursor == "more"
    assert page.products == [
        vitrina.Product(
            7, "Bota", "de piel", "Camina", Decimal("59.90"), "Zapatos", 0, False, server.url + "/photos/bota.jpg", 0.5
        )
    ]
    assert isinstance(page.products[0].price, Decimal) and str(page.products[0].price) == "59.90"


def test_words(server: Scripted) -> None:
    server.always(200, {"categories": ["Zapatos"], "products": [BOOT], "total": 31, "next_cursor": None})
    answer = vitrina.Client(server.url).search_text("botas", category="Zapatos")
    assert server.requests[0].json() == {"query": "botas", "limit": 24, "filter": {"categories": ["Zapatos"]}}
    assert (answer.categories, answer.total, answer.next_cursor) == (["Zapatos"], 31, None)


def test_the_variant_that_was_asked_for(server: Scripted) -> None:
    red = {"key": "r", "attributes": {"color": ["rojo"]}, "price": 25.0, "photo": "/photos/red.jpg", "url": "https://s.example/r"}
    product = BOOT | {"variants": [red], "matched_variant": red}
    server.always(200, {"categories": [], "products": [product, BOOT], "total": 2, "next_cursor": None})
    found, plain = vitrina.Client(server.url).search_text("bota roja").products
    assert found.matched_variant == found.variants[0] == vitrina.Variant(
        "r", attributes={"color": ["rojo"]}, price=Decimal("25.00"), photo_url=server.url + "/photos/red.jpg", url="https://s.example/r"
    )
    assert plain.matched_variant is None


def test_a_course_server_may_leave_out_what_it_does_not_have(server: Scripted) -> None:
    server.always(200, {"categories": [], "products": [{"id": 1, "name": "Camisa", "price": "12.99", "category": "Camisetas"}]})
    answer = vitrina.Client(server.url).search_text("", limit=None)
    product = answer.products[0]
    assert (product.price, product.brand, product.stock, product.in_stock, product.photo_url) == (
        Decimal("12.99"), None, None, True, None,
    )  # fmt: skip
    assert answer.total == 1


def test_categories_neighbours_health_and_readiness(server: Scripted) -> None:
    answers = {
        "/categories": Reply(200, {"categories": [{"id": 1, "name": "Camisetas"}]}),
        "/products/7": Reply(200, BOOT),
        "/products/7/similar?limit=3": Reply(200, {"products": [BOOT]}),
        "/health": Reply(200, {"status": "ok"}),
        "/ready": Reply(503, {"status": "unavailable", "dependencies": {"model": "no model", "queue": "ok"}}),
    }
    server.script = lambda number, request: answers[request.path]
    client = vitrina.Client(server.url)
    assert client.categories() == [vitrina.Category(1, "Camisetas")]
    assert client.product(7) == client.similar(7, 3)[0]
    assert client.health() is True
    ready = client.ready()
    assert not ready and ready.dependencies == {"model": "no model", "queue": "ok"}


def test_a_prediction_from_elsewhere(server: Scripted) -> None:
    server.always(200, DONE)
    client = vitrina.Client(server.url)
    answer = client.search_prediction([(4, 0.5)], labels=[("n04120489", 0.25)], embedding=[0.0, 2.0])
    assert answer.predictions == [vitrina.Prediction(4, "Zapatos", 0.93)]
    sent = server.requests[0].json()
    assert sent == {
        "categories": [{"label": 4, "score": 0.5}],
        "labels": [{"label": "n04120489", "score": 0.25}],
        "embedding": "AAAAAAAAgD8=",
    }
    client.search_prediction(embedding="AAAAAAAAgD8=", model="efficientnet_lite0/1")
    sent = server.requests[1].json()
    assert (sent["embedding"], sent["model"]) == ("AAAAAAAAgD8=", "efficientnet_lite0/1")
    with pytest.raises(vitrina.InvalidRequest):
        client.search_prediction(embedding=b"abc")


NARROWED = (
    "query=piel+roja&category=Zapatos&category=2&brand=A%26B&min_price=10.50&max_price=99.00&in_stock=true"
)


def test_a_photo_is_narrowed_by_words_and_every_filter(server: Scripted) -> None:
    server.script = photo_script(Reply(200, DONE))
    client = vitrina.Client(server.url)
    narrowed: Any = {
        "query": "piel roja",
        "category": ["Zapatos", 2],
        "brand": "A&B",
        "min_price": Decimal("10.50"),
        "max_price": 99,
        "in_stock": True,
    }
    assert client.search_image(b"photo", **narrowed).categories == ["Zapatos"]
    assert client.result("t-1", **narrowed) is not None
    client.search_image(b"photo", on_progress=lambda stage: None, query="roja")
    client.search_image(b"photo", query=None, category=None, brand=None, in_stock=None)
    assert [request.path for request in server.requests if request.method == "GET"] == [
        f"/tasks/t-1/result?{NARROWED}",
        f"/tasks/t-1/result?{NARROWED}",
        "/tasks/t-1/result?query=roja",
        "/tasks/t-1/result",
    ]


def test_the_async_client_narrows_photos_alike(server: Scripted) -> None:
    server.script = photo_script(Reply(200, DONE))

    async def main() -> None:
        async with vitrina.AsyncClient(server.url) as client:
            await client.search_image(b"photo", query="roja", brand=["A", "B"], max_price="9.50")
            await client.result("t-1", query="roja", category=4)

    asyncio.run(main())
    assert [request.path for request in server.requests[1:]] == [
        "/tasks/t-1/result?query=roja&brand=A&brand=B&max_price=9.50",
        "/tasks/t-1/result?query=roja&category=4",
    ]


def test_predictions_and_neighbours_are_narrowed(server: Scripted) -> None:
    server.always(200, DONE)
    client = vitrina.Client(server.url)
    client.search_prediction([(4, 0.5)], query="roja", category="Zapatos", max_price="9.50", in_stock=True)
    assert server.requests[0].json() == {
        "categories": [{"label": 4, "score": 0.5}],
        "query": "roja",
        "filter": {"categories": ["Zapatos"], "max_price": 9.5, "in_stock": True},
    }
    client.similar(7, category="Zapatos", brand="A&B", min_price=1, in_stock=True)
    assert server.requests[1].path == "/products/7/similar?category=Zapatos&brand=A%26B&min_price=1.00&in_stock=true&limit=12"


def test_answers_are_plain_frozen_values(server: Scripted) -> None:
    server.always(200, DONE)
    client = vitrina.Client(server.url)
    answer, again = client.search_prediction(), client.search_prediction()
    assert answer == again and answer is not again
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert repr(answer.predictions) == "[Prediction(label=4, category='Zapatos', score=0.93)]"
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.products[0].name = "Zapato"  # type: ignore[misc]
    plain = answer.to_dict()
    assert plain["products"][0]["price"] == Decimal("59.90")
    assert plain["predictions"] == [{"label": 4, "category": "Zapatos", "score": 0.93}]


def test_the_key_travels_and_is_not_shown(server: Scripted) -> None:
    server.always(200, {})
    client = vitrina.Client(server.url, api_key="s3cret")
    client.health()
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"
    assert repr(client) == f"Client('{server.url}')"


def test_a_closed_client_says_so(server: Scripted) -> None:
    client = vitrina.Client(server.url)
    client.close()
    with pytest.raises(vitrina.VitrinaError, match="closed"):
        client.health()


def test_wrong_arguments_are_refused_at_once() -> None:
    for address in ["", "shop", "ftp://shop"]:
        with pytest.raises(vitrina.InvalidRequest):
            vitrina.Client(address)
    with pytest.raises(ValueError):
        vitrina.Client("http://shop", timeout=-1)
    client = vitrina.Client("http://127.0.0.1:9")
    with pytest.raises(vitrina.InvalidRequest, match="no sort `cheap`: use one of relevance"):
        client.products(sort="cheap")  # type: ignore[arg-type]
    with pytest.raises(vitrina.InvalidRequest, match="amount"):
        client.products(min_price="cheap")
