"""Pages of other origins, visits to them, and what the server says itself."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page

import stage
from serve import Pages

HERE = Path(__file__).resolve().parent
ADMIN_KEY = "the-key-of-the-tests-" + "0" * 16
IMPORT_SECONDS = 60
# A busy machine takes its time; milliseconds.
PATIENCE = 60_000
# Only what the layer needs, from nowhere else than the server; no inline script or style.
STRICT = (
    "default-src 'none'; script-src 'self' {server}; style-src 'self'; connect-src {server}; img-src {server}; "
    "base-uri 'none'; form-action 'none'"
)


class TestPages(Pages):
    """The pages in `pages/` with what `bundle.mjs` makes of them in `dist/`; `strict.html` has a strict CSP."""

    def __init__(self, *args: object, server_url: str) -> None:
        super().__init__(*args, server_url=server_url, folder=HERE / "pages")

    def translate_path(self, path: str) -> str:
        name = urlsplit(path).path
        return str(HERE / name.lstrip("/")) if name.startswith("/dist/") and ".." not in name else super().translate_path(path)

    def end_headers(self) -> None:
        if urlsplit(self.path).path == "/strict.html":
            self.send_header("Content-Security-Policy", STRICT.format(server=self.server_url))
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@dataclass
class Site:
    """A server and the pages before it."""

    server: str
    pages: str

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the server answers itself."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def add(self, products: Path) -> None:
        """Imports a file of products and waits until they are found."""
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        beside = f"{self.server}/products/import?replace_demo=false"
        begun = httpx.post(beside, files={"file": products.read_bytes()}, headers=headers)
        begun.raise_for_status()
        lines = products.read_text().splitlines()
        last = json.loads(lines[-1])["name"]
        ended = time.monotonic() + IMPORT_SECONDS
        while last not in [product["name"] for product in self.search(last)["products"]]:
            assert time.monotonic() < ended, httpx.get(f"{self.server}/imports", headers=headers).text

    def search(self, query: str, **more: Any) -> Any:
        """A search by words."""
        return self.ask("/search/text", {"query": query, "limit": 24, "facets": True, **more})


@dataclass
class Visit:
    """A page with what it did that it should not have done, and what it asked the server for."""

    page: Page
    faults: list[str]
    requests: list[str]


@contextmanager
def visiting(
    browser: Browser, site: Site, path: str, width: int = 1280, height: int = 800, before: str = "", **more: Any
) -> Iterator[Visit]:
    """Opens a page, with the script `before` ahead of its own; errors in the console and requests to other hosts are
    faults, and fail at the end.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, locale="es-ES", **more)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(before)
    visit = Visit(page, [], [])
    hosts = {urlsplit(site.server).netloc, urlsplit(site.pages).netloc}

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc not in hosts:
            visit.faults.append(f"asked {url}")
        if parts.netloc == urlsplit(site.server).netloc:
            visit.requests.append(parts.path)

    stage.watch(page, visit.faults, asked)
    # For work on the layer: a file in place of the script that the server was built with.
    layer = os.environ.get("VITRINA_LAYER")
    if layer:
        page.route("**/layer.js", lambda route: route.fulfill(path=layer))
    page.goto(site.pages + path)
    try:
        yield visit
        assert visit.faults == []
    finally:
        context.close()
