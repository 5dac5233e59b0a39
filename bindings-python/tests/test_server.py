"""The client against the real server: the one that VITRINA_TEST_URL names, or the checkout's own."""

from __future__ import annotations

import asyncio
import io
import os
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from PIL import Image
from serving import serving

import vitrina


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    named = os.environ.get("VITRINA_TEST_URL")
    if named:
        yield named
        return
    with serving(tmp_path_factory.mktemp("data"), "--demo") as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[vitrina.Client]:
    with vitrina.Client(url) as client:
        yield client


@pytest.fixture(scope="module")
def with_model(client: vitrina.Client) -> vitrina.Client:
    reported = client.ready().dependencies.get("model", "ok")
    if reported != "ok":
        pytest.fail(reported) if os.environ.get("CI") else pytest.skip(reported)
    return client


def test_it_serves(client: vitrina.Client) -> None:
    assert client.health()
    assert set(client.ready().dependencies) == {"catalogue", "queue", "index", "model", "photos"}


def test_the_catalogue_is_listed_page_by_page(client: vitrina.Client) -> None:
    assert "Zapatos" in [category.name for category in client.categories()]
    first = client.products(limit=5, sort="price_asc")
    second = client.products(limit=5, sort="price_asc", cursor=first.next_cursor)
    prices = [product.price for product in first.products + second.products]
    assert prices == sorted(prices) and len(prices) == 10
    assert client.product(first.products[0].id) == first.products[0]


def current_price(product: vitrina.Product) -> Decimal:
    """The price that customers pay now."""
    now = time.time()
    applies = (product.sale_from or 0) <= now and (product.sale_until is None or now < product.sale_until)
    return product.sale_price if product.sale_price is not None and applies else product.price


def test_words_find_products_under_a_filter(client: vitrina.Client) -> None:
    answer = client.search_text("zapatillas")
    assert "Zapatos" in answer.categories and answer.total >= len(answer.products) > 0
    shoes = client.search_text("", category="Zapatos", limit=100)
    assert {product.category for product in shoes.products} == {"Zapatos"}
    by_number = next(category.id for category in client.categories() if category.name == "Zapatos")
    assert client.products(category=by_number, limit=100).products
    assert client.search_text("", category=by_number, limit=100).total == shoes.total
    cheap = client.products(max_price="20.00", in_stock=True)
    assert all(current_price(product) <= 20 and product.in_stock for product in cheap.products)


def test_words_are_counted_and_go_on(client: vitrina.Client) -> None:
    answer = client.search_text("zapatillas", facets=True)
    assert answer.facets is not None
    category = next(found for found in answer.facets.categories if found.category == "Zapatos")
    assert client.search_text("zapatillas", category=category.label).total >= category.count > 0
    assert all(isinstance(found.min, Decimal) for found in answer.facets.prices)
    name, places = answer.products[0].name, answer.products[0].highlights
    assert places is not None and name[slice(*places.name[0])].lower().startswith("zapatilla")
    found = client.suggest("zapat", limit=3)
    assert 0 < len(found.queries) <= 3 and found.categories[0].name == "Zapatos" and found.products


def test_attributes_filter_and_are_counted(client: vitrina.Client) -> None:
    facets = client.search_text("zapatillas", facets=["Talla"]).facets
    assert facets is not None
    (size,) = facets.attributes
    value = size.values[0]
    narrowed = client.search_text("zapatillas", attributes={size.name: value.value}, limit=100)
    assert narrowed.total == value.count > 0
    sizes = [product.attributes.get(size.name) or [v.attributes.get(size.name) for v in product.variants] for product in narrowed.products]
    assert all(value.value in str(each) for each in sizes)


def test_a_prediction_brings_its_category(client: vitrina.Client) -> None:
    shoes = next(category for category in client.categories() if category.name == "Zapatos")
    answer = client.search_prediction([(shoes.id, 0.93)])
    (seen,) = answer.predictions
    assert answer.categories == ["Zapatos"] and (seen.label, seen.category) == (shoes.id, "Zapatos")
    assert seen.score == pytest.approx(0.93, abs=1e-6)
    cheap = client.search_prediction([(shoes.id, 0.93)], max_price=50, in_stock=True)
    assert cheap.products and answer.products[0].category == "Zapatos"
    assert all(current_price(product) <= 50 and product.in_stock for product in cheap.products)


def test_a_photo_goes_all_the_way(with_model: vitrina.Client) -> None:
    heard: list[str] = []
    answer = with_model.search_image(Image.effect_noise((320, 240), 80), on_progress=heard.append)
    assert heard[0] == "queued" and isinstance(answer, vitrina.ImageAnswer)
    task = with_model.submit_image(Image.new("RGB", (64, 64), "white"))
    assert with_model.result(task, wait=20) is not None


def test_one_photo_is_looked_at_in_many_ways(with_model: vitrina.Client) -> None:
    photo = Image.effect_noise((320, 240), 80)
    shirts = with_model.search_image(photo, query="camiseta")
    by_words = {product.id for product in with_model.search_text("camiseta", limit=100).products}
    assert shirts.products and by_words.issuperset(product.id for product in shirts.products)
    task = with_model.submit_image(photo)
    again = with_model.result(task, wait=20, query="camiseta")
    assert again is not None and again.products == shirts.products
    price = current_price(shirts.products[0])
    cheaper = with_model.result(task, query="camiseta", max_price=price, in_stock=True)
    assert cheaper is not None and all(current_price(product) <= price and product.in_stock for product in cheaper.products)
    with pytest.raises(vitrina.InvalidRequest, match="no category `Barcos`"):
        with_model.search_image(photo, category="Barcos")


def test_the_async_client_goes_the_same_way(url: str, with_model: vitrina.Client) -> None:
    async def main() -> list[vitrina.ImageAnswer]:
        photo = Image.effect_noise((64, 64), 80)
        async with vitrina.AsyncClient(url) as client:
            return await asyncio.gather(*(client.search_image(photo) for _ in range(5)))

    first, *others = asyncio.run(main())
    assert all(other.categories == first.categories for other in others)


def test_what_cannot_be_a_photo_is_refused_by_name(with_model: vitrina.Client) -> None:
    with pytest.raises(vitrina.UnsupportedPhoto):
        with_model.search_image(b"no photo at all")
    file = io.BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(file, "JPEG")
    with pytest.raises(vitrina.PhotoUnreadable):
        with_model.search_image(file.getvalue()[:1000])
    with pytest.raises(vitrina.PhotoTooLarge):
        with_model.search_image(b"\xff\xd8\xff" + bytes(20 << 20))


def test_what_is_not_there_and_what_is_wrong(client: vitrina.Client) -> None:
    with pytest.raises(vitrina.NotFound):
        client.product(999_999_999)
    with pytest.raises(vitrina.NotFound):
        client.result("0190d3a4-5b5e-7c3a-8d53-0123456789ab")
    with pytest.raises(vitrina.InvalidRequest):
        client.products(cursor="made up")
    with pytest.raises(vitrina.InvalidRequest):
        client.products(limit=100_000)
