"""A whole shop on free ports, with a headless browser before it: for browser tests and screenshots."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parent.parent
SHOE_PHOTO = ROOT / "data/demo/vendure/assets/images/chuttersnap-584518-unsplash.jpg"
AXE = ROOT / "bindings-js/node_modules/axe-core/axe.min.js"
# The rules of WCAG 2.2 up to AA, and what axe's makers hold for good practice.
_AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# On a busy machine the page takes a minute to import what it needs.
START_SECONDS = 300.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.1

# Without these, Chromium connects to its vendor's hosts at every start.
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Missing(Exception):
    """Something that this machine does not have, and how to get it."""


def chromium() -> str:
    """The browser: CHROMIUM, or the one that the system has."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not Path(named).exists():
            raise Missing(f"CHROMIUM names {named}, which is not there")
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise Missing("no Chromium: install Debian's package `chromium`, or name one with CHROMIUM")


def server_binary() -> Path:
    """The `vitrina` command: VITRINA_BIN, or what cargo built last in this checkout."""
    named = os.environ.get("VITRINA_BIN")
    if named:
        return Path(named)
    built = [path for kind in ("release", "debug") if (path := ROOT / "target" / kind / "vitrina").is_file()]
    if not built:
        raise Missing("no server: run `make build` first, or name one with VITRINA_BIN")
    return max(built, key=lambda path: path.stat().st_mtime)


def shoe_photo() -> Path:
    """A photo of a shoe out of the demo's photos."""
    if not SHOE_PHOTO.is_file():
        raise Missing("no demo photos: run data/demo/fetch.py first")
    return SHOE_PHOTO


def axe() -> str:
    """The script that looks for what keeps people out."""
    if not AXE.is_file():
        raise Missing("no axe-core: run `make setup`")
    return AXE.read_text()


def require(what: str, *parts: Callable[[], object]) -> None:
    """Skips the tests named `what` where one of `parts` is `Missing`, and fails them where CI is set."""
    import pytest

    try:
        for part in parts:
            part()
    except Missing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"{what} cannot run: {missing}")
        pytest.skip(f"{what.upper()} NOT RUN: {missing}")


class Running:
    """A process that printed its URL on standard output."""

    def __init__(self, command: list[str], url: str, log: Path, **environment: str) -> None:
        """Starts `command` and waits for the line in which the pattern `url` finds the URL."""
        self._log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **environment},
                cwd=Path(__file__).parent,
            )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.url = self._wait_for(url)
        except BaseException:
            self.stop()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for(self, pattern: str) -> str:
        while True:
            try:
                line = self._lines.get(timeout=START_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise RuntimeError(f"{self.process.args} did not start:\n{self._log.read_text()[-4000:]}")
            found = re.search(pattern, line)
            if found:
                return found.group(1)

    def stop(self) -> None:
        """Ends the process, politely first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_server(folder: Path, listen: str = "127.0.0.1:0", flags: Sequence[str] = ()) -> Running:
    """The real server with the demo products, on a free port by default; `flags` go to `serve`."""
    command = [
        str(server_binary()),
        *("serve", "--listen", listen, "--data-dir", str(folder / "data"), "--demo", *flags),
    ]
    server = Running(command, r"listening on (http://\S+)", folder / "server.log")
    try:
        _wait_for_embeddings(server.url)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_for_embeddings(server: str) -> None:
    """Waits until the photos of all products are embedded, which the server does once it is listening."""

    def ask(path: str) -> str:
        with urllib.request.urlopen(server + path, timeout=STOP_SECONDS) as answer:
            return str(answer.read().decode())

    def photos() -> int:
        page = json.loads(ask("/products?limit=100"))
        found = 0
        while True:
            found += sum(1 for product in page["products"] if product["photo"])
            if not page.get("next_cursor"):
                return found
            page = json.loads(ask(f"/products?limit=100&cursor={page['next_cursor']}"))

    def embedded() -> int:
        return sum(map(int, re.findall(r"vitrina_embedded_products\{.*\} (\d+)", ask("/metrics"))))

    wanted, until = photos(), time.monotonic() + START_SECONDS
    while (known := embedded()) < wanted:
        if time.monotonic() > until:
            raise RuntimeError(f"{known} of {wanted} photos embedded after {START_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def start_page(folder: Path, server: str) -> Running:
    """The page for `server`, on a free port; its uploads stay in `folder`."""
    command = [sys.executable, "-m", "vitrina_page", "--server", server, "--listen", "127.0.0.1:0"]
    command += ["--examples", str(ROOT / "data/demo/vendure/examples")]
    return Running(
        command, r"page on (http://\S+)", folder / "page.log", GRADIO_TEMP_DIR=str(folder / "uploads")
    )


@contextmanager
def shop(folder: Path, flags: Sequence[str] = ()) -> Iterator[tuple[Running, Running]]:
    """A server and its page; `flags` go to `serve`."""
    server = start_server(folder, flags=flags)
    try:
        page = start_page(folder, server.url)
        try:
            yield server, page
        finally:
            page.stop()
    finally:
        server.stop()


@contextmanager
def foreign_pages(
    folder: Path, handler: Callable[..., BaseHTTPRequestHandler], flags: Sequence[str] = ()
) -> Iterator[tuple[Running, str]]:
    """A server, and the URL of pages on an origin of their own that it admits; `flags` go to `serve`.

    `handler` serves the pages, and takes the server's URL as `server_url`: each has to know the other's.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, server_url="")) as pages:
        url = f"http://127.0.0.1:{pages.server_port}"
        server = start_server(folder, flags=["--cors-origins", url, *flags])
        pages.RequestHandlerClass = partial(handler, server_url=server.url)
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        try:
            yield server, url
        finally:
            pages.shutdown()
            server.stop()


@contextmanager
def headless_browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                *_CHROMIUM_FLAGS,
                # A camera that shows a test picture, so that taking a photo can be tried.
                "--use-fake-device-for-media-stream",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


class Gate:
    """A handler for `page.route` that holds requests until it is opened."""

    def __init__(self) -> None:
        self._held: list[Route] = []
        self._is_open = False

    def __call__(self, route: Route) -> None:
        """Takes a request."""
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        """Lets all requests go on, those that are held and those to come."""
        self._is_open = True
        for route in self._held:
            route.continue_()


def watch(page: Page, complaints: list[str], on_request: Callable[[str], None]) -> None:
    """Keeps the errors of a page in `complaints`; `on_request` is called with the URL of each request."""
    page.on("request", lambda request: on_request(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def serious_faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds that is serious or critical, with the elements."""
    # Colours in between are nobody's: what fades in has to have arrived.
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe())
    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", _AXE_RULES)
    return [
        (fault["id"], [node["html"][:200] for node in fault["nodes"]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
