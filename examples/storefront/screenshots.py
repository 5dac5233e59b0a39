"""The pictures of `docs/storefront.md`: the layer on the example shop, on a phone and on a desk."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "frontend-gradio"), str(ROOT / "examples" / "storefront")]

import stage  # noqa: E402
from serve import Pages  # noqa: E402

DOCS = ROOT / "docs"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
CARDS = "vitrina-search .card:not(.skeleton)"


def shoot(page: Page, name: str) -> None:
    """Takes a picture once everything that is visible is there."""
    expect(page.locator(CARDS).first).to_be_visible(timeout=60_000)
    page.wait_for_function(
        "() => [...document.querySelector('vitrina-search').shadowRoot.querySelectorAll('.card img:not([loading=lazy])')]"
        ".slice(0, 4).every((image) => image.complete)"
    )
    page.screenshot(path=DOCS / f"{name}.png")


def main() -> None:
    """Takes all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        stage.foreign_pages(Path(folder), Pages) as (_, url),
        stage.headless_browser() as browser,
    ):
        for form, options in (("phone", PHONE), ("desk", DESK)):
            page = browser.new_context(locale="es-ES", **options).new_page()
            page.goto(f"{url}/#vitrina=cámara+por+menos+de+900+euros")
            shoot(page, f"storefront-{form}")
            page.locator("vitrina-search .camera").click()
            page.locator("vitrina-search section.photo input[type=file]").first.set_input_files(stage.shoe_photo())
            expect(page.locator("vitrina-search .heading h2")).to_contain_text("Zapatos", timeout=60_000)
            if form == "phone":
                shoot(page, "storefront-photo")


if __name__ == "__main__":
    main()
