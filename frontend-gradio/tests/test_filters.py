"""Filters: what a browser may send, and the form that it is sent by."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from vitrina import BrandCount, CategoryCount, Facets, PriceCount

from vitrina_page.categories import Tree
from vitrina_page.filter_form import filter_form, tools
from vitrina_page.filters import MAX_CHOSEN, NO_FILTERS, SORTS, Filters, PriceRange, filters, sort

CHEAP = PriceRange(Decimal("20.00"), Decimal("49.99"))
DEAR = PriceRange(Decimal("5000.00"), None)
FACETS = Facets(
    categories=[CategoryCount(4, "Zapatos", 1299), CategoryCount(1, "Camisetas", 2)],
    brands=[BrandCount("Nike", 3)],
    prices=[PriceCount(CHEAP.min, CHEAP.max, 8), PriceCount(DEAR.min, None, 1)],
    in_stock=8,
    out_of_stock=1,
)
NOTHING = Facets([], [], [], 0, 0)


class Form(HTMLParser):
    """The inputs of a form as (name, value, checked, label, count)."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.inputs: list[dict[str, Any]] = []
        self.text = ""
        self._into = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "input":
            self.inputs.append({**dict(attrs), "vt-label": "", "vt-n": ""})
        self._into = dict(attrs).get("class") or ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.inputs and self._into in ("vt-label", "vt-n"):
            self.inputs[-1][self._into] += data

    def rows(self, name: str) -> list[tuple[str, str, bool]]:
        of_name = [one for one in self.inputs if one["name"] == name]
        return [(one["vt-label"], one["vt-n"], "checked" in one) for one in of_name]


def test_what_the_form_sends_is_read_back() -> None:
    chosen = Filters(("Zapatos", "Ñandú & <Co>"), ("Nike",), CHEAP, True)
    sent = {
        "categories": ["Zapatos", "Ñandú & <Co>"],
        "brands": ["Nike"],
        "price": str(CHEAP),
        "in_stock": True,
    }
    assert filters(sent) == chosen
    assert filters({"price": str(DEAR)}) == Filters(price=DEAR)
    assert len(chosen) == 5


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"categories": "Zapatos", "brands": {"a": 1}, "price": 3, "in_stock": "yes"},
        {"categories": [1, None, "", "x" * 300], "brands": [["Nike"]]},
        *({"price": price} for price in ("", ":", "a:b", "NaN:", "20:Infinity", "-1:2", "1" * 500)),
    ],
)
def test_what_makes_no_sense_is_no_filter(sent: dict[str, Any]) -> None:
    assert filters(sent) == NO_FILTERS
    assert not filters(sent)


def test_a_choice_is_bounded_and_has_no_repeats() -> None:
    many = filters({"categories": [str(number) for number in range(1000)], "brands": ["Nike", "Nike"]})
    assert len(many.categories) == MAX_CHOSEN
    assert many.brands == ("Nike",)


def test_an_unknown_order_is_relevance() -> None:
    assert [sort(one) for one in SORTS] == list(SORTS)
    assert [sort(one) for one in ("stars", None, ["name"])] == ["relevance"] * 3


def test_what_is_not_chosen_is_not_asked_for() -> None:
    assert set(NO_FILTERS.arguments().values()) == {None}


def test_the_form_shows_counts_and_what_is_chosen() -> None:
    form = Form(filter_form("es", FACETS, Tree(), Filters(("Camisetas",), (), CHEAP)))
    assert form.rows("category") == [("Zapatos", "1.299", False), ("Camisetas", "2", True)]
    assert form.rows("brand") == [("Nike", "3", False)]
    assert form.rows("price") == [
        ("Cualquier precio", "9", False),
        ("20\u00a0€ – 49,99\u00a0€", "8", True),
        ("Desde 5.000\u00a0€", "1", False),
    ]
    assert form.rows("stock") == [("Solo disponibles", "8", False)]
    assert "2 elegidos" in form.text
    assert "Quitar los filtros" in form.text


def test_the_form_speaks_english() -> None:
    form = Form(filter_form("en", FACETS, Tree(), NO_FILTERS))
    assert form.rows("price")[1] == ("€20 – €49.99", "8", False)
    for label in ("Filters", "Category", "Brand", "Price", "Only in stock"):
        assert label in form.text
    assert "Clear filters" not in form.text


def test_what_is_chosen_can_be_taken_back_though_no_product_has_it() -> None:
    chosen = Filters(("Muebles",), ("Pinarello",), CHEAP, True)
    form = Form(filter_form("es", NOTHING, Tree(), chosen))
    assert form.rows("category") == [("Muebles", "0", True)]
    assert form.rows("brand") == [("Pinarello", "0", True)]
    assert form.rows("price")[1][1:] == ("0", True)
    assert form.rows("stock") == [("Solo disponibles", "0", True)]


def test_nothing_to_choose_from_is_no_form() -> None:
    assert filter_form("es", NOTHING, Tree(), NO_FILTERS) == ""


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus='"]
)
def test_names_stay_text_in_the_form(name: str) -> None:
    facets = Facets([CategoryCount(1, name, 1)], [BrandCount(name, 1)], [], 1, 0)
    form = Form(filter_form("es", facets, Tree(), Filters((name,))))
    assert form.tags <= {*("h2", "div", "fieldset", "legend", "ul", "li", "label", "input", "span", "button")}
    assert [one["value"] for one in form.inputs] == [name, name, "yes"]
    assert all("autofocus" not in one for one in form.inputs)


def test_the_order_shows_what_is_chosen() -> None:
    html = tools("es", "price_asc")
    assert html.count("<option") == len(SORTS)
    assert '<option value="price_asc" selected>Precio: de menor a mayor' in html
    assert html.count("selected") == 1
    assert "<select" not in tools("es", "price_asc", sorting=False)


def test_the_form_says_how_many_products_it_shows() -> None:
    assert "Ver 14 productos" in Form(filter_form("es", FACETS, Tree(), NO_FILTERS, 14)).text
    assert "Show 1 product" in Form(filter_form("en", FACETS, Tree(), NO_FILTERS, 1)).text
