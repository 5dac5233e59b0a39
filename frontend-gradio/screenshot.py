"""Takes the pictures of the page for the documentation: `python screenshot.py [FOLDER]` (default: docs).

Needs the built server, the demo photos and Chromium; see `stage`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stage import ROOT, headless_browser, shoe_photo, shop

if TYPE_CHECKING:
    from playwright.sync_api import Page

# name, width, height, dark, what is done before
PICTURES = (
    ("page", 1280, 900, False, "photo"),
    ("page-dark", 1280, 900, True, "photo"),
    ("page-phone", 390, 844, False, "photo"),
    ("page-words", 1280, 900, False, "words"),
    ("page-device", 390, 844, False, "device"),
    ("page-filters", 390, 844, False, "filters"),
    ("page-product", 1280, 900, True, "product"),
)
WAIT = 60_000


def play(page: Page, scene: str) -> None:
    """Searches as the scene wants."""
    if scene == "words":
        page.locator("#vt-words input").fill("zapatilas")
        page.keyboard.press("Enter")
        page.wait_for_selector(".vt-meant")
        return
    if scene == "filters":
        page.locator("#vt-words input").fill("zapatillas")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Resultados para «zapatillas»").wait_for()
        page.get_by_role("button", name="Filtros").click()
        color = page.get_by_role("group", name="Color")
        color.get_by_label("negro").check()
        page.wait_for_selector(".vt-filters .vt-chosen", state="attached")
        color.evaluate("(group) => group.scrollIntoView({ block: 'center' })")
        return
    if scene == "device":
        page.get_by_role("button", name="Buscar con una foto").click()
        page.get_by_role("switch").check()
        page.wait_for_selector(".vt-device[data-device=ready]", timeout=WAIT)
    page.set_input_files("#vt-file", shoe_photo())
    page.wait_for_selector(".vt-predictions li", timeout=WAIT)
    if scene == "product":
        page.locator(".vt-open").first.click()
        page.wait_for_selector(".vt-similar")


def main() -> int:
    """Starts a shop, searches and takes each picture."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        headless_browser() as browser,
        shop(Path(folder)) as (_, served),
    ):
        for name, width, height, dark, scene in PICTURES:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                locale="es-ES",
                color_scheme="dark" if dark else "light",
                device_scale_factor=1 if width > 500 else 2,
            )
            page.goto(served.url)
            page.wait_for_selector(".vt-card")
            play(page, scene)
            # Loaded is not painted: pictures are decoded behind the page.
            page.evaluate(
                "Promise.all([...document.querySelectorAll("
                "'.vt-picture img, .vt-photo:not([data-state=empty]) .vt-thumb')]"
                ".filter((i) => i.getBoundingClientRect().top < innerHeight)"
                ".map((i) => i.decode()))"
                ".then(() => new Promise((drawn) => "
                "requestAnimationFrame(() => requestAnimationFrame(drawn))))"
            )
            page.mouse.move(0, 0)
            # The gallery fades back in.
            page.wait_for_function("getComputedStyle(document.querySelector('#vt-found')).opacity === '1'")
            page.screenshot(path=target / f"{name}.png")
            page.close()
            print(target / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
