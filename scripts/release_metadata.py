"""Reads `cargo metadata` from standard input and checks what a release needs of every crate that is published."""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
# `repository` is asked for once the project has a public home.
WANTED = ["description", "license", "readme", "keywords", "categories", "rust_version", "authors"]


def problems():
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    version = workspace["package"]["version"]
    packages = json.load(sys.stdin)["packages"]
    published = [package for package in packages if package["publish"] != []]
    names = {package["name"] for package in published}
    for package in published:
        name = package["name"]
        yield from (f"{name}: no {field}" for field in WANTED if not package.get(field))
        if package["version"] != version:
            yield f"{name}: version {package['version']}, the workspace has {version}"
        if package["readme"] and not (Path(package["manifest_path"]).parent / package["readme"]).is_file():
            yield f"{name}: {package['readme']} does not exist"
        for need in package["dependencies"]:
            if need.get("path") and need["kind"] != "dev" and need["name"] not in names:
                yield f"{name}: needs {need['name']}, which is not published"
    for name, need in workspace["dependencies"].items():
        if name in names and need["version"] != version:
            yield f"Cargo.toml: asks for {name} {need['version']}, the workspace has {version}"
    toolchain = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
    if not toolchain.startswith(workspace["package"]["rust-version"]):
        yield f"rust-version is {workspace['package']['rust-version']}, but the tests run with {toolchain}"
    npm = json.loads((ROOT / "bindings-js/package.json").read_text())["version"]
    if npm != version:
        yield f"bindings-js/package.json: version {npm}, the workspace has {version}"
    changelog = (ROOT / "CHANGELOG.md").read_text()
    if not re.search(rf"^## \[({re.escape(version)}|Unreleased)\]", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has neither {version} nor Unreleased"
    print(f"version {version} in {len(published)} crates: " + ", ".join(sorted(names)))


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found))
    sys.exit(bool(found))
