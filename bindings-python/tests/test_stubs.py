"""The types that editors see are the types that there are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).with_name("typed_sample.py")


def run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_tell_what_is_there() -> None:
    run("mypy.stubtest", "vitrina")


def test_a_program_that_uses_everything_is_well_typed() -> None:
    run("mypy", "--strict", str(SAMPLE))
