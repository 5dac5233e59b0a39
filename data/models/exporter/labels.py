"""Write `imagenet_labels.json`: the 1,000 classes in the network's order, with WordNet ids and English names.

    pip download --no-deps timm==1.0.31
    python data/models/exporter/labels.py timm-1.0.31-py3-none-any.whl

The names are WordNet's own, from two lists in the PyPI wheel `timm` (Apache-2.0; the wheel is read, not installed, so
torch stays away). The order is that of the sorted ids, as everywhere since the ILSVRC 2012 challenge.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import TypedDict

LABELS = Path(__file__).resolve().parent.parent / "imagenet_labels.json"
CLASSES = 1000


class Label(TypedDict):
    id: str
    name: str
    synonyms: list[str]


def read(wheel: Path) -> list[Label]:
    with zipfile.ZipFile(wheel) as archive:
        ids = archive.read("timm/data/_info/imagenet_synsets.txt").decode().split()
        lines = archive.read("timm/data/_info/imagenet_synset_to_lemma.txt").decode().splitlines()
    if len(ids) != CLASSES or ids != sorted(set(ids)):
        raise ValueError("the ids are not the 1,000 of ImageNet in their order")
    names = dict(line.split("\t", 1) for line in lines)
    labels: list[Label] = []
    for wordnet_id in ids:
        name, *synonyms = names[wordnet_id].split(", ")
        labels.append({"id": wordnet_id, "name": name, "synonyms": synonyms})
    return labels


def main(wheel: Path) -> None:
    lines = ",\n".join(f"  {json.dumps(label, ensure_ascii=False)}" for label in read(wheel))
    LABELS.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
