"""The HTML of results: what a shop or a visitor writes stays text."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import vitrina
from vitrina import Facets

from vitrina_page import cards, view
from vitrina_page.cards import PhotoLinks
from vitrina_page.categories import Tree
from vitrina_page.filters import Filters, PriceRange, without
from vitrina_page.offers import stock
from vitrina_page.search import Found, Listing, Problem
from vitrina_page.texts import Lang

NO_TREE = Tree()
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
    *("section", "ul", "ol", "strong", "mark", "button", "a", "dl", "dt", "dd", "ins", "del"),
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


NO_OFFER = {"sale_price": None, "sale_from": None, "sale_until": None, "availability": None}


def variant(**changes: Any) -> Any:
    return SimpleNamespace(**{"attributes": {}, "price": None, "stock": None, **NO_OFFER, **changes})


def product(**changes: Any) -> Any:
    fields = {
        "id": 7,
        "name": "Zapatillas",
        "price": Decimal("12.99"),
        "category": "Zapatos",
        "in_stock": True,
        "photo_url": None,
        "similarity": None,
        "resemblance": None,
        "highlights": None,
        "description": "",
        "brand": None,
        "stock": None,
        "url": None,
        "categories": [],
        "attributes": {},
        "photo_urls": [],
        "tags": [],
        "variants": [],
        **NO_OFFER,
    }
    return SimpleNamespace(**{**fields, **changes})


def gallery(lang: Lang, found: Found, listed: tuple[str, ...], tree: Tree = NO_TREE) -> str:
    return view.gallery(lang, found, tree, listed)


def assert_harmless(html: str, shown: str) -> None:
    seen = Tags(html)
    assert {tag for tag, _ in seen.elements} <= ALLOWED
    assert not [name for _, attrs in seen.elements for name in attrs if name.startswith("on")]
    assert shown in seen.text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_product_says_of_itself_stays_text(text: str) -> None:
    others = {"attributes": {text: [text]}, "tags": [text], "variants": [variant(attributes={"": [text]})]}
    hostile = product(
        name=text, category=text, description=text, brand=text, url=f"https://a/{text}", **others
    )
    html = cards.details("es", hostile, [hostile], LINKS)
    assert_harmless(html, text)
    # Eight of the product, name and category of the similar one.
    assert Tags(html).text.count(text) == 10


def test_a_link_to_the_shop_is_one_of_the_web() -> None:
    assert "Ver en la tienda" in cards.details("es", product(url="https://tienda.example/a"), [], LINKS)
    for url in ("javascript:alert(1)", "data:text/html,x", "tienda.example/a"):
        assert "vt-shop" not in cards.details("es", product(url=url), [], LINKS)


def test_a_reduced_price_stands_beside_the_regular_one_while_it_applies() -> None:
    reduced = product(sale_price=Decimal("9.74"))
    assert "<del>" in cards.card("es", reduced, LINKS) and "−25 %" in cards.card("en", reduced, LINKS)
    assert "9,74" in Tags(cards.details("es", reduced, [], LINKS)).text
    for dates in ({"sale_from": 2**40}, {"sale_until": 1}):
        html = cards.card("es", product(sale_price=Decimal("9.74"), **dates), LINKS)
        assert "9,74" not in html and "12,99" in html


def test_variants_are_listed_with_what_they_cost() -> None:
    sizes = [
        variant(attributes={"Talla": ["S"]}, stock=0),
        variant(attributes={"Talla": ["M"]}, price=Decimal("15")),
    ]
    html = cards.details("es", product(variants=sizes), [], LINKS)
    assert "Desde 12,99" in Tags(html).text
    assert [word in Tags(html).text for word in ("SAgotado12,99", "M15,00")] == [True, True]
    assert "En reserva" in cards.card("es", product(availability="preorder"), LINKS)


def test_several_photos_are_there_to_choose_from() -> None:
    photos = [f"http://backend:8000/photos/{name}.jpg" for name in "ab"]
    html = cards.details(
        "en", product(photo_url=photos[0], photo_urls=[*photos, "https://evil.example/c.jpg"]), [], LINKS
    )
    sources = [attrs["data-source"] for tag, attrs in Tags(html).elements if tag == "button"]
    assert sources == ["photos/a.jpg", "photos/b.jpg"]


def test_how_many_pieces_are_left_is_told_where_few_are() -> None:
    assert stock("es", product(stock=3)) == "Quedan 3"
    assert stock("en", product(stock=1)) == "1 left"
    assert stock("es", product()) == stock("es", product(stock=400)) == "Disponible"
    assert stock("es", product(stock=0, in_stock=False)) == "Agotado"


def test_a_product_like_no_other_stands_alone() -> None:
    assert "vt-similar" not in cards.details("es", product(), [], LINKS)


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_categories_stay_text(text: str) -> None:
    html = cards.card(
        "es", product(name=text, category=text, photo_url="http://backend:8000/photos/a.jpg"), LINKS
    )
    assert_harmless(html, text)
    assert_harmless(cards.card("es", product(name=text, category=text), LINKS), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_and_predictions_stay_text(text: str) -> None:
    found = Found("words", Listing(text), (product(),), 1, categories=(text,), did_you_mean=text)
    assert_harmless(gallery("es", found, ("",)), text)
    assert_harmless(gallery("en", Found("words", Listing(text), (), 0), ()), text)
    proposals = Found("words", Listing("x"), (), 0, did_you_mean=text, instead=(text,))
    assert_harmless(gallery("en", proposals, ()), text)
    part = vitrina.UnderstoodPart("cheap", text, text)
    assert_harmless(gallery("es", Found("words", Listing(text), (), 0, understood=(part,)), ()), text)
    seen = cards.predictions("es", [SimpleNamespace(category=text, score=0.5)])  # type: ignore[list-item]
    assert_harmless(seen, text)
    assert_harmless(cards.waiting(text), text)
    assert_harmless(cards.done(text), text)


def test_a_card_shows_name_price_category_and_photo() -> None:
    html = cards.card(
        "es", product(photo_url="http://backend:8000/photos/ab-1.jpg", resemblance="similar"), LINKS
    )
    seen = Tags(html)
    image = next(attrs for tag, attrs in seen.elements if tag == "img")
    assert image["src"] == "photos/ab-1.jpg"
    assert image["alt"] == "Zapatos: Zapatillas"
    assert "12,99\u00a0€" in seen.text
    assert "Parecido" in seen.text
    assert "Agotado" not in seen.text
    assert "€12.99" in cards.card("en", product(), LINKS)


def named(name: str, *places: tuple[int, int]) -> str:
    html = cards.card("es", product(name=name, highlights=SimpleNamespace(name=list(places))), LINKS)
    return html.partition('aria-haspopup="dialog">')[2].partition("</a>")[0]


def test_the_words_searched_for_are_marked_in_the_name() -> None:
    assert named("Cámara réflex") == "Cámara réflex"
    assert named("Cámara réflex", (0, 6)) == "<mark>Cámara</mark> réflex"
    assert named("La cámara réflex", (3, 9), (10, 16)) == "La <mark>cámara</mark> <mark>réflex</mark>"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_stays_text_where_it_is_marked(text: str) -> None:
    for places in ([(0, len(text))], [(1, 3), (4, len(text))], [(0, 999)]):
        html = cards.card("es", product(name=text, highlights=SimpleNamespace(name=places)), LINKS)
        assert_harmless(html, text)


def test_a_misspelt_query_gets_a_button_with_the_right_one() -> None:
    found = Found("words", Listing("zapatilas"), (product(),), 1, did_you_mean="zapatillas")
    assert "¿Quisiste decir zapatillas?" in Tags(gallery("es", found, ("",))).text
    assert "Did you mean zapatillas?" in Tags(gallery("en", found, ("",))).text
    buttons = [attrs for tag, attrs in Tags(gallery("es", found, ("",))).elements if tag == "button"]
    assert [attrs["data-query"] for attrs in buttons] == ["zapatillas"]


def test_what_was_understood_is_taken_back_by_a_button() -> None:
    part = vitrina.UnderstoodPart("max_price", "menos de 30 €", "max_price:menos de 30", None, Decimal(30))
    found = Found("words", Listing("tele menos de 30 €"), (product(),), 1, understood=(part,))
    for lang, words in (("es", "hasta 30,00"), ("en", "up to €30.00")):
        page = Tags(gallery(lang, found, ("",)))  # type: ignore[arg-type]
        assert words in page.text
        buttons = [attrs for tag, attrs in page.elements if tag == "button"]
        assert [attrs["data-ignore"] for attrs in buttons] == ["max_price:menos de 30"]


def test_chosen_filters_are_chips_that_remove_them() -> None:
    chosen = Filters(("Zapatos",), ("Nike & <Co>",), PriceRange(Decimal(20), Decimal("49.99")), True)
    seen = Tags(gallery("es", Found("words", Listing("rojas", chosen), (product(),), 1), ("",)))
    buttons = [attrs for tag, attrs in seen.elements if tag == "button"]
    removed = [(attrs["data-facet"], attrs["data-value"]) for attrs in buttons if "data-facet" in attrs]
    assert removed == [("category", "Zapatos"), ("brand", "Nike & <Co>"), ("price", ""), ("stock", "")]
    left = chosen
    for facet, value in removed:
        assert facet and value is not None
        left = without(left, facet, value)
    assert left == Filters()
    assert [attrs["data-clear"] for attrs in buttons if "data-clear" in attrs] == ["yes"]
    assert "20\u00a0€ – 49,99\u00a0€" in seen.text


def test_photos_come_first_among_equally_good_matches() -> None:
    photo = "http://backend:8000/photos/a.jpg"
    both_words = SimpleNamespace(name=[(0, 3), (4, 6)])
    one_word = SimpleNamespace(name=[(0, 3)])
    found = [
        product(id=1, highlights=both_words),
        product(id=2, highlights=both_words, photo_url=photo),
        product(id=3, highlights=one_word),
        product(id=4, highlights=one_word, photo_url=photo),
    ]
    assert [one.id for one in cards.photos_first(found, LINKS)] == [2, 1, 4, 3]
    # A ball with a photo does not come before shoes without.
    ball = product(id=5, category="Deportes", highlights=one_word, photo_url=photo)
    assert [one.id for one in cards.photos_first([*found, ball], LINKS)] == [2, 1, 4, 3, 5]
    # Without a query, all that has a photo comes first.
    anything = [product(id=1), product(id=2, category="Deportes", photo_url=photo)]
    assert [one.id for one in cards.photos_first(anything, LINKS)] == [2, 1]


def test_products_without_all_words_are_related_and_not_counted() -> None:
    counted = Facets([], [], [], in_stock=2, out_of_stock=1)
    found = Found("words", Listing("zapatillas"), (product(),), 5, facets=counted)
    assert found.matching == 3
    html = gallery("es", found, ("<li>1</li>", "<li>2</li>", "<li>3</li>", "<li>4</li>", "<li>5</li>"))
    before, _, after = html.partition("También puede interesarte")
    assert ("<li>3</li>" in before, "<li>4</li>" in before, "<li>4</li>" in after) == (True, False, True)
    in_stock = replace(found, listing=Listing("zapatillas", Filters(in_stock=True)))
    assert in_stock.matching == 2
    nothing = replace(found, facets=Facets([], [], [], 0, 0))
    assert "Nada coincide con «zapatillas»" in gallery("es", nothing, ("<li>1</li>",))


def test_what_has_no_words_of_its_own_is_shown_as_it_was_typed() -> None:
    part = vitrina.UnderstoodPart("without", "que no sean de <piel>", "without:piel")
    html = gallery("es", Found("words", Listing("botas"), (product(),), 1, understood=(part,)), ("",))
    assert "que no sean de &lt;piel&gt;" in html
    assert 'data-ignore="without:piel"' in html


def test_an_empty_answer_proposes_categories() -> None:
    found = Found("words", Listing("xqzwvk"), (), 0, instead=("Zapatos", "Muebles"))
    seen = Tags(gallery("es", found, ()))
    assert "No hay resultados para «xqzwvk»" in seen.text
    assert [attrs["data-category"] for tag, attrs in seen.elements if tag == "button"] == [
        "Zapatos",
        "Muebles",
    ]


def test_an_answer_that_filters_left_empty_proposes_to_take_them_back() -> None:
    found = Found("words", Listing("zapatos", Filters(brands=("Nike",))), (), 0, instead=("Muebles",))
    seen = Tags(gallery("en", found, ()))
    assert "No product matches these filters" in seen.text
    assert [attrs.get("data-clear") for tag, attrs in seen.elements if tag == "button"] == [None, "yes"]


def test_the_heading_names_the_chosen_categories() -> None:
    listing = Listing("", Filters(categories=("Zapatos", "Muebles")))
    assert (
        "Todos los productos en Zapatos, Muebles"
        in Tags(gallery("es", Found("all", listing, ()), ("",))).text
    )


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
    assert "nothing that we sell" in cards.predictions("en", [])


def test_where_nothing_is_recognised_the_nearest_are_shown_as_such() -> None:
    found = Found("photo", Listing(), (product(),), predictions=())
    html = gallery("es", found, ("",))
    assert "Lo que más se le parece" in html
    assert "Prueba con otra foto" in html


def test_a_problem_names_itself_in_the_visitors_language() -> None:
    assert "demasiado grande" in cards.problem("es", Problem("too_large"))
    assert "12" in cards.problem("en", Problem("busy", 12))
    assert "por sí" not in cards.problem("es", Problem("unavailable"), retrying=True)
    assert "aparecerán solos" in cards.problem("es", Problem("unavailable"), retrying=True)
