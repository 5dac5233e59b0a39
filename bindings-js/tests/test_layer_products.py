"""What the layer shows of a shop's products: attributes, a tree of categories, variants, sale prices, several photos."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

import stage
from layer import PHONE, expect_products
from visiting import Site, Visit, visiting

DAY = 86_400


@contextmanager
def layer_of(browser: Browser, site: Site, address: str, **more: Any) -> Iterator[Visit]:
    """The layer as an address opens it, on a page that says nothing of products' addresses."""
    with visiting(browser, site, f"/plain.html#vitrina={address}", **more) as visit:
        expect(visit.page.locator("vitrina-search dialog")).to_be_visible()
        yield visit


def altered(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the products of answers on their way to the page."""

    def alter(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for product in body.get("products", [body]):
            change(product)
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/search/text", alter)
    page.route(re.compile(r"/products/\d+$"), alter)


def group(page: Page, name: str) -> Locator:
    return page.locator("vitrina-search .aside fieldset", has=page.locator("legend", has_text=name))


def choose(page: Page, name: str, value: str) -> None:
    group(page, name).locator("label", has_text=re.compile(rf"^\s*{value}\s*\d+$")).click()


def product_named(site: Site, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.search(name)["products"][0]
    assert found["name"] == name
    return found


def test_attributes_and_categories_narrow(browser: Browser, site: Site) -> None:
    with layer_of(browser, site, "") as visit:
        page = visit.page
        choose(page, "Color", "rojo")
        wanted: dict[str, Any] = {"attributes": {"Color": ["rojo"]}}
        expect_products(page, site.search("", filter=wanted)["products"])
        assert "a.Color=rojo" in page.url
        expect(group(page, "Color").locator(".swatch").first).to_be_visible()
        choose(page, "Diámetro", "24 cm")
        wanted["attributes"]["Diámetro"] = ["24 cm"]
        found = site.search("", filter=wanted)
        expect_products(page, found["products"])
        expect(page.locator("vitrina-search .heading h2")).to_have_text("1 producto")
        page.reload()
        expect_products(page, found["products"])
        page.get_by_role("button", name="Quitar: rojo").click()
        expect_products(page, site.search("", filter={"attributes": {"Diámetro": ["24 cm"]}})["products"])


def test_categories_open_as_a_tree(browser: Browser, site: Site) -> None:
    with layer_of(browser, site, "") as visit:
        page = visit.page
        categories = group(page, "Categorías")
        page.get_by_role("button", name="Ver más", exact=True).first.click()
        expect(categories).not_to_contain_text("Cocina")
        for name, path in (("Hogar", "Hogar"), ("Cocina", "Hogar > Cocina"), ("Menaje", "Hogar > Cocina > Menaje")):
            choose(page, "Categorías", name)
            expect_products(page, site.search("", filter={"categories": [path]})["products"])
            expect(categories.locator("label", has_text=name).locator("input")).to_be_checked()
        above = categories.locator("label", has_text="Hogar").locator("input")
        expect(above).to_have_js_property("indeterminate", True)
        # A second branch is found besides; the last one taken away gives way to the one above.
        choose(page, "Categorías", "Textil")
        both = ["Hogar > Cocina > Menaje", "Hogar > Textil"]
        expect_products(page, site.search("", filter={"categories": both})["products"])
        choose(page, "Categorías", "Textil")
        expect_products(page, site.search("", filter={"categories": both[:1]})["products"])
        choose(page, "Categorías", "Menaje")
        expect_products(page, site.search("", filter={"categories": ["Hogar > Cocina"]})["products"])
        page.get_by_role("button", name="Quitar: Cocina").click()
        expect(page.locator("vitrina-search .heading h2")).to_have_text("Novedades")


def test_a_category_by_its_name_alone_is_chosen_in_the_tree(browser: Browser, site: Site) -> None:
    with layer_of(browser, site, "&c=Hornos") as visit:
        page = visit.page
        expect_products(page, site.search("", filter={"categories": ["Hornos"]})["products"])
        expect(group(page, "Categorías").locator("label", has_text="Hornos").locator("input")).to_be_checked()
        choose(page, "Categorías", "Menaje")
        both = ["Hogar > Cocina > Hornos", "Hogar > Cocina > Menaje"]
        expect_products(page, site.search("", filter={"categories": both})["products"])


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desk", "phone"])
def test_a_product_is_shown_in_full_and_leads_to_the_shop(browser: Browser, site: Site, device: dict[str, Any]) -> None:
    pan = product_named(site, "Sartén antiadherente")
    with layer_of(browser, site, "sarten", **device) as visit:
        page = visit.page
        card = page.locator("vitrina-search .card", has_text=pan["name"])
        expect(card.locator("a")).to_have_attribute("href", pan["url"])
        expect(card.locator(".price")).to_have_text(re.compile(r"^desde 24,90"))
        expect(card.locator(".choices .out")).to_have_text("24 cm")
        card.get_by_role("button", name=f"Ver {pan['name']} y productos parecidos").click()
        sheet = page.locator("vitrina-search .product")
        expect(sheet.get_by_role("heading", name=pan["name"])).to_be_visible()
        expect(sheet.locator(".stock")).to_have_text("Disponible")
        assert stage.serious_faults(page) == []
        link = sheet.get_by_role("link", name="Ver en la tienda")
        expect(link).to_have_attribute("href", pan["url"])
        sheet.get_by_role("button", name="24 cm, Agotado").click()
        expect(sheet.locator(".price")).to_have_text(re.compile(r"^29,90"))
        expect(sheet.locator(".stock")).to_have_text("Agotado")
        sheet.get_by_role("button", name="28 cm").click()
        expect(sheet.locator(".stock")).to_have_text("Quedan 5")
        expect(link).to_have_attribute("href", "https://tienda.example/sarten-28")
        expect(sheet.locator("dl")).to_contain_text("rojo")
        assert page.locator("vitrina-search .body").evaluate("(body) => body.scrollWidth - body.clientWidth") <= 0
        page.get_by_role("button", name="Volver a los resultados").click()
        expect_products(page, site.search("sarten")["products"])


def test_a_card_shows_the_variant_that_matches(browser: Browser, site: Site) -> None:
    photos = [product["photo"] for product in site.search("camara")["products"] if product["photo"]][:2]

    def with_photos(product: dict[str, Any]) -> None:
        if product["name"] == "Polo de piqué":
            product["photo"] = photos[0]
            for variant in [product.get("matched_variant"), *product["variants"]]:
                if variant and variant["key"] == "rojo":
                    variant["photo"] = photos[1]

    with layer_of(browser, site, "") as visit:
        page = visit.page
        altered(page, with_photos)
        page.locator("vitrina-search .query").fill("polo rojo")
        expect_products(page, site.search("polo rojo")["products"])
        card = page.locator("vitrina-search .card").first
        expect(card.locator(".price")).to_have_text(re.compile(r"^25,00"))
        expect(card.locator("a")).to_have_attribute("href", "https://tienda.example/polo/rojo")
        expect(card.locator("img")).to_have_attribute("src", f"{site.server}{photos[1]}?w=320")
        expect(card.locator(".choices .found")).to_have_text("rojo")
        card.locator(".look").click()
        for is_reloaded in (False, True):
            if is_reloaded:
                page.reload()
            sheet = page.locator("vitrina-search .product")
            expect(sheet.get_by_role("button", name="rojo")).to_have_attribute("aria-pressed", "true")
            expect(sheet.locator(".price")).to_have_text(re.compile(r"^25,00"))
            expect(sheet.locator(".picture img")).to_have_attribute("src", f"{site.server}{photos[1]}?w=640")
            expect(sheet.get_by_role("link", name="Ver en la tienda")).to_have_attribute("href", "https://tienda.example/polo/rojo")
        page.locator("vitrina-search .query").fill("polo")
        expect(page.locator("vitrina-search .card").first.locator(".price")).to_have_text(re.compile(r"^(desde 25|30),00"))
        expect(page.locator("vitrina-search .choices .found")).to_have_count(0)


def test_a_product_without_an_address_opens_by_its_card(browser: Browser, site: Site) -> None:
    with layer_of(browser, site, "") as visit:
        page = visit.page
        altered(page, lambda product: product.pop("url", None))
        page.locator("vitrina-search .query").fill("horno")
        oven = product_named(site, "Horno multifunción")
        page.locator("vitrina-search .card").get_by_role("button", name=oven["name"]).click()
        expect(page.locator("vitrina-search .product h2")).to_have_text(oven["name"])
        expect(page.locator("vitrina-search .product .tags")).to_have_text("eficiente")
        expect(page.get_by_role("link", name="Ver en la tienda")).to_have_count(0)


def test_several_photos_are_looked_through(browser: Browser, site: Site) -> None:
    photos = [product["photo"] for product in site.search("camara")["products"] if product["photo"]][:3]

    def with_photos(product: dict[str, Any]) -> None:
        product |= {"photo": photos[0], "photos": photos}

    oven = product_named(site, "Horno multifunción")
    with layer_of(browser, site, "horno") as visit:
        page = visit.page
        altered(page, with_photos)
        page.get_by_role("button", name=f"Ver {oven['name']} y productos parecidos").click()
        large = page.locator("vitrina-search .gallery .picture img")
        expect(large).to_have_attribute("src", f"{site.server}{photos[0]}?w=640")
        page.get_by_role("button", name="Foto 3").click()
        expect(large).to_have_attribute("src", f"{site.server}{photos[2]}?w=640")
        expect(page.get_by_role("button", name="Foto 3")).to_be_focused()


def test_a_reduced_price_is_shown_on_its_days_alone(browser: Browser, site: Site) -> None:
    now = int(time.time())
    dates = [{"sale_until": now - DAY}, {"sale_from": now - DAY, "sale_until": now + DAY}, {"sale_from": now + DAY}, {}]
    products = site.search("camara")["products"][: len(dates)]
    by_id = {product["id"]: valid for product, valid in zip(products, dates, strict=True)}

    def on_sale(product: dict[str, Any]) -> None:
        if product["id"] in by_id:
            product |= {"price": 20, "sale_price": 10, "variants": [], **by_id[product["id"]]}

    with layer_of(browser, site, "") as visit:
        page = visit.page
        altered(page, on_sale)
        page.locator("vitrina-search .query").fill("camara")
        expect_products(page, site.search("camara")["products"])
        cards = page.locator("vitrina-search .card")
        for at, prices in enumerate([["20"], ["10", "20"], ["20"], ["10", "20"]]):
            shown = cards.nth(at).locator(".price").inner_text()
            assert re.findall(r"\d+", shown.replace(",00", "")) == prices
            expect(cards.nth(at).locator(".sale")).to_have_count(len(prices) - 1)
        expect(cards.nth(1).locator("del")).to_contain_text("20")
        expect(cards.nth(1).locator(".sale")).to_have_text("−50 %")


def test_what_can_only_be_ordered_is_said(browser: Browser, site: Site) -> None:
    with layer_of(browser, site, "cazuela") as visit:
        card = visit.page.locator("vitrina-search .card", has_text="Cazuela de hierro fundido")
        expect(card.locator(".gone")).to_have_text("En reserva")
