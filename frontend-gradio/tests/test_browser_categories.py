"""End to end: the tree of categories as a filter, and categories and products in the visitor's language."""

from __future__ import annotations

import re

import pytest
import vitrina
from playwright.sync_api import Browser, Locator, Page, expect

from browsing import ADMIN_KEY, Shop, Watched, expect_closed, open_page, search_words

# The names of categories with the numbers of those above them.
TREE = {
    901: ("Hogar", None),
    902: ("Cocina", 901),
    903: ("Hornos", 902),
    904: ("Menaje", 902),
    905: ("Textil", 901),
}
# Name, path and the name in English.
PRODUCTS = (
    ("Horno de vapor", ["Hogar", "Cocina", "Hornos"], "Steam oven"),
    ("Horno compacto", ["Hogar", "Cocina", "Hornos"], "Compact oven"),
    ("Cazuela de hierro", ["Hogar", "Cocina", "Menaje"], "Iron pot"),
    ("Manta de lana", ["Hogar", "Textil"], "Wool blanket"),
)
ENGLISH = {"Hogar": "Home", "Cocina": "Kitchen", "Hornos": "Ovens"}


@pytest.fixture(scope="module")
def household(shop: Shop) -> Shop:
    """The shop with a tree of categories besides the demo's, part of it in English."""
    with vitrina.Client(shop.server.url, admin_key=ADMIN_KEY) as client:
        for id, (name, parent) in TREE.items():
            client.put_category(id, name)
            client.update_category(id, parent=parent)
        for number, (name, path, english) in enumerate(PRODUCTS):
            texts = {"en": {"name": english}}
            client.put_product(
                9001 + number, name, 50 + number, categories=[path], stock=5, translations=texts
            )
        for category in client.categories():
            if category.name in ENGLISH:
                client.update_category(category.id, translations={"en": ENGLISH[category.name]})
    return shop


def tree(page: Page) -> Locator:
    return page.locator(".vt-filter[data-filter=category]")


def count(of: Locator) -> int:
    return int(of.locator("xpath=..").locator(".vt-n").inner_text())


def expect_products(page: Page, *names: str) -> None:
    found = page.locator("#vt-found .vt-name")
    for name in names:
        expect(found.filter(has_text=re.compile(f"^{name}$"))).to_have_count(1)
    expect(found).to_have_count(len(names))


def test_categories_are_chosen_branch_by_branch(browser: Browser, household: Shop) -> None:
    watched = open_page(browser, household.page.url, "es-ES")
    page = watched.page
    tree(page).get_by_role("button", name="Ver más").click()
    expect(tree(page).get_by_label("Cocina")).to_have_count(0)
    home = tree(page).get_by_label("Hogar")
    assert count(home) == len(PRODUCTS)
    home.check()
    expect_products(page, *(name for name, _, _ in PRODUCTS))
    kitchen = tree(page).get_by_label("Cocina")
    assert count(kitchen) == 3
    kitchen.check()
    expect_products(page, "Horno de vapor", "Horno compacto", "Cazuela de hierro")
    expect(home).not_to_be_checked()
    expect(home).to_have_js_property("indeterminate", True)
    tree(page).get_by_label("Hornos").check()
    expect_products(page, "Horno de vapor", "Horno compacto")
    expect(page).to_have_url(re.compile(r"category=Hogar\+%3E\+Cocina\+%3E\+Hornos$"))
    expect(page.locator("#vt-status")).to_have_text("2 productos")
    page.reload()
    expect_products(page, "Horno de vapor", "Horno compacto")
    expect(tree(page).get_by_label("Hornos")).to_be_checked()
    # The one taken away gives way to the one above.
    tree(page).get_by_label("Hornos").uncheck()
    expect(tree(page).get_by_label("Cocina")).to_be_checked()
    expect_products(page, "Horno de vapor", "Horno compacto", "Cazuela de hierro")
    page.go_back()
    expect_products(page, "Horno de vapor", "Horno compacto")
    page.get_by_role("button", name="Quitar Hornos").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.get_by_role("button", name="Quitar Hornos")).to_have_count(0)
    watched.assert_quiet()
    page.context.close()


def test_a_category_by_its_name_alone_opens_its_branch(browser: Browser, household: Shop) -> None:
    watched = open_page(browser, f"{household.page.url}/?category=Hornos", "es-ES")
    expect_products(watched.page, "Horno de vapor", "Horno compacto")
    expect(tree(watched.page).get_by_label("Hornos")).to_be_checked()
    expect(tree(watched.page).get_by_label("Hogar")).to_have_js_property("indeterminate", True)
    watched.page.context.close()


def test_the_sheet_of_a_phone_says_how_many_the_branch_has(browser: Browser, household: Shop) -> None:
    watched = open_page(browser, f"{household.page.url}/?category=Hogar", "es-ES", 390, 844, phone=True)
    page = watched.page
    page.get_by_role("button", name="Filtros").click()
    kitchen = tree(page).get_by_label("Cocina")
    expected = count(kitchen)
    kitchen.check()
    show = page.locator("#vt-filter-sheet").get_by_role("button", name=f"Ver {expected} productos")
    expect(show).to_be_in_viewport()
    show.click()
    expect(page.locator("#vt-found .vt-card")).to_have_count(expected)
    watched.assert_quiet()
    page.context.close()


def test_categories_and_products_are_in_the_visitors_language(browser: Browser, household: Shop) -> None:
    watched: Watched = open_page(browser, f"{household.page.url}/?category=Cocina&lang=en", "es-ES")
    page = watched.page
    expect_products(page, "Steam oven", "Compact oven", "Iron pot")
    expect(page).to_have_title("Kitchen – Vitrina")
    expect(page.get_by_role("heading", name="All products")).to_contain_text("in Kitchen")
    expect(page.get_by_role("button", name="Remove Kitchen")).to_be_visible()
    expect(tree(page).get_by_label("Ovens")).to_be_visible()
    expect(tree(page).get_by_label("Menaje"), "what has no translation").to_be_visible()
    assert set(page.locator(".vt-category").all_inner_texts()) == {"Ovens", "Menaje"}
    page.get_by_role("link", name="Steam oven").click()
    details = page.get_by_role("dialog")
    expect(details.get_by_role("heading", name="Steam oven")).to_be_visible()
    expect(details.locator("dl")).to_contain_text("Home › Kitchen › Ovens")
    page.keyboard.press("Escape")
    expect_closed(page)
    page.locator("#vt-words input").fill("zapato")
    page.get_by_role("option", name="Shoes").click()
    expect(page.get_by_role("heading", name="All products")).to_contain_text("in Shoes")
    search_words(page, "xqzwvk")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.locator("[data-category=Zapatos]")).to_have_text("Shoes")
    watched.assert_quiet()
    page.context.close()
