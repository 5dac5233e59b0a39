"""End to end: the shop's own attributes as filters, beside the others."""

from __future__ import annotations

import re

import pytest
import vitrina
from playwright.sync_api import Browser, Locator, Page, expect

import stage
from browsing import Shop, Watched, open_page, search_words, show_all_values


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def value(page: Page, name: str, label: str) -> Locator:
    """The box of an attribute's value."""
    return group(page, name).locator("label", has_text=re.compile(f"^{re.escape(label)}\\d")).locator("input")


def count(of: Locator) -> int:
    return int(of.locator("xpath=../span[@class='vt-n']").inner_text())


def total(shop: Shop, query: str = "", **attributes: list[str]) -> int:
    """How many products the server finds."""
    with vitrina.Client(shop.server.url) as client:
        found = client.search_text(query, limit=0, attributes=attributes, facets=True)
    assert found.facets is not None
    return found.facets.in_stock + found.facets.out_of_stock


def expect_total(page: Page, number: int) -> None:
    expect(page.locator("#vt-status .vt-done")).to_have_text(re.compile(f"(^|de ){number} productos?$"))


@pytest.fixture
def opened(spanish: Watched) -> Watched:
    show_all_values(spanish.page)
    return spanish


def test_values_of_an_attribute_are_alternatives_and_attributes_are_conditions(
    shop: Shop, opened: Watched
) -> None:
    page = opened.page
    assert count(value(page, "Color", "rojo")) == total(shop, Color=["rojo"]) > 0
    value(page, "Color", "rojo").check()
    expect_total(page, total(shop, Color=["rojo"]))
    either = total(shop, Color=["rojo", "azul"])
    assert either > total(shop, Color=["rojo"])
    value(page, "Color", "azul").check()
    expect_total(page, either)
    both = total(shop, Color=["rojo", "azul"], Talla=["M"])
    assert 0 < both < either
    # The counts are of what one more click shows.
    assert count(value(page, "Talla", "M")) == both
    value(page, "Talla", "M").check()
    expect_total(page, both)
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("3")
    expect(value(page, "Talla", "M")).to_be_focused()
    opened.assert_quiet()


def test_attributes_are_in_the_url_and_go_by_their_chips(shop: Shop, opened: Watched) -> None:
    page = opened.page
    for name, label in (("Color", "azul"), ("Color", "rojo"), ("Talla", "M")):
        value(page, name, label).check()
        expect(page.get_by_role("button", name=f"Quitar {name}: {label}")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?a\.Color=azul&a\.Color=rojo&a\.Talla=M$"))
    both = total(shop, Color=["rojo", "azul"], Talla=["M"])
    page.reload()
    expect_total(page, both)
    expect(value(page, "Color", "azul")).to_be_checked()
    page.go_back()
    expect_total(page, total(shop, Color=["rojo", "azul"]))
    expect(value(page, "Talla", "M")).not_to_be_checked()
    page.go_forward()
    expect_total(page, both)
    page.get_by_role("button", name="Quitar Color: azul").click()
    expect_total(page, total(shop, Color=["rojo"], Talla=["M"]))
    expect(page).to_have_url(re.compile(r"/\?a\.Color=rojo&a\.Talla=M$"))
    page.locator(".vt-clear").click()
    expect_total(page, total(shop))
    expect(page.get_by_role("button", name="Quitar Color: rojo")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))
    opened.assert_quiet()


def test_a_link_of_any_spelling_shows_its_attributes(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, f"{shop.page.url}/?a.color=ROJO&q=camiseta&lang=en", "es-ES")
    page = watched.page
    number = total(shop, "camiseta", Color=["rojo"])
    expect(page.locator("#vt-status .vt-done")).to_have_text(re.compile(f"^{number} products?$"))
    expect(value(page, "Color", "rojo")).to_be_checked()
    # Another query has its own filters.
    search_words(page, "silla")
    expect(page.get_by_role("heading", name="Results for “silla”")).to_be_visible()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_count(0)
    watched.assert_quiet()
    page.context.close()


def test_the_sheet_of_a_phone_says_how_many_have_the_value(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, f"{shop.page.url}/?q=zapatillas", "es-ES", 390, 844, phone=True)
    page = watched.page
    show_all_values(page)
    page.get_by_role("button", name="Filtros").click()
    blue = value(page, "Color", "azul")
    expected = count(blue)
    assert expected == total(shop, "zapatillas", Color=["azul"])
    blue.check()
    sheet = page.locator("#vt-filter-sheet")
    show = sheet.get_by_role(
        "button", name=re.compile(f"^Ver {expected} producto{'s' if expected > 1 else ''}$")
    )
    expect(show).to_be_in_viewport()
    show.click()
    expect(sheet).to_be_hidden()
    expect_total(page, expected)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    watched.assert_quiet()
    page.context.close()


def test_a_photos_products_are_filtered_by_attributes(opened: Watched) -> None:
    page = opened.page
    value(page, "Color", "azul").check()
    expect(page).to_have_url(re.compile("a.Color=azul"))
    # The choice stays where products of the photo pass it.
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    expect(value(page, "Color", "azul")).to_be_checked()
    number = count(value(page, "Color", "azul"))
    expect_total(page, number)
    expect(page.locator("#vt-found .vt-card")).to_have_count(number)
    page.reload()
    expect_total(page, number)
    expect(value(page, "Color", "azul")).to_be_checked()
    page.get_by_role("button", name="Quitar Color: azul").click()
    expect(page.locator("#vt-found .vt-card")).not_to_have_count(number)
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    opened.assert_quiet()
