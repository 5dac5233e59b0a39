"""The engine in the process."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

import vitrina
from vitrina import _shop

PRODUCTS = [
    {"name": "Zapatilla de correr", "price": Decimal("59.90"), "category": "Zapatos", "brand": "Camina", "stock": 3},
    {"name": "Bota de piel", "price": 120, "category": "Zapatos", "stock": 0},
    {"name": "Camiseta roja", "price": 12.99, "category": "Camisetas", "photo": "roja.png"},
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[vitrina.Shop]:
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (64, 64), "red").save(photos / "roja.png")
    with vitrina.Shop.open(tmp_path / "data") as shop:
        report = shop.import_products(PRODUCTS, photos=photos)
        assert (report.products, report.categories) == (3, 2)
        yield shop


def with_model() -> bool:
    library = os.environ.get("ORT_DYLIB_PATH") or _shop._onnxruntime()
    return _shop._default_model() is not None and library is not None


# On the build machine a test that did not run must not look like one that passed: there these run, and fail.
needs_model = pytest.mark.skipif(
    not with_model() and "CI" not in os.environ, reason="no model or no ONNX Runtime: run `make build`"
)


def test_the_variant_that_was_asked_for(tmp_path: Path) -> None:
    variants = [
        {"key": color, "attributes": {"color": [color]}, "price": price, "url": f"https://shop.example/polo/{color}"}
        for color, price in [("azul", "20.00"), ("rojo", "25.00")]
    ]
    with vitrina.Shop.open(tmp_path / "data") as shop:
        shop.put_product(1, "Polo", 20, variants=variants)
        (red,) = shop.search_text("polo rojo").products
        assert red.matched_variant == red.variants[1]
        assert red.matched_variant is not None and red.matched_variant.url == "https://shop.example/polo/rojo"
        assert shop.search_text("polo").products[0].matched_variant is None


def test_attributes_filter_and_are_counted(tmp_path: Path) -> None:
    with vitrina.Shop.open(tmp_path / "data") as shop:
        for number, colors in enumerate([["azul"], ["rojo"], ["rojo", "verde"]], start=1):
            shop.put_product(number, f"Polo {number}", 20, attributes={"color": colors})
        answer = shop.search_text("polo", attributes={"color": "rojo"}, facets=True)
        assert sorted(product.id for product in answer.products) == [2, 3]
        assert answer.facets is not None
        (color,) = answer.facets.attributes
        # Of its own attribute a filter counts what another value would give.
        assert color.name == "color" and {found.value: found.count for found in color.values} == {"rojo": 2, "azul": 1, "verde": 1}
        assert [product.id for product in shop.search_text("", attributes={"color": ["verde", "azul"]}, sort="name").products] == [1, 3]


def test_words_and_filters(shop: vitrina.Shop) -> None:
    answer = shop.search_text("zapatillas")
    assert "Zapatos" in answer.categories and answer.products[0].name == "Zapatilla de correr"
    assert answer.products[0].price == Decimal("59.90")
    assert [product.name for product in shop.products(category="zapatos", in_stock=True).products] == ["Zapatilla de correr"]
    first = shop.products(limit=2, sort="price_asc")
    second = shop.products(limit=2, sort="price_asc", cursor=first.next_cursor)
    assert [str(product.price) for product in first.products + second.products] == ["12.99", "59.90", "120.00"]
    assert second.next_cursor is None
    assert shop.product(1).brand == "Camina"
    assert [category.name for category in shop.categories()] == ["Zapatos", "Camisetas"]


def test_words_are_counted_marked_and_put_right(shop: vitrina.Shop) -> None:
    answer = shop.search_text("zapatilas", facets=True)
    assert answer.did_you_mean == "zapatilla"
    (shoe,) = answer.products
    assert shoe.highlights is not None
    assert [shoe.name[start:end] for start, end in shoe.highlights.name] == ["Zapatilla"]
    assert answer.facets is not None
    assert [(found.category, found.count) for found in answer.facets.categories] == [("Zapatos", 1)]
    assert [(found.brand, found.count) for found in answer.facets.brands] == [("Camina", 1)]
    assert answer.facets.prices[0].min <= Decimal("59.90") and (answer.facets.in_stock, answer.facets.out_of_stock) == (1, 0)
    assert answer.predictions[0].category == "Zapatos" and 0 < answer.predictions[0].score <= 1
    assert shop.search_text("zapatilla").facets is None
    whole = shop.search_text("zapatilla")
    counted = shop.search_text("zapatilla", limit=0, facets=["brand"])
    assert counted.products == [] and counted.total == whole.total and counted.facets is not None
    assert "Camina" in [found.brand for found in counted.facets.brands] and counted.facets.categories == []
    assert [found.name for found in shop.search_text("zapatilla", page=1).products] == [found.name for found in whole.products]
    assert shop.search_text("zapatilla", page=2).products == []
    assert "Camisetas" in shop.search_text("xyzzy").instead


def test_a_half_typed_query_goes_on(shop: vitrina.Shop) -> None:
    found = shop.suggest("zap", limit=2)
    assert any(query.startswith("zapatilla") for query in found.queries)
    assert [category.name for category in found.categories] == ["Zapatos"]
    assert "Zapatilla de correr" in [product.name for product in found.products]


def test_a_product_shows_the_file_of_its_photo(shop: vitrina.Shop) -> None:
    (shirt,) = shop.products(category="Camisetas").products
    assert shirt.photo_url is not None
    assert Image.open(shirt.photo_url).size == (64, 64)


def test_the_folder_keeps_what_was_imported(shop: vitrina.Shop, tmp_path: Path) -> None:
    shop.close()
    with pytest.raises(vitrina.VitrinaError, match="closed"):
        shop.categories()
    with vitrina.Shop.open(str(tmp_path / "data")) as again:
        assert again.search_text("bota").total >= 1


def test_two_shops_over_one_folder_see_each_other(shop: vitrina.Shop, tmp_path: Path) -> None:
    with vitrina.Shop.open(tmp_path / "data") as other:
        other.import_products([{"name": "Sandalia azul", "price": 35, "category": "Zapatos"}])
        assert shop.search_text("sandalia").products[0].name == "Sandalia azul"


def test_a_product_that_is_gone_is_found_no_more(shop: vitrina.Shop) -> None:
    (boot, *_) = shop.search_text("bota").products
    shop.delete_product(boot.id)
    assert boot.id not in [product.id for product in shop.search_text("bota").products + shop.products().products]
    for missing in (shop.product, shop.delete_product):
        with pytest.raises(vitrina.NotFound, match=f"no product {boot.id}"):
            missing(boot.id)


def test_fields_and_offers_change_and_all_others_stay(shop: vitrina.Shop) -> None:
    before = shop.search_text("zapatilla").products[0]
    after = shop.update_product(before.id, sale_price="49.90", sale_until=datetime(2090, 1, 1), key="Z1", attributes={"talla": [42, "43"], "gore-tex": True})
    assert (after.name, after.price, after.brand, after.stock) == (before.name, before.price, before.brand, before.stock)
    assert [product.id for product in shop.products(max_price=50, category="Zapatos").products] == [before.id]
    assert shop.update_offers([{"key": "Z1", "stock": 0}, {"id": 99, "price": 1}]) == vitrina.OffersUpdated(1, [99])
    assert not shop.product(before.id).in_stock
    assert shop.update_product("Z1", sale_price=None, name="Zapatilla ligera").name == "Zapatilla ligera"
    assert shop.search_text("ligera").products[0].id == before.id
    with pytest.raises(vitrina.NotFound, match="no product `Z9`"):
        shop.update_product("Z9", stock=1)
    with pytest.raises(vitrina.InvalidRequest, match="unknown field `colour`"):
        shop.update_product("Z1", colour="red")


def test_files_are_imported(shop: vitrina.Shop, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("name,price,category\nPantalón vaquero,39.95,Pantalones\n")
    assert shop.import_products(file).products == 1
    assert shop.search_text("pantalon").products[0].price == Decimal("39.95")


def test_files_of_shop_systems_are_imported(shop: vitrina.Shop, tmp_path: Path) -> None:
    file = tmp_path / "tienda.csv"
    rows = "referencia;nombre;precio;categoría\nT1;Tetera de hierro;1.034,90 €;Cocina > Té\nT2;Taza;;Cocina\n"
    file.write_bytes(rows.encode("windows-1252"))
    run = shop.import_source(file)
    assert (run["new"], run["refused"], run.get("error")) == (1, 1, None)
    assert run["examples"]["problems"][0]["position"] == {"line": 3}
    assert shop.search_text("tetera").products[0].price == Decimal("1034.90")
    assert shop.import_source(file, dry_run=True)["unchanged"] == 1
    with pytest.raises(vitrina.InvalidRequest, match="shopify"):
        shop.import_source(file, format="excel")


def test_predictions(shop: vitrina.Shop) -> None:
    shoes = shop.categories()[0]
    answer = shop.search_prediction([(shoes.id, 0.93)])
    assert answer.predictions == [vitrina.Prediction(shoes.id, "Zapatos", 0.93)]
    assert [product.category for product in answer.products[:2]] == ["Zapatos", "Zapatos"]


def test_predictions_are_narrowed_by_words_and_filters(shop: vitrina.Shop) -> None:
    shoes = [(shop.categories()[0].id, 0.93)]
    found = shop.search_prediction(shoes, query="bota")
    assert [product.name for product in found.products] == ["Bota de piel"] and found.categories == ["Zapatos"]
    assert [product.name for product in shop.search_prediction(shoes, brand="camina").products] == ["Zapatilla de correr"]
    assert [product.name for product in shop.search_prediction(shoes, min_price=100).products] == ["Bota de piel"]
    in_stock = shop.search_prediction(shoes, category="zapatos", in_stock=True).products
    assert [product.name for product in in_stock] == ["Zapatilla de correr"]
    with pytest.raises(vitrina.InvalidRequest, match="no category `Barcos`"):
        shop.search_prediction(shoes, category="Barcos")


def test_errors_are_those_of_the_client(shop: vitrina.Shop, tmp_path: Path) -> None:
    with pytest.raises(vitrina.NotFound):
        shop.product(99)
    with pytest.raises(vitrina.InvalidRequest, match="no category `Barcos`"):
        shop.products(category="Barcos")
    with pytest.raises(vitrina.InvalidRequest):
        shop.products(cursor="made up")
    with pytest.raises(vitrina.InvalidRequest):
        shop.import_products([{"price": 5}])
    with pytest.raises(vitrina.InvalidRequest, match="nowhere"):
        shop.import_products(tmp_path / "nowhere.jsonl")
    with pytest.raises(TypeError):
        shop.import_products([{"name": object()}])
    with pytest.raises(vitrina.VitrinaError):
        vitrina.Shop.open(tmp_path / "other", model=tmp_path / "no model")


@needs_model
def test_a_photo_is_recognised_here(shop: vitrina.Shop) -> None:
    heard: list[str] = []
    answer = shop.search_image(Image.effect_noise((320, 240), 80), on_progress=heard.append)
    assert heard == ["queued", "started"] and isinstance(answer, vitrina.ImageAnswer)
    with pytest.raises(vitrina.UnsupportedPhoto):
        shop.search_image(b"no photo at all")
    file = io.BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(file, "JPEG")
    with pytest.raises(vitrina.PhotoUnreadable):
        shop.search_image(file.getvalue()[:1000])


@needs_model
def test_a_photo_is_narrowed_here(shop: vitrina.Shop, tmp_path: Path) -> None:
    blue = tmp_path / "photos" / "azul.png"
    Image.new("RGB", (64, 64), "blue").save(blue)
    shop.import_products(
        [{"name": "Camiseta azul", "price": 30, "category": "Camisetas", "brand": "Camina", "photo": "azul.png"}],
        photos=tmp_path / "photos",
    )
    red, azure = (shop.search_text(words).products[0].id for words in ("camiseta roja", "camiseta azul"))
    assert [product.id for product in shop.search_image(blue, query="roja").products] == [red]
    assert [product.id for product in shop.search_image(blue, query="camiseta", max_price=20).products] == [red]
    assert [product.id for product in shop.similar(red)] == [azure]
    assert [product.id for product in shop.similar(red, brand="camina", min_price="20")] == [azure]
    assert shop.similar(red, max_price=20) == shop.similar(red, category="Zapatos") == []
    assert shop.similar(azure, brand="camina") == []


@needs_model
def test_other_threads_run_while_the_model_computes(shop: vitrina.Shop) -> None:
    beats = 0
    stop = threading.Event()

    def beat() -> None:
        nonlocal beats
        while not stop.wait(0.005):
            beats += 1

    thread = threading.Thread(target=beat)
    thread.start()
    for _ in range(5):
        shop.search_image(Image.effect_noise((1000, 1000), 80))
    stop.set()
    thread.join()
    assert beats > 5
