"""Swagger UI's "Try it out" in headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

# Without most of these, Chromium looks for its maker's hosts at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page."""
    if CHROMIUM is None:
        reason = "no Chromium: install it, or name one in CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page()
        browser.close()


def test_try_it_out(page: Page, server: str) -> None:
    page.set_default_timeout(120_000)
    page.goto(f"{server}/")
    for operation in ["Catalogue-listProducts", "Search-searchText"]:
        block = page.locator(f"#operations-{operation}")
        block.locator("button.opblock-summary-control").click()
        block.locator("button.try-out__btn").click()
        block.locator("button.execute").click()
        status = block.locator(".live-responses-table .response-col_status").last
        expect(status).to_contain_text("200", timeout=120_000)
