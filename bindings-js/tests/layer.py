"""The layer on a page: where things are in it, and how it is opened."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


def box(page: Page) -> Locator:
    return page.locator("vitrina-search .query")


def names(page: Page) -> list[str]:
    return page.locator("vitrina-search .card:not(.skeleton) .name").all_inner_texts()


def expect_products(page: Page, products: list[dict[str, Any]]) -> None:
    expect(page.locator("vitrina-search .card:not(.skeleton) .name")).to_have_text([product["name"] for product in products])


def open_layer(page: Page, text: str) -> None:
    """Types into the shop's own box, from which the layer takes over."""
    page.wait_for_function("() => !!customElements.get('vitrina-search')")
    page.locator("#search").click()
    page.keyboard.type(text, delay=15)
    expect(box(page)).to_have_value(text)
