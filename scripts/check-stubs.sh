#!/usr/bin/env bash
# The Python package's stubs against the module that was built.
set -euo pipefail
cd "$(dirname "$0")/../bindings-python"
../.venv/bin/python -m mypy.stubtest vitrina
