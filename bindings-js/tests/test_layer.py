"""The search layer on foreign pages, in front of the real server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import stage
from layer import PHONE, box, expect_products, names, open_layer
from visiting import Site, visiting

FOREIGN = ["/bare.html", "/hostile.html", "/strict.html"]


@pytest.mark.parametrize("path", FOREIGN)
def test_it_opens_from_the_shops_own_box_and_finds(browser: Browser, site: Site, path: str) -> None:
    with visiting(browser, site, path) as visit:
        page = visit.page
        open_layer(page, "camara")
        expect_products(page, site.search("camara")["products"])
        page.keyboard.press("Enter")
        card = page.locator("vitrina-search .card").first
        look = card.locator(".name").evaluate(
            "(name) => { const { color, fontSize, letterSpacing, textTransform, direction } = getComputedStyle(name);"
            " return [color, fontSize, letterSpacing, textTransform, direction]; }"
        )
        assert look == ["rgb(22, 24, 29)", "15px", "normal", "none", "ltr"], "the page's styles do not reach in"
        expect(page.locator("vitrina-search .close")).to_be_in_viewport(ratio=1)
        product = site.search("camara")["products"][0]
        expect(card.locator("a")).to_have_attribute("href", f"{site.pages}/product.html?id={product['id']}")
        page.wait_for_function(
            "() => [...document.querySelector('vitrina-search').shadowRoot.querySelectorAll('.card img')]"
            ".slice(0, 4).every((image) => image.complete && image.naturalWidth > 0)"
        )
        page.keyboard.press("Escape")
        expect(page.locator("vitrina-search dialog")).to_be_hidden()
        assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("path", ["/bare.html", "/strict.html"])
def test_axe_finds_nothing_serious(browser: Browser, site: Site, path: str) -> None:
    with visiting(browser, site, path, **PHONE) as visit:
        page = visit.page
        open_layer(page, "zapatillas")
        expect_products(page, site.search("zapatillas")["products"])
        assert stage.serious_faults(page) == []
        page.keyboard.press("Enter")
        page.locator("vitrina-search .open-filters").click()
        expect(page.locator("vitrina-search .done")).to_be_focused()
        assert stage.serious_faults(page) == []
        page.locator("vitrina-search .done").click()
        page.locator("vitrina-search .camera").click()
        expect(page.locator("vitrina-search section.photo")).to_be_visible()
        assert stage.serious_faults(page) == []


def test_back_forward_reload_and_sharing_keep_the_search(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html#part") as visit:
        page = visit.page
        open_layer(page, "camara")
        page.keyboard.press("Enter")
        found = site.search("camara")
        expect_products(page, found["products"])
        brand = found["facets"]["brands"][0]["brand"]
        page.locator("vitrina-search .aside label", has_text=brand).click()
        narrowed = site.search("camara", filter={"brands": [brand]})["products"]
        expect_products(page, narrowed)
        shared = page.url
        page.go_back()
        expect_products(page, found["products"])
        page.go_forward()
        expect_products(page, narrowed)
        page.reload()
        expect_products(page, narrowed)
        expect(page.locator("vitrina-search .chip", has_text=brand)).to_be_visible()
        page.locator("vitrina-search .close").click()
        expect(page.locator("vitrina-search dialog")).to_be_hidden()
        page.wait_for_function("() => location.hash === '#part'")
    with visiting(browser, site, shared.removeprefix(site.pages)) as other:
        expect_products(other.page, narrowed)


def test_what_was_understood_can_be_taken_back(browser: Browser, site: Site) -> None:
    query = "portátil menos de 1000 euros"
    with visiting(browser, site, "/bare.html") as visit:
        page = visit.page
        open_layer(page, query)
        page.keyboard.press("Enter")
        found = site.search(query)
        expect_products(page, found["products"])
        price = next(part for part in found["understood"] if part["kind"] == "max_price")
        page.locator("vitrina-search .chip.understood").click()
        expect_products(page, site.search(query, ignore=[price["token"]])["products"])


def test_suggestions_by_keys(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html") as visit:
        page = visit.page
        open_layer(page, "zapat")
        options = page.locator("vitrina-search [role=option]")
        # Those for what was typed last: an earlier list gives way to it.
        found = site.ask("/search/suggest?q=zapat&limit=5")
        offered = found["queries"] + [category["name"] for category in found["categories"]]
        expect(options.locator("span")).to_have_text(offered)
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        text = options.first.locator("span").inner_text()
        page.keyboard.press("Enter")
        expect(box(page)).to_have_value(text)
        expect_products(page, site.search(text)["products"])
        expect(options.first).to_be_hidden()


def test_a_photo_finds_its_like_and_a_part_of_it_too(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/strict.html", **PHONE) as visit:
        page = visit.page
        open_layer(page, "a")
        page.locator("vitrina-search .camera").click()
        page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.shoe_photo())
        heading = page.locator("vitrina-search .heading h2")
        expect(heading).to_contain_text("Zapatos")
        assert "apatillas" in names(page)[0]
        first = page.locator("vitrina-search .card").first.bounding_box()
        assert first and first["y"] < 844, "a product is in the first screen"
        uploads = visit.requests.count("/search/image")
        page.locator("vitrina-search .corner.nw").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.wait_for_function(f"() => performance.getEntriesByName('{site.server}/search/image').length > {uploads}")
        expect(page.locator("vitrina-search .card:not(.skeleton)").first).to_be_visible()
        page.get_by_role("button", name="Quitar la foto").click()
        expect(page.locator("vitrina-search section.photo")).to_be_hidden()


def test_a_photo_is_named_after_what_it_most_likely_shows(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html#vitrina=") as visit:
        page = visit.page
        page.locator("vitrina-search .camera").click()
        page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.ROOT / "data/demo/vendure/examples/2 Cámara.jpg")
        expect(page.locator("vitrina-search .heading h2")).to_have_text("Parece: Cámaras")
        # Neighbours of what it shows come with their pictures first.
        pictures = page.locator("vitrina-search .card").evaluate_all(
            "(cards) => cards.slice(0, 4).map((card) => Boolean(card.querySelector('.picture img')))"
        )
        assert pictures == [True] * 4


def test_a_category_that_is_gone_has_a_way_on(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html#vitrina=&c=Discos") as visit:
        page = visit.page
        page.locator("vitrina-search .empty").get_by_role("button", name="Quitar los filtros").click()
        expect(page.locator("vitrina-search .card:not(.skeleton)").first).to_be_visible()
        # The browser reports that the server refused it.
        assert [fault for fault in visit.faults if "422" not in fault] == []
        visit.faults.clear()


def type_words(page: Page) -> None:
    box(page).fill("planta")


def press_escape(page: Page) -> None:
    page.keyboard.press("Escape")


def choose_a_brand(page: Page) -> None:
    page.locator("vitrina-search .aside [data-key^='brands:']").first.check()


def remove_the_photo(page: Page) -> None:
    page.get_by_role("button", name="Quitar la foto").click()


def close_the_layer(page: Page) -> None:
    page.locator("vitrina-search .close").click()


def go_back(page: Page) -> None:
    page.go_back()


@pytest.mark.parametrize("act", [type_words, press_escape, choose_a_brand, remove_the_photo, close_the_layer, go_back])
def test_what_the_customer_does_next_stops_an_upload(browser: Browser, site: Site, act: Callable[[Page], None]) -> None:
    with visiting(browser, site, "/bare.html") as visit:
        page = visit.page
        open_layer(page, "camara")
        page.keyboard.press("Enter")
        expect_products(page, site.search("camara")["products"])
        page.route("**/search/image", lambda route: None)
        page.locator("vitrina-search .camera").click()
        with page.expect_request("**/search/image"):
            page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.shoe_photo())
        expect(page.locator("vitrina-search [role=status]")).to_have_text("Enviando la foto…")
        expect(page.locator("vitrina-search .cropper")).to_be_visible()
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/search/image")):
            act(page)
        expect(page.locator("vitrina-search section.photo")).to_be_hidden()
        if act is type_words:
            expect_products(page, site.search("planta")["products"])
        elif act is choose_a_brand:
            brand = site.search("camara")["facets"]["brands"][0]["brand"]
            expect_products(page, site.search("camara", filter={"brands": [brand]})["products"])
        elif act in (press_escape, remove_the_photo):
            expect_products(page, site.search("camara")["products"])
        else:
            expect(page.locator("vitrina-search dialog")).to_be_hidden()


def test_a_photo_that_is_decoded_too_late_is_not_shown(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html#vitrina=") as visit:
        page = visit.page
        expect(page.locator("vitrina-search .card:not(.skeleton)").first).to_be_visible()
        page.evaluate(
            """() => {
              const decode = window.createImageBitmap;
              window.bitmaps = [];
              const gate = new Promise((open) => (window.goOn = open));
              window.createImageBitmap = async (...of) => {
                await gate;
                const bitmap = await decode(...of);
                window.bitmaps.push(bitmap);
                return bitmap;
              };
            }"""
        )
        page.locator("vitrina-search .camera").click()
        page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.shoe_photo())
        expect(page.locator("vitrina-search [role=status]")).to_have_text("Preparando la foto…")
        box(page).fill("planta")
        expect_products(page, site.search("planta")["products"])
        page.evaluate("goOn()")
        # One for the upload, one for the box over it; a bitmap that is closed has no width.
        page.wait_for_function("() => bitmaps.length === 2 && bitmaps.every(({ width }) => width === 0)")
        expect(page.locator("vitrina-search .cropper")).to_have_count(0)
        assert "/search/image" not in visit.requests


def test_what_the_shop_does_not_sell_is_said_kindly(browser: Browser, site: Site) -> None:
    def foreign(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if "products" in body:
            body |= {"not_sold": True, "categories": [], "predictions": []}
        route.fulfill(response=answer, body=json.dumps(body))

    with visiting(browser, site, "/bare.html#vitrina=") as visit:
        page = visit.page
        page.route("**/tasks/*/result*", foreign)
        page.locator("vitrina-search .camera").click()
        page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.shoe_photo())
        expect(page.locator("vitrina-search .heading")).to_contain_text("Parece que esto no lo tenemos")
        expect(page.locator("vitrina-search .card:not(.skeleton)").first).to_be_visible()


def test_similar_products_and_more_pages(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html#vitrina=&sort=price_desc") as visit:
        page = visit.page
        listed = site.search("", sort="price_desc", limit=48)["products"]
        expect_products(page, listed[:24])
        page.get_by_role("button", name="Ver más productos").click()
        expect_products(page, listed)
        page.reload()
        expect_products(page, listed)
        product = next(one for one in listed if one["photo"])
        page.get_by_role("button", name=f"Ver {product['name']} y productos parecidos").click()
        expect_products(page, site.ask(f"/products/{product['id']}/similar?limit=24")["products"])
        page.go_back()
        expect_products(page, listed)


def test_english_and_texts_of_ones_own(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/bare.html") as visit:
        page = visit.page
        page.wait_for_function("() => !!customElements.get('vitrina-search')")
        page.evaluate(
            """() => {
              document.querySelector("vitrina-search").remove();
              const own = document.createElement("vitrina-search");
              own.lang = "en";
              own.setAttribute("currency", "GBP");
              const texts = Object.assign(document.createElement("script"), { type: "application/json" });
              texts.textContent = JSON.stringify({ placeholder: "Lamps, chairs, cameras" });
              own.append(texts);
              document.body.append(own);
              own.open("camara");
            }"""
        )
        expect(page.get_by_role("combobox", name="Lamps, chairs, cameras")).to_have_value("camara")
        total = site.search("camara")["total"]
        expect(page.locator("vitrina-search .heading h2")).to_have_text(f"{total} products for “camara”")
        expect(page.locator("vitrina-search .price").first).to_contain_text("£")
