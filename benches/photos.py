"""The photos that are sent: a mix of what customers upload, made from the demo's photos, or a folder of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import numpy
from PIL import Image

from .catalog import DEMO_PHOTOS
from .processes import Failed

# Which demo photo, its new size, whether progressive, the chroma subsampling.
MIX = [
    ("xavier-teo-469050-unsplash.jpg", (400, 400), False, "4:2:0"),
    ("derick-david-409858-unsplash.jpg", (573, 340), False, "4:2:0"),
    ("robert-shunev-528016-unsplash.jpg", (800, 1200), False, "4:2:0"),
    ("thomas-serer-420833-unsplash.jpg", (1600, 1200), False, "4:2:0"),
    ("vincent-liu-525429-unsplash.jpg", (640, 640), True, "4:2:0"),
    ("benjamin-voros-310026-unsplash.jpg", (2000, 2500), False, "4:4:4"),
    ("neonbrand-428982-unsplash.jpg", (3000, 2424), True, "4:2:0"),
]


def prepare(folder: Path) -> Path:
    """Returns the folder of the photos; `VITRINA_BENCH_PHOTOS` names another one with `.jpg` files."""
    own = os.environ.get("VITRINA_BENCH_PHOTOS")
    if own:
        if not files(Path(own)):
            raise Failed(f"VITRINA_BENCH_PHOTOS={own} has no .jpg")
        return Path(own).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    noise = numpy.random.default_rng(7)
    for number, (name, size, progressive, subsampling) in enumerate(MIX, 1):
        target = folder / f"{number}.jpg"
        if target.exists():
            continue
        with Image.open(DEMO_PHOTOS / name) as image:
            pixels = numpy.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC), dtype=numpy.float32)
        # Enlarged photos are smoother than a camera's: grain gives back the work of decoding.
        grained = numpy.clip(pixels + noise.normal(0, 4, pixels.shape), 0, 255).astype(numpy.uint8)
        part = target.with_suffix(".part")
        Image.fromarray(grained).save(part, "JPEG", quality=85, progressive=progressive, subsampling=subsampling)
        part.rename(target)
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in (".jpg", ".jpeg"))


def described(folder: Path) -> list[str]:
    """A line for each photo."""
    lines = []
    for file in files(folder):
        with Image.open(file) as image:
            kind = "progressive" if image.info.get("progressive") else "baseline"
            lines.append(f"{image.width} × {image.height} {kind}, {file.stat().st_size / 1000:.0f} kB")
    return lines
