"""Searches as query strings, and the metadata of the page for them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import vitrina
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import HTMLResponse
from vitrina import Category

from vitrina_page.app import create_app
from vitrina_page.cards import PhotoLinks
from vitrina_page.categories import Categories
from vitrina_page.filters import Filters, PriceRange
from vitrina_page.page_head import PageHead
from vitrina_page.photo_search import Classified, Submitted, photo_key
from vitrina_page.search import Listing
from vitrina_page.urls import MAX_PAGES, from_query, product_in, to_query

LISTINGS = [
    Listing(),
    Listing("zapatillas rojas & más"),
    Listing("", Filters(("Zapatos", "Ñandú <b>"), ("Nike",), PriceRange(Decimal("20.00"), None), True)),
    Listing("tele barata", sort="price_asc", ignore=("cheap:barata",)),
    Listing("", Filters(attributes=(("Color", ("rojo", "azul & verde")), ("Memoria RAM", ("8 GB",))))),
    Listing("rojas", photo=Submitted("0192f0c1-7d5e")),
]


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("pages", [1, 3])
def test_a_listing_comes_back_from_its_query_string(listing: Listing, pages: int) -> None:
    assert from_query(to_query(listing, pages)) == (listing, pages)


def test_all_products_have_no_query_string() -> None:
    assert to_query(Listing()) == ""
    assert to_query(Listing("a b")) == "?q=a+b"
    assert to_query(Listing("", Filters(price=PriceRange(Decimal(5), None)))) == "?price=5:"
    assert to_query(Listing("", Filters(attributes=(("Color", ("rojo",)),)))) == "?a.Color=rojo"


def test_a_photo_that_stayed_in_the_browser_is_found_by_its_key_alone_there() -> None:
    sent = {"labels": [{"label": "n04120489", "score": 0.9}], "embedding": "AACAPw=="}
    photo = Classified((("n04120489", 0.9),), b"\0\0\x80?")
    query = to_query(Listing(photo=photo))
    assert query == f"?photo={photo_key(photo)}"
    assert from_query(query, sent)[0].photo == photo
    for kept in (None, {}, "x", {"labels": 3}):
        assert from_query(query, kept)[0].photo is None


@pytest.mark.parametrize(
    "search",
    [
        None,
        3,
        ["?q=a"],
        "?photo=../../tasks&pages=-1&price=x&sort=stars&stock=yes",
        "?" + "a=b&" * 5000,
        "?" + "&".join("q=" for _ in range(300)),
        "?pages=99999999999&category=" + "x" * 300,
        "?a.=rojo&a.Color=&a.Color=" + "x" * 300,
        "?utm_source=mail&fbclid=1",
    ],
)
def test_an_invalid_query_string_asks_for_all_products(search: object) -> None:
    listing, pages = from_query(search)
    assert listing == Listing()
    assert pages in (1, MAX_PAGES)


@pytest.mark.parametrize(
    ("search", "number"),
    [("?product=12", 12), ("?q=a&product=7", 7), ("?product=0", None), ("?product=1e3", None), ("", None)],
)
def test_a_product_is_named_by_its_id(search: str, number: int | None) -> None:
    assert product_in(search) == number
    assert product_in(f"?product={2**63}") is None


class PlayedShop:
    def __init__(self) -> None:
        self.error: Exception | None = None

    def _product(self, number: int) -> Any:
        return SimpleNamespace(
            id=number,
            name='Zapatillas "azules"',
            description="Ligeras. " * 40,
            price=Decimal("99.99"),
            sale_price=None,
            sale_from=None,
            sale_until=None,
            photo_url="http://backend/photos/a.jpg",
            category=None,
            categories=[],
            translations={},
        )

    async def categories(self) -> list[Category]:
        if self.error:
            raise self.error
        return [Category(1, "Ropa"), Category(4, "Zapatos", 1, {"en": "Shoes"})]

    async def product(self, id: int) -> Any:
        if self.error:
            raise self.error
        return self._product(id)

    async def search_text(self, query: str, limit: int = 24, **listing: Any) -> Any:
        if self.error:
            raise self.error
        return SimpleNamespace(products=[self._product(1)], total=14, total_is_exact=True)


@pytest.fixture
def shop() -> PlayedShop:
    return PlayedShop()


@pytest.fixture
def page(shop: PlayedShop) -> Iterator[TestClient]:
    app = FastAPI()
    gradio = '<!doctype html><html lang="en"><head><meta property="og:title" content="Gradio" /><meta\n'
    gradio += '\tname="twitter:title" content="Gradio" /><meta charset="utf-8" /></head><body>é</body></html>'

    @app.get("/")
    async def _page() -> HTMLResponse:
        return HTMLResponse(gradio)

    @app.get("/other")
    async def _other() -> HTMLResponse:
        return HTMLResponse(gradio)

    app.add_middleware(PageHead, shop=shop, categories=Categories(shop), links=PhotoLinks("http://backend"))
    with TestClient(app, base_url="https://tienda.example", headers={"accept-language": "es"}) as client:
        yield client


def test_a_shared_product_has_a_title_description_and_picture(page: TestClient) -> None:
    html = page.get("/?q=azules&product=7").text
    assert '<html lang="es"><head><title>Zapatillas &quot;azules&quot; – Vitrina</title>' in html
    assert '<meta property="og:image" content="https://tienda.example/photos/a.jpg">' in html
    assert '<link rel="canonical" href="https://tienda.example/?product=7">' in html
    assert 'content="99,99\u00a0€ · Ligeras.' in html
    assert '<meta property="og:type" content="product">' in html
    assert "Gradio" not in html
    assert '<meta charset="utf-8" /></head><body>é</body>' in html


def test_a_shared_search_names_what_it_finds(page: TestClient) -> None:
    html = page.get("/?q=azules&lang=en&utm_source=mail").text
    assert '<html lang="en"><head><title>azules – Vitrina</title>' in html
    assert 'content="14 products: Zapatillas &quot;azules&quot;…"' in html
    assert '<link rel="canonical" href="https://tienda.example/?q=azules">' in html
    assert "og:image" in html


def test_a_shared_category_has_the_name_of_the_language(page: TestClient) -> None:
    assert "<title>Zapatos – Vitrina</title>" in page.get("/?category=Ropa+>+Zapatos").text
    assert "<title>Shoes – Vitrina</title>" in page.get("/?category=Zapatos&lang=en").text


@pytest.mark.parametrize("error", [vitrina.Unavailable("down"), vitrina.NotFound("gone")])
@pytest.mark.parametrize("search", ["/?product=7", "/?q=azules", "/"])
def test_without_the_shop_the_page_has_a_plain_title(
    page: TestClient, shop: PlayedShop, error: Exception, search: str
) -> None:
    shop.error = error
    html = page.get(search).text
    assert "Vitrina" in html
    assert "og:description" in html
    assert "og:image" not in html


def test_parameters_of_gradio_are_not_passed_on() -> None:
    with TestClient(create_app("http://127.0.0.1:9")) as client:
        for search in ("?page=2", "?deep_link=x", "?view=api"):
            assert client.get(f"/{search}").status_code == 200


def test_only_the_page_itself_is_rewritten(page: TestClient) -> None:
    assert "Gradio" in page.get("/other").text


def test_a_query_stays_text_in_the_head(page: TestClient) -> None:
    html = page.get("/", params={"q": '"><script>alert(1)</script>', "category": "<img src=x>"}).text
    assert "<script" not in html
    assert "<img" not in html
