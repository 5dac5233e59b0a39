"""The server does what its OpenAPI document says: schemathesis with all checks.

Without VITRINA_API_CHECK_SECONDS the cases are the same in every run, however busy the machine is: one seed, so many examples of each
operation, one after the other. With it, it looks for so many seconds at cases of its own choice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from serving import KEY

HERE = Path(__file__).parent
SEED, EXAMPLES = "20261129", "12"


def bounds() -> list[str]:
    """How much is tried."""
    if seconds := os.environ.get("VITRINA_API_CHECK_SECONDS"):
        return ["--max-time", seconds, "--workers", "2"]
    return ["--seed", SEED, "--max-examples", EXAMPLES, "--workers", "1"]


def findings(printed: str) -> str:
    """What was found, without the progress before it, short enough for a log."""
    start = min((at for title in (" FAILURES ", " ERRORS ") if (at := printed.find(title)) >= 0), default=0)
    return printed[start:][:12_000]


def test_schemathesis_finds_nothing(server: str, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(HERE / "schemathesis.toml"), "--no-color"),
        *("run", f"{server}/openapi.json", "--continue-on-failure", "--generation-database", "none"),
        *("--header", f"Authorization: Bearer {KEY}", *bounds()),
    ]
    reported = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True)
    if reported.returncode:
        raise AssertionError(findings(reported.stdout) + reported.stderr[-2_000:])
