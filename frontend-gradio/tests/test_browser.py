"""End to end: the real server, the real page, a real browser. Waits for conditions, never for time to pass.

Where Chromium, the server or the demo photos are missing the tests are skipped, and fail where CI is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import stage

# The first search of a photo may wait for the model to load.
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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    try:
        stage.chromium()
        stage.server_binary()
        stage.shoe_photo()
    except stage.Missing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"browser tests cannot run: {missing}")
        pytest.skip(f"BROWSER TESTS NOT RUN: {missing}")
    folder = tmp_path_factory.mktemp("shop")
    server = stage.start_server(folder)
    try:
        page = stage.start_page(folder, server.url)
    except BaseException:
        server.stop()
        raise
    running = Shop(folder, server, page)
    yield running
    page.stop()
    running.server.stop()


@pytest.fixture(scope="module")
def browser(shop: Shop) -> Iterator[Browser]:
    with stage.headless_browser() as browser:
        yield browser


def open_page(browser: Browser, url: str, locale: str, width: int = 1280) -> Watched:
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
    context.grant_permissions(["camera"], origin=url)
    page = context.new_page()
    watched = Watched(page)

    def on_request(address: str) -> None:
        if urlsplit(address).scheme not in ("data", "blob") and urlsplit(address).hostname != "127.0.0.1":
            watched.outside.append(address)

    page.on("request", lambda request: on_request(request.url))
    page.on("console", lambda said: watched.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.goto(url)
    return watched


@pytest.fixture
def spanish(browser: Browser, shop: Shop) -> Iterator[Watched]:
    watched = open_page(browser, shop.page.url, "es-ES")
    yield watched
    watched.page.context.close()


@pytest.fixture
def english(browser: Browser, shop: Shop) -> Iterator[Watched]:
    watched = open_page(browser, shop.page.url, "en-GB")
    yield watched
    watched.page.context.close()


def search_words(page: Page, words: str) -> None:
    page.locator("#vt-words input").fill(words)
    page.keyboard.press("Enter")


def test_the_page_opens_in_spanish_with_all_products(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible(timeout=SLOW)
    assert page.locator(".vt-card").count() > 5
    expect(page.locator(".vt-price").first).to_have_text(re.compile(r"^\d[\d.]*,\d\d\s€$"))
    expect(page.get_by_role("button", name="Buscar")).to_be_visible()
    expect(page.get_by_label("¿Qué buscas?")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "es"
    spanish.assert_quiet()


def test_the_page_speaks_english(english: Watched) -> None:
    page = english.page
    expect(page.get_by_role("heading", name="All products")).to_be_visible(timeout=SLOW)
    expect(page.locator(".vt-price").first).to_have_text(re.compile(r"^€\d[\d,]*\.\d\d$"))
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.get_by_text("Choose a photo")).to_be_visible()
    expect(page.get_by_text("Elige una foto")).to_be_hidden()
    english.assert_quiet()


def test_words_find_shoes(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible(timeout=SLOW)
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page.locator(".vt-category").first).to_have_text("Zapatos")
    page.get_by_role("button", name="Buscar").click()
    expect(page.locator("#vt-status .vt-done")).to_contain_text("producto")
    spanish.assert_quiet()


def test_a_photo_of_a_shoe_finds_shoes(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-seen li").first).to_contain_text("Zapatos", timeout=SLOW)
    expect(page.locator(".vt-seen-score").first).to_have_text(re.compile(r"^\d+\s%$"))
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    expect(page.locator(".vt-category").first).to_have_text("Zapatos")
    expect(page.locator(".vt-alike").first).to_contain_text("parecido")
    # A photo of a product came through the page's own route.
    photo = page.locator(".vt-picture img").first
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("(image) => image.naturalWidth") > 0
    assert urlsplit(photo.evaluate("(image) => image.src")).path.startswith("/photos/")
    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.locator(".vt-seen")).to_have_count(0)
    spanish.assert_quiet()


def test_a_photo_can_be_taken_with_the_camera(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.get_by_role("dialog", name="Haz una foto")).to_be_visible()
    page.wait_for_function("document.querySelector('.vt-camera video').videoWidth > 0")
    page.get_by_role("button", name="Hacer la foto").click()
    expect(page.locator(".vt-seen")).to_be_visible(timeout=SLOW)
    spanish.assert_quiet()


def test_a_photo_can_be_dropped_and_pasted(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    for event in ("drop", "paste"):
        page.evaluate(
            """async ([event, bytes]) => {
                const carried = new DataTransfer();
                const how = { bubbles: true, cancelable: true };
                carried.items.add(new File([new Uint8Array(bytes)], "shoe.jpg", { type: "image/jpeg" }));
                document.body.dispatchEvent(event === "drop"
                    ? new DragEvent("drop", { dataTransfer: carried, ...how })
                    : new ClipboardEvent("paste", { clipboardData: carried, ...how }));
            }""",
            [event, list(stage.shoe_photo().read_bytes())],
        )
        expect(page.locator(".vt-seen li").first).to_contain_text("Zapatos", timeout=SLOW)
        page.get_by_role("button", name="Remove the photo").click()
        expect(page.get_by_role("heading", name="All products")).to_be_visible()
    english.assert_quiet()


@pytest.mark.parametrize("language", ["spanish", "english"])
def test_a_text_file_is_no_photo(language: str, request: pytest.FixtureRequest) -> None:
    watched: Watched = request.getfixturevalue(language)
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    page.set_input_files(
        "#vt-file", files=[{"name": "nota.txt", "mimeType": "text/plain", "buffer": b"no es una foto"}]
    )
    problem = page.locator("[data-problem=unsupported]")
    expect(problem).to_be_visible()
    expected = "Ese archivo no es una foto" if language == "spanish" else "That file is not a photo"
    expect(problem).to_contain_text(expected)
    watched.assert_quiet()


def test_nothing_found_helps_on(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    search_words(page, "xqzwvk")
    expect(page.get_by_role("heading", name="Nothing found for “xqzwvk”")).to_be_visible()
    english.assert_quiet()


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_runs_over_the_edge(browser: Browser, shop: Shop, width: int) -> None:
    watched = open_page(browser, shop.page.url, "es-ES", width)
    expect(watched.page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.page.context.close()


def test_a_shop_that_is_down_says_so_and_comes_back(browser: Browser, shop: Shop) -> None:
    """Last: it stops the server."""
    watched = open_page(browser, shop.page.url, "es-ES")
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible(timeout=SLOW)
    address = urlsplit(shop.server.url).netloc
    shop.server.stop()
    search_words(page, "camiseta")
    expect(page.locator("[data-problem=unavailable]")).to_contain_text("La tienda no responde", timeout=SLOW)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator("[data-problem=unavailable]")).to_be_visible(timeout=SLOW)

    newcomer = open_page(browser, shop.page.url, "en-GB")
    expect(newcomer.page.locator("[data-problem=unavailable]")).to_contain_text(
        "The shop does not answer", timeout=SLOW
    )
    shop.server = stage.start_server(shop.folder, address)
    expect(newcomer.page.get_by_role("heading", name="All products")).to_be_visible(timeout=SLOW)
    newcomer.assert_quiet()
    assert watched.outside == []
    newcomer.page.context.close()
    page.context.close()
