"""The shop and the browser of the browser tests.

Where Chromium, the server or the demo photos are missing the tests are skipped, and fail where CI is set.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

import stage
from browsing import ADMIN_KEY, SLOW, Shop, Watched, open_page

expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    stage.require("browser tests", stage.chromium, stage.server_binary, stage.shoe_photo)
    folder = tmp_path_factory.mktemp("shop")
    with stage.shop(folder, ["--admin-key", ADMIN_KEY]) as (server, page):
        running = Shop(folder, server, page)
        yield running
        # A test may have put another in the place of the first.
        running.server.stop()


@pytest.fixture(scope="module")
def browser(shop: Shop) -> Iterator[Browser]:
    with stage.headless_browser() as browser:
        yield browser


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
