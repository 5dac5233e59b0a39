"""The route for suggestions, over a shop that the test plays."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
import vitrina
from fastapi import FastAPI
from fastapi.testclient import TestClient
from vitrina import Category, Product, Suggestions

from vitrina_page import suggestions
from vitrina_page.cards import PhotoLinks
from vitrina_page.categories import Categories
from vitrina_page.search import MAX_WORDS
from vitrina_page.suggestions import suggestion_routes

SPANISH = {"accept-language": "es-ES"}


class PlayedShop:
    """Returns the answers it was given, and keeps the requests."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.slow = False

    async def categories(self) -> list[Category]:
        return [Category(3, "Ropa", None, {"en": "Clothes"}), Category(4, "Zapatos", 3, {"en": "Shoes"})]

    async def suggest(self, text: str, limit: int = 6) -> Any:
        self.asked.append(text)
        if self.error:
            raise self.error
        if self.slow:
            await asyncio.Event().wait()
        price, photo = Decimal("89.9"), "http://backend/photos/a.jpg"
        product = Product(7, "Zapato <b>", "", None, price, "Zapatos", None, True, photo, None)
        return Suggestions(["zapatos", "zap"], [Category(4, "Zapatos")], [product])


@pytest.fixture
def shop() -> PlayedShop:
    return PlayedShop()


@pytest.fixture
def page(shop: PlayedShop) -> TestClient:
    app = FastAPI()
    app.include_router(suggestion_routes(shop, Categories(shop), PhotoLinks("http://backend")))
    return TestClient(app)


def test_queries_categories_and_products_are_one_list(page: TestClient) -> None:
    answer = page.get("/suggest", params={"q": "zap"}, headers=SPANISH).json()
    assert answer["options"] == [
        {"kind": "query", "text": "zapatos", "note": ""},
        {"kind": "category", "text": "Zapatos", "note": "Categoría", "category": "Ropa > Zapatos"},
        {
            "kind": "product",
            "text": "Zapato <b>",
            "note": "89,90\u00a0€",
            "product": "7",
            "photo": "photos/a.jpg",
        },
    ]
    assert answer["announcement"].startswith("3 sugerencias")


def test_notes_are_in_the_visitors_language(page: TestClient) -> None:
    answer = page.get("/suggest", params={"q": "zap"}, headers={"accept-language": "en-GB"}).json()
    assert [one["note"] for one in answer["options"]] == ["", "Category", "€89.90"]
    assert answer["options"][1]["text"] == "Shoes"
    assert answer["announcement"].startswith("3 suggestions")


def test_no_words_ask_nothing(page: TestClient, shop: PlayedShop) -> None:
    assert page.get("/suggest").json()["options"] == []
    assert page.get("/suggest", params={"q": "  "}).json()["options"] == []
    assert shop.asked == []


def test_words_are_bounded(page: TestClient, shop: PlayedShop) -> None:
    page.get("/suggest", params={"q": " a " + "b" * 2 * MAX_WORDS})
    assert shop.asked == [("a " + "b" * 2 * MAX_WORDS)[:MAX_WORDS]]


@pytest.mark.parametrize(
    "error", [vitrina.Unavailable("down"), vitrina.Busy("many"), vitrina.Timeout("slow")]
)
def test_an_error_is_no_suggestion(page: TestClient, shop: PlayedShop, error: Exception) -> None:
    shop.error = error
    answer = page.get("/suggest", params={"q": "zap"})
    assert (answer.status_code, answer.json()["options"]) == (200, [])


def test_a_slow_shop_is_not_waited_for(
    page: TestClient, shop: PlayedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "SUGGEST_TIMEOUT", 0.01)
    shop.slow = True
    assert page.get("/suggest", params={"q": "zap"}).json()["options"] == []
