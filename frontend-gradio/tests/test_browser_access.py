"""End to end, what screen readers and keyboards rely on: axe on the page's main states."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

import stage
from browsing import Shop, open_page, search_words
from stage import serious_faults as faults


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, shop: Shop, dark: bool, width: int) -> None:
    stage.require("tests with axe", stage.axe)
    watched = open_page(browser, shop.page.url, "es-ES", width, dark=dark)
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    states = {"start": faults(page)}

    search_words(page, "zapatilas")
    expect(page.locator(".vt-meant")).to_be_visible()
    states["words"] = faults(page)
    page.locator("#vt-words input").press_sequentially(" az")
    expect(page.locator(".vt-suggest")).to_be_visible()
    states["suggestions"] = faults(page)
    page.keyboard.press("Escape")
    search_words(page, "xqzwvk")
    expect(page.locator(".vt-empty")).to_be_visible()
    states["nothing"] = faults(page)

    # On a phone the photo box and the filters are sheets.
    phone = width < 761
    open_photo_box = page.get_by_role("button", name="Buscar con una foto")
    if phone:
        page.get_by_role("link", name="Vitrina").click()
        expect(page.locator(".vt-card").first).to_be_visible()
        page.get_by_role("button", name="Filtros").click()
        expect(page.locator(".vt-show")).to_be_visible()
        states["filters"] = faults(page)
        page.keyboard.press("Escape")
        open_photo_box.click()
        expect(page.get_by_text("Elige una foto")).to_be_visible()
        states["photo box"] = faults(page)
    page.get_by_role("switch").check()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_be_visible()
    states["photo"] = faults(page)
    page.locator(".vt-open").first.click()
    expect(page.locator(".vt-full")).to_be_visible()
    states["dialog"] = faults(page)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.locator(".vt-predictions")).to_have_count(0)
    if phone:
        open_photo_box.click()
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.get_by_role("dialog", name="Haz una foto")).to_be_visible()
    states["camera"] = faults(page)
    page.get_by_role("button", name="Cancelar").click()
    page.set_input_files(
        "#vt-file", files=[{"name": "nota.txt", "mimeType": "text/plain", "buffer": b"no es una foto"}]
    )
    expect(page.locator("[data-problem=unsupported]")).to_be_visible()
    states["problem"] = faults(page)

    assert {state: found for state, found in states.items() if found} == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    watched.assert_quiet()
    page.context.close()
