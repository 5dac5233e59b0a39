"""What generators make of the OpenAPI document compiles under strict settings, and finds products."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from serving import executable

HERE = Path(__file__).parent


def run(*command: str | Path, **environment: str) -> str:
    """What a command prints."""
    reported = subprocess.run(command, cwd=HERE, env={**os.environ, **environment}, text=True, capture_output=True)
    assert reported.returncode == 0, f"{command}\n{reported.stdout}\n{reported.stderr}"
    return reported.stdout


def document(folder: Path) -> Path:
    """The document, as `vitrina openapi` prints it."""
    path = folder / "openapi.json"
    path.write_text(run(executable(), "openapi"))
    return path


def assert_found(printed: str) -> None:
    found = json.loads(printed.splitlines()[-1])
    assert "Zapatos" in found["words"]["categories"][0], found
    assert found["words"]["products"], found
    assert "Zapatos" in found["photo"]["categories"][0], found
    assert found["photo"]["products"], found


def test_typescript(server: str, shoe: Path, tmp_path: Path) -> None:
    tools = HERE / "node_modules" / ".bin"
    run(tools / "openapi-typescript", document(tmp_path), "--output", HERE / "generated" / "api.d.ts")
    run(tools / "tsc", "--project", HERE)
    assert_found(run("node", "run.mjs", server, shoe))


def test_python(server: str, shoe: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    # The generator's own formatting of its output needs ruff; nobody reads it here.
    config.write_text("package_name_override: vitrina_api\nproject_name_override: vitrina-api\npost_hooks: []\n")
    generator = Path(sys.executable).with_name("openapi-python-client")
    package = tmp_path / "client"
    reported = run(
        generator, "generate", "--path", document(tmp_path), "--config", config, "--meta", "none",
        "--output-path", package / "vitrina_api",
    )  # fmt: skip
    # Pictures are all that the generator has no type for: it leaves the answer of `/photos/{key}` out.
    warnings = [line for line in reported.splitlines() if line.startswith("WARNING")]
    assert [line for line in warnings if "GET /photos/{key}" not in line] == [], reported
    run(sys.executable, "-m", "mypy", "--strict", HERE / "python_client.py", package, MYPYPATH=str(package))
    assert_found(run(sys.executable, HERE / "python_client.py", server, shoe, PYTHONPATH=str(package)))
