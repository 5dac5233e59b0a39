"""A running shop and the pages that a browser opens of it, for the browser tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

import stage
from vitrina_page.on_device import BUILT, MODULE

ADMIN_KEY = "the-key-of-the-tests-" + "0" * 16
# How long is waited for anything, in milliseconds: a busy machine takes its time, and a model has to load.
SLOW = 60_000


@dataclass
class Shop:
    """The addresses of a running shop, and its server to stop and start."""

    folder: Path
    server: stage.Running
    page: stage.Running


@dataclass
class Watched:
    """A page of the browser, with what it complained of and asked outside."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        assert self.complaints == []
        assert self.outside == []


def open_page(
    browser: Browser,
    url: str,
    locale: str,
    width: int = 1280,
    height: int = 900,
    *,
    dark: bool = False,
    phone: bool = False,
    before: str = "",
) -> Watched:
    """A page of its own, of a phone with `phone`; the script `before` runs ahead of the page's."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        has_touch=phone,
        is_mobile=phone,
    )
    context.grant_permissions(["camera"], origin=url)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.add_init_script(before)
    watched = Watched(page)

    def on_request(url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1":
            watched.outside.append(url)

    stage.watch(page, watched.complaints, on_request)
    page.goto(url)
    return watched


def require_browser_module() -> None:
    """Skips the test where the module that classifies photos in the browser is not built."""

    def built() -> None:
        if not (BUILT / MODULE).is_file():
            raise stage.Missing("no browser module: run `make setup`")

    stage.require("tests of the browser module", built)


def search_words(page: Page, words: str) -> None:
    """Searches once the search before has been answered: an answer may set what is in the box."""
    expect(page.locator("#vt-status :is(.vt-done, .vt-problem)")).to_be_visible()
    box = page.locator("#vt-words input")
    box.fill(words)
    box.press("Enter")


def expect_loaded(picture: Locator) -> None:
    """Waits until a picture has arrived; one that cannot be shown has no width."""
    expect(picture).to_have_js_property("complete", True)
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def expect_closed(page: Page) -> None:
    """Waits until the dialog of a product is closed and no longer in the URL."""
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("product="))


def show_all_values(page: Page) -> None:
    """Shows the filters in full, once they are there; they stay so."""
    expect(page.locator(".vt-filters")).to_be_attached()
    page.locator(".vt-more-values[aria-expanded=false]").evaluate_all(
        "(all) => all.forEach((one) => one.click())"
    )


def opened(watched: Watched) -> Page:
    """The page with all products and filters on it."""
    expect(watched.page.locator(".vt-card").first).to_be_visible()
    show_all_values(watched.page)
    return watched.page


def box(page: Page, label: str) -> Locator:
    """The input of a filter's value."""
    return page.locator(".vt-filters label", has_text=re.compile(f"^{re.escape(label)}\\d")).locator("input")


def count_of(page: Page, label: str) -> int:
    """How many products a filter's value says that it has."""
    return int(box(page, label).locator("xpath=../span[@class='vt-n']").inner_text())


def prices(page: Page) -> list[Decimal]:
    """The prices on the Spanish page, in order: of each product the one that applies."""
    shown = [re.search(r"\d[\d.]*,\d\d", text) for text in page.locator(".vt-price").all_inner_texts()]
    return [Decimal(one.group().replace(".", "").replace(",", ".")) for one in shown if one]


def box_of_words(page: Page) -> Locator:
    """Where one types."""
    return page.locator("#vt-words input")


def suggested(page: Page) -> Locator:
    """The suggestions; the orders of products are options as well."""
    return page.locator("#vt-suggestions").get_by_role("option")
