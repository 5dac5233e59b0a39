"""End to end: the real server, the real page, a real browser. Waits for conditions, never for time."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

import stage
from browsing import Shop, Watched, expect_closed, expect_loaded, open_page, search_words


def test_the_page_opens_in_spanish_with_all_products(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    assert page.locator(".vt-card").count() > 5
    expect(page.locator(".vt-price").first).to_have_text(re.compile(r"^\d[\d.]*,\d\d\s€$"))
    expect(page.get_by_role("button", name="Buscar")).to_be_visible()
    expect(page.get_by_label("¿Qué buscas?")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "es"
    spanish.assert_quiet()


def test_the_page_speaks_english(english: Watched) -> None:
    page = english.page
    expect(page.get_by_role("heading", name="All products")).to_be_visible()
    expect(page.locator(".vt-price").first).to_have_text(re.compile(r"^€\d[\d,]*\.\d\d$"))
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.get_by_text("Choose a photo")).to_be_visible()
    expect(page.get_by_text("Elige una foto")).to_be_hidden()
    categories = page.get_by_role("group", name="Category")
    expect(categories.get_by_label("Furniture")).to_be_attached()
    expect(categories.get_by_label("Muebles")).to_have_count(0)
    english.assert_quiet()


def test_the_language_can_be_changed(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="All products")).to_be_visible()
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.get_by_text("Search without sending the photo")).to_be_visible()
    expect(page.locator(".vt-price").first).to_have_text(re.compile(r"^€"))
    page.locator(".vt-open").first.click()
    expect(page.get_by_role("dialog").get_by_text("Availability")).to_be_visible()
    page.keyboard.press("Escape")
    expect_closed(page)
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.get_by_role("button", name="Buscar")).to_be_visible()
    spanish.assert_quiet()


def test_words_find_shoes(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page.locator(".vt-category").first).to_have_text("Zapatos")
    page.get_by_role("button", name="Buscar").click()
    expect(page.locator("#vt-status .vt-done")).to_contain_text("producto")
    spanish.assert_quiet()


def test_a_photo_of_a_shoe_finds_shoes(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_contain_text("Zapatos")
    expect(page.locator(".vt-predictions-score").first).to_have_text(re.compile(r"^\d+\s%$"))
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    # Products of other categories only follow those of the photo's.
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    shown = int(page.locator("#vt-status").inner_text().split()[0])
    assert set(page.locator("#vt-found .vt-category").all_inner_texts()[:shown]) == {"Zapatos"}
    expect(page.locator(".vt-alike").first).to_have_text(re.compile("^(Parecido|Casi igual)$"))
    # A photo of a product came through the page's own route.
    photo = page.locator(".vt-picture img").first
    expect_loaded(photo)
    assert urlsplit(photo.evaluate("(image) => image.src")).path.startswith("/photos/")
    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.locator(".vt-predictions")).to_have_count(0)
    spanish.assert_quiet()


def test_an_example_can_be_tried(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible()
    expect(page.get_by_text("Or try one of these:")).to_be_visible()
    first = page.get_by_role("list", name="Or try one of these:").get_by_role("button").first
    expect(first.get_by_role("img")).to_have_attribute("alt", "Trainers")
    first.click()
    expect(page.get_by_role("heading", name="Similar to your photo")).to_be_visible()
    expect(page.locator(".vt-category").first).to_have_text("Shoes")
    expect(page.get_by_text("Or try one of these:")).to_be_hidden()
    english.assert_quiet()


def test_a_photo_can_be_taken_with_the_camera(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.get_by_role("dialog", name="Haz una foto")).to_be_visible()
    page.wait_for_function("document.querySelector('.vt-camera video').videoWidth > 0")
    page.get_by_role("button", name="Hacer la foto").click()
    expect(page.locator(".vt-predictions")).to_be_visible()
    spanish.assert_quiet()


def test_a_photo_can_be_dropped_and_pasted(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible()
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
        expect(page.locator(".vt-predictions li").first).to_contain_text("Shoes")
        page.get_by_role("button", name="Remove the photo").click()
        expect(page.get_by_role("heading", name="All products")).to_be_visible()
        expect(page.locator(".vt-predictions")).to_have_count(0)
    english.assert_quiet()


@pytest.mark.parametrize("language", ["spanish", "english"])
def test_a_text_file_is_no_photo(language: str, request: pytest.FixtureRequest) -> None:
    watched: Watched = request.getfixturevalue(language)
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.set_input_files(
        "#vt-file", files=[{"name": "nota.txt", "mimeType": "text/plain", "buffer": b"no es una foto"}]
    )
    problem = page.locator("[data-problem=unsupported]")
    expect(problem).to_be_visible()
    expected = "Ese archivo no es una foto" if language == "spanish" else "That file is not a photo"
    expect(problem).to_contain_text(expected)
    watched.assert_quiet()


def test_a_product_opens_in_full_with_similar_ones(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    search_words(page, "zapatillas de correr azules y rosas")
    name = "Zapatillas de correr azules y rosas"
    expect(page.get_by_role("heading", name=f"Resultados para «{name.lower()}»")).to_be_visible()
    opener = page.get_by_role("link", name=name)
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog.get_by_role("heading", name=name)).to_be_focused()
    expect(dialog.locator(".vt-price").first).to_have_text("99,99\u00a0€")
    expect(dialog.get_by_text("Disponibilidad")).to_be_visible()

    # From one similar product to the next, and back to where the visitor came from.
    alike = dialog.locator(".vt-similar .vt-card").first
    other = alike.locator(".vt-open").inner_text()
    alike.click()
    expect(page.get_by_role("dialog", name=other).get_by_role("heading", name=other)).to_be_focused()
    page.get_by_role("button", name="Cerrar").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    spanish.assert_quiet()


def test_a_product_that_is_gone_is_told(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.locator(".vt-card").first.evaluate("(card) => { card.dataset.product = 999999; }")
    page.locator(".vt-open").first.click()
    expect(page.get_by_role("dialog", name="This product is gone")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    english.assert_quiet()


def test_nothing_found_helps_on(english: Watched) -> None:
    page = english.page
    expect(page.locator(".vt-card").first).to_be_visible()
    search_words(page, "xqzwvk")
    expect(page.get_by_role("heading", name="Nothing found for “xqzwvk”")).to_be_visible()
    english.assert_quiet()


# 640 is a desk of 1280 at a zoom of 200 %.
@pytest.mark.parametrize("width", [360, 390, 640, 768, 1280])
def test_nothing_runs_over_the_edge(browser: Browser, shop: Shop, width: int) -> None:
    watched = open_page(browser, shop.page.url, "es-ES", width)
    expect(watched.page.locator(".vt-card").first).to_be_visible()
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.page.context.close()


def test_a_shop_that_is_down_says_so_and_comes_back(browser: Browser, shop: Shop) -> None:
    """Last: it stops the server."""
    watched = open_page(browser, shop.page.url, "es-ES")
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    address = urlsplit(shop.server.url).netloc
    shop.server.stop()
    search_words(page, "camiseta")
    expect(page.locator("[data-problem=unavailable]")).to_contain_text("La tienda no responde")
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator("[data-problem=unavailable]")).to_be_visible()

    newcomer = open_page(browser, shop.page.url, "en-GB")
    expect(newcomer.page.locator("[data-problem=unavailable]")).to_contain_text("The shop does not answer")
    shop.server = stage.start_server(shop.folder, address)
    expect(newcomer.page.get_by_role("heading", name="All products")).to_be_visible()
    newcomer.assert_quiet()
    assert watched.outside == []
    newcomer.page.context.close()
    page.context.close()
