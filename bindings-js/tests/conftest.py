"""The server, foreign pages on an origin of their own, and a browser.

Where Chromium, the server, the packages or the demo photos are missing the tests are skipped, and fail where CI is set.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent.parent
sys.path[:0] = [str(ROOT / "frontend-gradio"), str(ROOT / "examples" / "storefront"), str(TESTS)]

import stage  # noqa: E402
from visiting import ADMIN_KEY, PATIENCE, Site, TestPages  # noqa: E402

expect.set_options(timeout=PATIENCE)


def npm_packages() -> None:
    if not (TESTS.parent / "node_modules").is_dir():
        raise stage.Missing("no npm packages: run `make setup`")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    packages = (stage.chromium, stage.server_binary, stage.shoe_photo, npm_packages)
    stage.require("tests of the JavaScript package", *packages)
    subprocess.run(["node", "bundle.mjs"], cwd=TESTS, check=True)
    folder = tmp_path_factory.mktemp("shop")
    with stage.foreign_pages(folder, TestPages, ["--admin-key", ADMIN_KEY]) as (server, url):
        site = Site(server.url, url)
        # What the demo has none of: a tree of categories, sale prices.
        site.add(TESTS / "kitchen.jsonl")
        yield site


@pytest.fixture(scope="session")
def browser(site: Site) -> Iterator[Browser]:
    with stage.headless_browser() as browser:
        yield browser
