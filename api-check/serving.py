"""The checkout's own server, in a process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KEY = "a key for the checks of the API alone"


def executable() -> Path:
    """The command: the newest build of the checkout, unless VITRINA_BIN names one."""
    if named := os.environ.get("VITRINA_BIN"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for profile in ("release", "debug") if (path := target / profile / "vitrina").is_file()]
    if not built:
        reason = "no server: run `make build`, or name one in VITRINA_BIN"
        # On the build machine a test that did not run must not look like one that passed.
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return max(built, key=lambda path: path.stat().st_mtime)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server with the demo products, by its URL; its log is the file `server.log`."""
    command = [str(executable()), "serve", "--listen", "127.0.0.1:0", "--data-dir", str(folder / "data"), "--demo"]
    with (folder / "server.log").open("wb") as log:
        environment = {**os.environ, "VITRINA_ADMIN_KEY": KEY}
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    try:
        assert server.stdout is not None
        line = server.stdout.readline().strip()
        assert line.startswith("listening on http://"), line + (folder / "server.log").read_text()
        yield line.removeprefix("listening on ")
    finally:
        server.terminate()
        server.wait(timeout=30)
