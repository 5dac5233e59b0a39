"""Where and of what the figures are."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

from .catalog import ROOT

TELLING_FLAGS = ["avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimddp"]


def revision(folder: Path = ROOT) -> str:
    """The commit, with `+` where files differ from it."""
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True).stdout.strip()

    return git("rev-parse", "--short=10", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def description() -> dict[str, str]:
    info = Path("/proc/cpuinfo").read_text()

    def field(name: str) -> str:
        return next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith(name)), "")

    flags = (field("flags") or field("Features")).split()
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": f"{field('model name') or platform.machine()}, {os.cpu_count()} cores, {' '.join(flag for flag in TELLING_FLAGS if flag in flags)}",
        "memory": f"{memory:.0f} GB",
        "system": f"Linux {platform.release()}, Python {platform.python_version()}",
        "revision": revision(),
    }
