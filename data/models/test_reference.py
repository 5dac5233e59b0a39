"""Tests of the reference's decoding and cropping. They need requirements.txt and pytest; all but one no model file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from PIL import Image

HERE = Path(__file__).parent


def manifest(name: str) -> dict[str, Any]:
    return json.loads((HERE / name / "manifest.json").read_text("utf-8"))


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((1600, 1067), (333, 66, 1267, 1000)),  # 933.625 rounds up to 934
        ((1067, 1600), (66, 333, 1000, 1267)),
        ((4, 4), (0, 0, 4, 4)),  # 3.5 rounds up
        ((5, 4), (0, 0, 4, 4)),
        ((1, 3), (0, 1, 1, 2)),
        ((224, 224), (14, 14, 210, 210)),
    ],
)
def test_crop_box(size: tuple[int, int], box: tuple[int, ...]) -> None:
    assert reference.crop_box(*size, manifest("efficientnet_lite0")) == box


def test_a_crop_is_at_least_a_pixel() -> None:
    thin = manifest("efficientnet_lite0")
    thin["preprocessing"]["crop_fraction"] = 0.1
    assert reference.crop_box(9, 1, thin) == (4, 0, 5, 1)


@pytest.mark.parametrize("size", [(640, 480), (301, 517), (256, 256), (100, 90)])
def test_shorter_side_is_resizing_then_cutting_the_middle_out(size: tuple[int, int]) -> None:
    model, image = manifest("mobilenet_v2"), noise(*size)
    scaled = image.resize([side * 256 // min(size) for side in size], Image.Resampling.BILINEAR)
    left, top = (scaled.width - 224) // 2, (scaled.height - 224) // 2
    cut = np.asarray(scaled.crop((left, top, left + 224, top + 224)), np.int16)

    at_once = image.resize((224, 224), Image.Resampling.BILINEAR, box=reference.crop_box(*size, model))
    assert np.abs(np.asarray(at_once, np.int16) - cut).max() <= 1


def test_preprocessing_normalises_each_channel() -> None:
    image = Image.new("RGB", (300, 200), (255, 127, 0))
    ours = reference.preprocess(image, manifest("efficientnet_lite0"))
    assert ours.shape == (1, 3, 224, 224) and ours.dtype == np.float32
    assert ours[0, :, 100, 100].tolist() == [1.0, 0.0, -127 / 128]

    zoo = reference.preprocess(image, manifest("mobilenet_v2"))
    expected = [(1 - 0.485) / 0.229, (127 / 255 - 0.456) / 0.224, -0.406 / 0.225]
    assert zoo[0, :, 100, 100] == pytest.approx(expected, rel=1e-5)


def test_photos_are_turned_laid_on_white_and_made_rgb(tmp_path: Path) -> None:
    turned = Image.new("L", (4, 2), 9)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    image = reference.decode(tmp_path / "turned.jpg")
    assert (image.mode, image.size) == ("RGB", (2, 4))

    Image.new("RGBA", (1, 1), (255, 0, 0, 51)).save(tmp_path / "clear.png")
    assert reference.decode(tmp_path / "clear.png").getpixel((0, 0)) == (255, 204, 204)

    Image.fromarray(np.array([[0x80FF]], np.uint16)).save(tmp_path / "deep.png")
    assert reference.decode(tmp_path / "deep.png").getpixel((0, 0)) == (0x80, 0x80, 0x80)


def test_an_ensemble_is_its_members_side_by_side(tmp_path: Path) -> None:
    member = HERE / "efficientnet_lite0"
    if not (member / "efficientnet_lite0.onnx").is_file():
        pytest.skip("the model is not built: run data/models/exporter/export.py")
    members = {"name": "twice", "version": "1", "members": [str(member), str(member)]}
    (tmp_path / "manifest.json").write_text(json.dumps(members))
    image = noise(300, 200)
    probabilities, embedding = reference.Model(member).run(image)
    both, joined = reference.Model(tmp_path).run(image)
    assert both == pytest.approx(probabilities) and embedding is not None and joined is not None
    half = embedding / np.linalg.norm(embedding)
    assert np.abs(joined - np.concatenate([half, half])).max() < 1e-6
