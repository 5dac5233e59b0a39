"""The Python reference: what the model says of a photo, for the other implementations to be compared with.

    pip install numpy==2.2.6 Pillow==12.2.0 onnxruntime==1.32.0
    python data/models/reference.py --model data/models/efficientnet_lite0 --out DIR PHOTO...

For each photo DIR gets the decoded pixels, `<stem>.png`: JPEG decoders differ by a shade, so who compares preprocessing
and model starts from these. `reference.json` has what the model made of them. README.md defines every step in words.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image, ImageOps

LEAST_PROBABILITY = 1e-4
FILTERS = {"bicubic_antialias": Image.Resampling.BICUBIC, "bilinear_antialias": Image.Resampling.BILINEAR}

Box = tuple[float, float, float, float]


def decode(path: Path) -> Image.Image:
    """The photo as a person sees it: turned by its EXIF orientation, laid on white, in RGB."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file)
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow's own conversion would clip, not scale
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def crop_box(width: int, height: int, manifest: dict[str, Any]) -> Box:
    """The part of the photo that fills the model's input: left, top, right, bottom."""
    settings, target = manifest["preprocessing"], manifest["input"]
    shorter = min(width, height)
    if settings["resize"] == "crop":
        side = max(1, int(shorter * settings["crop_fraction"] + 0.5))
        left, top = (width - side) // 2, (height - side) // 2
        return left, top, left + side, top + side
    if settings["resize"] == "shorter_side":
        # resizing all of the photo and cutting the middle out is resizing this part of it: same pixels, less work
        resized_width = width * settings["shorter_side"] // shorter
        resized_height = height * settings["shorter_side"] // shorter
        left, top = (resized_width - target["width"]) // 2, (resized_height - target["height"]) // 2
        x, y = width / resized_width, height / resized_height
        return left * x, top * y, (left + target["width"]) * x, (top + target["height"]) * y
    raise ValueError(f"unknown resize {settings['resize']!r}")


def preprocess(image: Image.Image, manifest: dict[str, Any]) -> NDArray[np.float32]:
    """An RGB photo as the model's input, [1,3,height,width]."""
    settings, target = manifest["preprocessing"], manifest["input"]
    size = (target["width"], target["height"])
    resized = image.resize(size, FILTERS[settings["filter"]], box=crop_box(*image.size, manifest))
    pixels = np.asarray(resized, np.float32)
    if target["channels"] == "BGR":
        pixels = pixels[:, :, ::-1]
    mean, std = np.float32(settings["mean"]), np.float32(settings["std"])
    normalised = (pixels * np.float32(settings["scale"]) - mean) / std
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[None])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    exponentials: NDArray[np.float64] = np.exp(logits.astype(np.float64) - logits.max())
    exponentials /= exponentials.sum()
    return exponentials


class Network:
    """One network: `manifest.json`, the ONNX file it names, and the labels."""

    def __init__(self, directory: Path, precision: str = "fp32") -> None:
        self.manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text("utf-8"))
        self.labels: list[dict[str, Any]] = json.loads((directory / self.manifest["labels"]).read_text("utf-8"))
        description = next(file for file in self.manifest["files"] if file["precision"] == precision)
        content = (directory / description["file"]).read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        if description["sha256"] not in (None, self.sha256):
            raise ValueError(f"{description['file']} has SHA-256 {self.sha256}, not that of the manifest")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(self, image: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
        """Probabilities in class order, and the embedding if the model has one."""
        outputs = self.manifest["outputs"]
        names = [name for name in (outputs["logits"], outputs["embedding"]) if name]
        results = self.session.run(names, {self.manifest["input"]["name"]: preprocess(image, self.manifest)})
        logits = results[0].reshape(-1)
        probabilities = softmax(logits) if outputs["activation"] == "softmax" else logits.astype(np.float64)
        return probabilities, results[1].reshape(-1) if outputs["embedding"] else None


class Model:
    """A model directory: one network, or the members of an ensemble as one."""

    def __init__(self, directory: Path, precision: str = "fp32") -> None:
        self.manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text("utf-8"))
        members = [directory / member for member in self.manifest.get("members", ["."])]
        self.networks = [Network(member, precision) for member in members]
        self.labels = self.networks[0].labels
        self.sha256 = [network.sha256 for network in self.networks]

    def run(self, image: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
        """The mean of the members' probabilities; their embeddings one after the other, each of unit length."""
        results = [network.run(image) for network in self.networks]
        if len(results) == 1:
            return results[0]
        probabilities: NDArray[np.float64] = np.mean([scores for scores, _ in results], axis=0)
        embeddings = [embedding for _, embedding in results if embedding is not None]
        if len(embeddings) < len(results):
            return probabilities, None
        return probabilities, np.concatenate([embedding / np.linalg.norm(embedding) for embedding in embeddings])

    def describe(self, image: Image.Image) -> dict[str, Any]:
        probabilities, embedding = self.run(image)
        # a stable sort: of equal probabilities the class that comes first wins
        order = [int(index) for index in np.argsort(-probabilities, kind="stable")]

        def rounded(value: float) -> float:
            return float(f"{value:.7g}")

        return {
            "top5": [
                {"id": self.labels[i]["id"], "name": self.labels[i]["name"], "probability": rounded(probabilities[i])}
                for i in order[:5]
            ],
            "probabilities": {
                self.labels[i]["id"]: rounded(probabilities[i]) for i in order if probabilities[i] >= LEAST_PROBABILITY
            },
            "embedding": None if embedding is None else [rounded(value) for value in embedding],
        }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="what the model says of photos, as PNG and JSON")
    parser.add_argument("--model", type=Path, required=True, help="model directory, with manifest.json and the .onnx")
    parser.add_argument("--precision", default="fp32", help="which of its files (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO")
    options = parser.parse_args(arguments)
    if len({photo.stem for photo in options.photos}) < len(options.photos):
        parser.error("two photos have the same name but for the ending")

    model = Model(options.model, options.precision)
    options.out.mkdir(parents=True, exist_ok=True)
    photos = []
    for path in options.photos:
        image = decode(path)
        png = f"{path.stem}.png"
        image.save(options.out / png)
        width, height = image.size
        photos.append({"file": path.name, "png": png, "width": width, "height": height, **model.describe(image)})
    identity = {"name": model.manifest["name"], "version": model.manifest["version"], "sha256": ",".join(model.sha256)}
    report = json.dumps({"model": identity, "photos": photos}, ensure_ascii=False, indent=1)
    (options.out / "reference.json").write_text(report + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
