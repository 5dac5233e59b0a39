"""How far the classifier in the browser agrees with the server's: `python agreement.py PHOTOS [--count 100]`.

Photos of a folder, evenly picked, go through headless Chromium, and through the `vitrina` command and the
Python reference in each precision; and through a whole shop by photo and by what the browser saw. Needs what
`stage` and `data/models/reference.py` need. MODEL_PATH names another model, with which the browser's module
must have been built.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stage import ROOT, headless_browser, server_binary, shoe_photo, shop

sys.path.insert(0, str(ROOT / "data/models"))
import reference
import vitrina

if TYPE_CHECKING:
    from playwright.sync_api import Page

MODEL = Path(os.environ.get("MODEL_PATH", ROOT / "data/models/efficientnet_lite1_lite2"))
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
LATER = 5

Seen: TypeAlias = "tuple[str, NDArray[np.float32]]"
"""The first label of a photo, and its embedding."""

CLASSIFY = """async (photo) => {
    window.deviceModule ??= import("/browser/vitrina.js");
    const { createClassifier, predictionRequest } = await window.deviceModule;
    window.classifier ??= createClassifier();
    const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0));
    const recognition = await (await window.classifier).classify(new Blob([bytes]));
    return { ...predictionRequest(recognition), timings: recognition.timings };
}"""


def picked(folder: Path, count: int) -> list[Path]:
    """So many of the folder's photos, evenly spread over their names."""
    photos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    return [photos[at * len(photos) // count] for at in range(count)] if len(photos) > count else photos


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The cosine of two embeddings."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def in_browser(page: Page, photos: list[Path]) -> list[dict[str, Any]]:
    """What the browser says of each photo: the body of `POST /search/prediction`, and the times."""
    return [page.evaluate(CLASSIFY, base64.b64encode(photo.read_bytes()).decode()) for photo in photos]


def of_browser(said: list[dict[str, Any]]) -> list[Seen]:
    """What the browser saw."""
    return [(one["labels"][0]["label"], floats(one["embedding"])) for one in said]


def of_python(photos: list[Path], precision: str) -> list[Seen]:
    """What the reference sees with a file of the model."""
    model = reference.Model(MODEL, precision)
    answers = [model.run(reference.decode(photo)) for photo in photos]
    return [(model.labels[int(scores.argmax())]["id"], embedding) for scores, embedding in answers]


def of_rust(photos: list[Path], precision: str) -> list[Seen]:
    """What `vitrina classify` sees with a file of the model."""
    command = [str(server_binary()), "classify", "--json", "--precision", precision, *map(str, photos)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    answers = [json.loads(line) for line in lines]
    return [(one["labels"][0]["label"], floats(one["embedding"])) for one in answers]


def floats(encoded: str) -> NDArray[np.float32]:
    """An embedding as it travels."""
    return np.frombuffer(base64.b64decode(encoded), "<f4")


def compare_models(photos: list[Path], said: list[dict[str, Any]]) -> None:
    """A table of labels and embeddings, every way beside every other."""
    manifest = json.loads((MODEL / "manifest.json").read_text("utf-8"))
    if "members" in manifest:
        manifest = json.loads((MODEL / manifest["members"][0] / "manifest.json").read_text("utf-8"))
    precisions = [file["precision"] for file in manifest["files"]]
    ways = {f"Rust, {precision}": of_rust(photos, precision) for precision in precisions}
    ways |= {f"Python, {precision}": of_python(photos, precision) for precision in precisions}
    ways |= {"browser": of_browser(said)}
    print(f"of {len(photos)} photos the same first label; mean and least cosine of the embeddings")
    print(" | ".join(["", *list(ways)[1:]]))
    for at, (name, seen) in enumerate(ways.items()):
        others = list(ways.values())[1:]
        cells = [agreement(seen, other) if place >= at else "" for place, other in enumerate(others)]
        if any(cells):
            print(" | ".join([name, *cells]))


def agreement(seen: list[Seen], other: list[Seen]) -> str:
    """How two ways agree on the same photos."""
    pairs = list(zip(seen, other, strict=True))
    same = sum(one[0] == another[0] for one, another in pairs)
    alike = [cosine(one[1], another[1]) for one, another in pairs]
    return f"{same}; {statistics.mean(alike):.4f}, {min(alike):.4f}"


def compare_shops(server: str, photos: list[Path], said: list[dict[str, Any]]) -> None:
    """The first category that the shop answers, to the photo and to what the browser saw in it."""
    client = vitrina.Client(server)
    same = 0
    for photo, browser in zip(photos, said, strict=True):
        labels = [(one["label"], one["score"]) for one in browser["labels"]]
        ours = client.search_prediction(labels=labels, embedding=browser["embedding"]).categories[:1]
        same += ours == client.search_image(photo).categories[:1]
    print(f"  the shop: same first category {same} of {len(photos)}")


def times(page: Page, address: str) -> None:
    """From the switch to products on the page, and from a further photo to its products."""
    page.goto(address)
    page.wait_for_selector(".vt-card")
    started = time.perf_counter()
    page.get_by_role("switch").check()
    page.set_input_files("#vt-file", shoe_photo())
    page.wait_for_selector(".vt-predictions li")
    print(f"     page: first products {time.perf_counter() - started:.2f} s after the switch")
    later = []
    for _ in range(LATER):
        page.locator(".vt-remove").click()
        page.wait_for_selector(".vt-filters")
        started = time.perf_counter()
        page.set_input_files("#vt-file", shoe_photo())
        page.wait_for_selector(".vt-predictions li")
        later.append(time.perf_counter() - started)
    print(f"     page: further photos {1000 * statistics.median(later):.0f} ms to products")


def main() -> int:
    """Starts a shop, classifies the photos in every way, prints how far they agree."""
    parser = argparse.ArgumentParser(description="how far browser and server agree")
    parser.add_argument("photos", type=Path, help="a folder of photos")
    parser.add_argument("--count", type=int, default=100, help="how many of them (default: %(default)s)")
    parser.add_argument("--precision", help="the server's (default: what it chooses)")
    options = parser.parse_args()
    flags = ("--precision", options.precision) if options.precision else ()
    photos = picked(options.photos, options.count) if options.photos.is_dir() else []
    if not photos:
        print(f"NOT MEASURED: there are no photos in {options.photos}", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as folder,
        headless_browser() as browser,
        shop(Path(folder), flags) as (server, served),
    ):
        times(browser.new_page(), served.url)
        page = browser.new_page()
        page.goto(served.url)
        said = in_browser(page, photos)
        for stage in ("decode", "prepare", "infer"):
            taken = [one["timings"][stage] for one in said[1:]]
            print(f"{stage:>9}: {statistics.median(taken):.0f} ms, at most {max(taken):.0f}")
        compare_models(photos, said)
        compare_shops(server.url, photos, said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
