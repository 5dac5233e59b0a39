"""Filters: what a browser may send, and the form that it is sent by."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from vitrina import AttributeCounts, BrandCount, CategoryCount, Facets, PriceCount, ValueCount

from vitrina_page.categories import Tree
from vitrina_page.chips import chips
from vitrina_page.filter_form import filter_form, tools
from vitrina_page.filters import MAX_CHOSEN, NO_FILTERS, SORTS, Filters, PriceRange, filters, sort, without

CHEAP = PriceRange(Decimal("20.00"), Decimal("49.99"))
DEAR = PriceRange(Decimal("5000.00"), None)
FACETS = Facets(
    categories=[CategoryCount(4, "Zapatos", 1299), CategoryCount(1, "Camisetas", 2)],
    brands=[BrandCount("Nike", 3)],
    prices=[PriceCount(CHEAP.min, CHEAP.max, 8), PriceCount(DEAR.min, None, 1)],
    in_stock=8,
    out_of_stock=1,
    attributes=[
        AttributeCounts("Color", [ValueCount("rojo", 5), ValueCount("azul marino", 2)]),
        AttributeCounts("Talla", [ValueCount("40", 4), ValueCount("41", 3)]),
    ],
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
    attributes = (("Color", ("rojo", "azul & <verde>")), ("a.b", ("=",)))
    chosen = Filters(("Zapatos", "Ñandú & <Co>"), ("Nike",), CHEAP, True, attributes)
    sent = {
        "categories": ["Zapatos", "Ñandú & <Co>"],
        "brands": ["Nike"],
        "price": str(CHEAP),
        "in_stock": True,
        "attributes": [["Color", "rojo"], ["a.b", "="], ["Color", "azul & <verde>"]],
    }
    assert filters(sent) == chosen
    assert filters({"price": str(DEAR)}) == Filters(price=DEAR)
    assert len(chosen) == 8


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"categories": "Zapatos", "brands": {"a": 1}, "price": 3, "in_stock": "yes"},
        {"categories": [1, None, "", "x" * 300], "brands": [["Nike"]]},
        {"attributes": {"Color": ["rojo"]}},
        {"attributes": ["Color", ["Color"], ["Color", ""], ["Color", 3], ["", "rojo"], ["a", "b", "c"]]},
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
    colors = filters({"attributes": [["Color", str(number % 50)] for number in range(1000)]})
    assert len(colors) == MAX_CHOSEN


def test_one_value_of_an_attribute_is_taken_back() -> None:
    chosen = Filters(attributes=(("Color", ("rojo", "azul")), ("Talla", ("40",))))
    left = without(chosen, "a.Color", "rojo")
    assert left.attributes == (("Color", ("azul",)), ("Talla", ("40",)))
    assert without(left, "a.Color", "azul").attributes == (("Talla", ("40",)),)
    assert without(left, "a.Color", "40") == left


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
    assert form.rows("a.Color") == [("rojo", "5", False), ("azul marino", "2", False)]
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


def test_chosen_attributes_are_known_whatever_their_case() -> None:
    chosen = Filters(attributes=(("color", ("ROJO", "malva")), ("Material", ("lana",))))
    form = Form(filter_form("es", FACETS, Tree(), chosen))
    assert form.rows("a.Color") == [("rojo", "5", True), ("azul marino", "2", False), ("malva", "0", True)]
    assert form.rows("a.Talla") == [("40", "4", False), ("41", "3", False)]
    assert form.rows("a.Material") == [("lana", "0", True)]
    assert "3 elegidos" in form.text


def test_of_many_attributes_the_first_are_offered_and_those_that_are_chosen() -> None:
    many = [AttributeCounts(f"Nombre {n}", [ValueCount("sí", 1)]) for n in range(30)]
    chosen = Filters(attributes=(("Nombre 29", ("sí",)),))
    form = Form(filter_form("es", Facets([], [], [], 1, 0, many), Tree(), chosen))
    offered = [one["name"] for one in form.inputs if one["name"] != "stock"]
    assert offered == [f"a.Nombre {n}" for n in (*range(6), 29)]


def test_a_chip_takes_one_value_of_an_attribute_back() -> None:
    html = chips("es", (), Filters(attributes=(("Color", ("rojo",)), ("Talla", ("40",)))), Tree())
    assert 'data-facet="a.Talla" data-value="40" aria-label="Quitar Talla: 40"' in html
    assert html.count("data-facet") == 2
    assert "data-clear" in html


def test_nothing_to_choose_from_is_no_form() -> None:
    assert filter_form("es", NOTHING, Tree(), NO_FILTERS) == ""


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus='"]
)
def test_names_stay_text_in_the_form(name: str) -> None:
    attributes = [AttributeCounts(name, [ValueCount(name, 1)])]
    facets = Facets([CategoryCount(1, name, 1)], [BrandCount(name, 1)], [], 1, 0, attributes)
    form = Form(filter_form("es", facets, Tree(), Filters((name,))))
    assert form.tags <= {*("h2", "div", "fieldset", "legend", "ul", "li", "label", "input", "span", "button")}
    assert [one["value"] for one in form.inputs] == [name, name, "yes", name]
    assert [one["name"] for one in form.inputs] == ["category", "brand", "stock", f"a.{name}"]
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
