"""End to end, what screen readers and keyboards rely on: axe on the page's main states."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import stage
from browsing import Shop, open_page, search_words

AXE = Path(stage.__file__).parent / "browser/node_modules/axe-core/axe.min.js"
# The rules of WCAG 2.2 up to AA, and what its makers hold for good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Page) -> list[Any]:
    """What axe finds that is serious or critical, with the elements."""
    # Colours in between are nobody's: what fades in has to have arrived.
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", RULES)
    return [
        (fault["id"], [node["html"][:200] for node in fault["nodes"]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Browser, shop: Shop, dark: bool, width: int) -> None:
    if not AXE.is_file():
        if os.environ.get("CI"):
            pytest.fail("axe-core is not installed: run `make setup`")
        pytest.skip("AXE NOT INSTALLED: run `make setup`")
    watched = open_page(browser, shop.page.url, "es-ES", width, dark=dark, before=AXE.read_text())
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

    page.get_by_role("switch").check()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-seen li").first).to_be_visible()
    states["photo"] = faults(page)
    page.locator(".vt-open").first.click()
    expect(page.locator(".vt-full")).to_be_visible()
    states["dialog"] = faults(page)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.locator(".vt-seen")).to_have_count(0)
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
