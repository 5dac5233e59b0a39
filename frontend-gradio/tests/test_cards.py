"""The HTML of results: what a shop or a visitor writes stays text."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest

from vitrina_page import cards
from vitrina_page.cards import PhotoLinks
from vitrina_page.page import gallery
from vitrina_page.search import Found, Problem

LINKS = PhotoLinks("http://backend:8000/", ["https://cdn.example.com"])

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</h3></article><iframe src=javascript:alert(1)>",
    "${alert(1)} {{7*7}} `x`",
    "&lt;b&gt;",
]
ALLOWED = {
    *("li", "article", "div", "img", "svg", "rect", "circle", "path", "text", "h2", "h3", "p", "span"),
    *("section", "ul", "ol", "strong"),
}


class Tags(HTMLParser):
    """Collects the elements, their attributes and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def product(**changes: Any) -> Any:
    fields = {
        "id": 7,
        "name": "Zapatillas",
        "price": Decimal("12.99"),
        "category": "Zapatos",
        "in_stock": True,
        "photo_url": None,
        "similarity": None,
    }
    return SimpleNamespace(**{**fields, **changes})


def assert_harmless(html: str, shown: str) -> None:
    seen = Tags(html)
    assert {tag for tag, _ in seen.elements} <= ALLOWED
    assert not [name for _, attrs in seen.elements for name in attrs if name.startswith("on")]
    assert shown in seen.text


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_categories_stay_text(text: str) -> None:
    html = cards.card(
        "es", product(name=text, category=text, photo_url="http://backend:8000/photos/a.jpg"), LINKS
    )
    assert_harmless(html, text)
    assert_harmless(cards.card("es", product(name=text, category=text), LINKS), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_and_predictions_stay_text(text: str) -> None:
    found = Found("words", text, (product(),), 1, categories=(text,))
    assert_harmless(gallery("es", found, ("",)), text)
    assert_harmless(gallery("en", Found("words", text, (), 0), ()), text)
    seen = cards.predictions("es", [SimpleNamespace(category=text, score=0.5)])  # type: ignore[list-item]
    assert_harmless(seen, text)
    assert_harmless(cards.waiting(text), text)
    assert_harmless(cards.done(text), text)


def test_a_card_shows_name_price_category_and_photo() -> None:
    html = cards.card("es", product(photo_url="http://backend:8000/photos/ab-1.jpg", similarity=0.934), LINKS)
    seen = Tags(html)
    image = next(attrs for tag, attrs in seen.elements if tag == "img")
    assert image["src"] == "photos/ab-1.jpg"
    assert image["alt"] == "Zapatos: Zapatillas"
    assert "12,99\u00a0€" in seen.text
    assert "93\u00a0% parecido" in seen.text
    assert "Agotado" not in seen.text
    assert "€12.99" in cards.card("en", product(), LINKS)


def test_a_product_that_is_sold_out_says_so() -> None:
    assert "Agotado" in cards.card("es", product(in_stock=False), LINKS)
    assert "Out of stock" in cards.card("en", product(in_stock=False), LINKS)


@pytest.mark.parametrize("category", [None, "", " ", "Ñandú", "<"])
def test_a_product_without_photo_gets_a_tile_and_no_request(category: str | None) -> None:
    html = cards.card("es", product(category=category), LINKS)
    assert "<svg" in html
    assert not [attrs for tag, attrs in Tags(html).elements if tag == "img"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://backend:8000/photos/a.jpg", "photos/a.jpg"),
        ("http://backend:8000/photos/a%20b.jpg", "photos/a%20b.jpg"),
        ("https://cdn.example.com/x.jpg", "https://cdn.example.com/x.jpg"),
        ("https://elsewhere.example/x.jpg", None),
        ("https://cdn.example.com.evil.example/x.jpg", None),
        ("javascript:alert(1)", None),
        ("http://backend:8000/photos/", None),
        ("", None),
        (None, None),
    ],
)
def test_photos_come_through_the_page_or_from_named_places(url: str | None, shown: str | None) -> None:
    assert LINKS(url) == shown


def test_predictions_are_bars_with_percentages() -> None:
    seen = cards.predictions("en", [SimpleNamespace(category="Zapatos", score=0.934)])  # type: ignore[list-item]
    assert "93%" in seen
    assert "width:93.4%" in seen
    assert "confidence" in cards.predictions("en", [])


def test_a_problem_names_itself_in_the_visitors_language() -> None:
    assert "demasiado grande" in cards.problem("es", Problem("too_large"))
    assert "12" in cards.problem("en", Problem("busy", 12))
    assert "por sí" not in cards.problem("es", Problem("unavailable"), retrying=True)
    assert "aparecerán solos" in cards.problem("es", Problem("unavailable"), retrying=True)
