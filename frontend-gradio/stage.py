"""A whole shop on free ports, with a headless browser before it: for the browser test and the screenshots."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SHOE_PHOTO = ROOT / "data/demo/vendure/assets/images/chuttersnap-584518-unsplash.jpg"

# On a busy machine the page takes a minute to import what it needs.
START_SECONDS = 300.0
STOP_SECONDS = 15.0

# Without these, Chromium looks for its maker's hosts at every start.
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


class Running:
    """A process that told its address on its standard output."""

    def __init__(self, command: list[str], address: str, log: Path, **environment: str) -> None:
        """Starts `command` and waits for the line in which the pattern `address` finds the URL."""
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
            self.url = self._wait_for(address)
        except BaseException:
            self.stop()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for(self, address: str) -> str:
        while True:
            try:
                line = self._lines.get(timeout=START_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise RuntimeError(f"{self.process.args} did not start:\n{self._log.read_text()[-4000:]}")
            found = re.search(address, line)
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
    """The real server with the demo products, on a free port unless told which; `flags` go to `serve`."""
    command = [
        str(server_binary()),
        *("serve", "--listen", listen, "--data-dir", str(folder / "data"), "--demo", *flags),
    ]
    return Running(command, r"listening on (http://\S+)", folder / "server.log")


def start_page(folder: Path, server: str) -> Running:
    """The page for `server`, on a free port; its uploads stay in `folder`."""
    command = [sys.executable, "-m", "vitrina_page", "--server", server, "--listen", "127.0.0.1:0"]
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
