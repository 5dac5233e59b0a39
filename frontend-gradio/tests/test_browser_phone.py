"""End to end on a phone: results in the first screen, filters and the photo box as sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

import stage
from browsing import Shop, Watched, open_page, search_words

WIDTH, HEIGHT = 390, 844


@pytest.fixture
def phone(browser: Browser, shop: Shop) -> Iterator[Watched]:
    watched = open_page(browser, shop.page.url, "es-ES", WIDTH, HEIGHT, phone=True)
    expect(watched.page.locator(".vt-card").first).to_be_visible()
    yield watched
    watched.page.context.close()


def assert_first_product_is_in_view(page: Page) -> None:
    """The first product with its name and price is in the first screen."""
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    assert page.evaluate("scrollY") == 0
    price = page.locator(".vt-card .vt-price").first.bounding_box()
    assert price is not None
    assert price["y"] + price["height"] < HEIGHT


def test_results_begin_in_the_first_screen(phone: Watched) -> None:
    page = phone.page
    assert_first_product_is_in_view(page)
    for words in ("silla", "zapatilas", "zapatillas por menos de 100 euros", "zapatillas"):
        search_words(page, words)
        expect(page.get_by_role("heading", name=f"«{words}»")).to_be_visible()
        assert_first_product_is_in_view(page)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Parecidos a tu foto y «zapatillas»")).to_be_visible()
    expect(page.locator(".vt-predictions li").first).to_be_visible()
    assert_first_product_is_in_view(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    phone.assert_quiet()


def test_an_order_is_named_in_full(phone: Watched) -> None:
    page = phone.page
    order = page.get_by_label("Ordenar por")
    for name in ("Relevancia", "Precio: de mayor a menor"):
        order.select_option(name)
        expect(page.locator("#vt-status .vt-done")).to_be_visible()
        missing = order.evaluate(
            """(select) => {
              const style = getComputedStyle(select);
              const pen = document.createElement("canvas").getContext("2d");
              pen.font = style.font;
              const arrow = 20;
              const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
              const room = select.clientWidth - padding - arrow;
              return pen.measureText(select.selectedOptions[0].text).width - room;
            }"""
        )
        assert missing <= 0, name
    phone.assert_quiet()


def test_filters_are_a_sheet_that_says_how_many_it_shows(phone: Watched) -> None:
    page = phone.page
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    opener = page.get_by_role("button", name="Filtros")
    opener.click()
    sheet = page.locator("#vt-filter-sheet")
    show = sheet.get_by_role("button", name=re.compile(r"^Ver \d"))
    expect(show).to_be_in_viewport()
    nike = sheet.get_by_label("Nike")
    count = int(nike.locator("xpath=../span[@class='vt-n']").inner_text())
    nike.check()
    # The sheet stays open, and says what it will show.
    expect(show).to_have_text(f"Ver {count} producto{'s' if count > 1 else ''}")
    expect(nike).to_be_checked()
    show.click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".vt-card")).not_to_have_count(0)
    expect(opener).to_contain_text("1")
    page.get_by_role("button", name="Quitar Nike").click()
    expect(page.get_by_role("button", name="Quitar Nike")).to_have_count(0)
    phone.assert_quiet()


def test_the_photo_box_is_a_sheet_that_a_photo_closes(phone: Watched) -> None:
    page = phone.page
    expect(page.get_by_text("Elige una foto")).to_be_hidden()
    page.get_by_role("button", name="Buscar con una foto").click()
    expect(page.get_by_text("Elige una foto")).to_be_in_viewport()
    expect(page.get_by_text("Se analiza en tu dispositivo.")).to_be_visible()
    page.get_by_role("list", name="O prueba con una:").get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    expect(page.get_by_text("Elige una foto")).to_be_hidden()
    expect(page.get_by_role("img", name="Tu foto")).to_be_in_viewport()
    assert_first_product_is_in_view(page)
    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    phone.assert_quiet()


def test_a_sheet_closes_by_its_cross_and_by_escape(phone: Watched) -> None:
    page = phone.page
    for close in ("cross", "escape"):
        page.get_by_role("button", name="Filtros").click()
        sheet = page.locator("#vt-filter-sheet")
        expect(sheet).to_be_visible()
        if close == "cross":
            sheet.get_by_role("button", name="Cerrar").click()
        else:
            page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
    phone.assert_quiet()
