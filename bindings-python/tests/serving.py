"""The checkout's own server, in a process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def executable() -> Path | None:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = (target / profile / "vitrina" for profile in ("release", "debug"))
    return next((path for path in built if path.is_file()), None)


@contextmanager
def serving(folder: Path, *flags: str, **environment: str) -> Iterator[str]:
    """A server over a data folder, by its address; its log is the file `log` in there."""
    program = executable()
    if program is None:
        reason = "no server: run `make build`, or name one in VITRINA_TEST_URL"
        # On the build machine a test that did not run must not look like one that passed.
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    command = [program, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder, *flags]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **environment}
        )
    try:
        assert server.stdout is not None
        line = server.stdout.readline().strip()
        assert line.startswith("listening on http://"), line + (folder / "log").read_text()
        yield line.removeprefix("listening on ")
    finally:
        server.terminate()
        server.wait(timeout=20)
