"""Tests of the committed files that Rust, Python and the browser read. They need pytest alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ALL = sorted(HERE.glob("*/manifest.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


ENSEMBLES = [path for path in ALL if "members" in read(path)]
MANIFESTS = [path for path in ALL if path not in ENSEMBLES]


def test_all_models_are_described() -> None:
    names = ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2", "mobilenet_v2", "squeezenet1_1"]
    assert [path.parent.name for path in MANIFESTS] == names
    pairs = ["lite0_lite1", "lite0_lite2", "lite1_lite2"]
    assert [path.parent.name for path in ENSEMBLES] == [f"efficientnet_{pair}" for pair in pairs]


@pytest.mark.parametrize("path", ENSEMBLES, ids=lambda path: path.parent.name)
def test_an_ensemble_names_its_members(path: Path) -> None:
    manifest = read(path)
    assert set(manifest) == {"name", "version", "members"}
    assert manifest["name"] == path.parent.name
    members = [read(path.parent / member / "manifest.json") for member in manifest["members"]]
    assert path.parent.name == "efficientnet_" + "_".join(member["name"].removeprefix("efficientnet_") for member in members)
    assert len({member["labels"] for member in members}) == 1
    assert all(member["outputs"]["embedding"] for member in members)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
def test_a_manifest_has_what_readers_rely_on(path: Path) -> None:
    manifest = read(path)
    assert set(manifest) == {"name", "version", "source", "files", "input", "preprocessing", "outputs", "labels"}
    assert manifest["name"] == path.parent.name
    assert (path.parent / manifest["labels"]).is_file()

    assert manifest["files"]
    for file in manifest["files"]:
        assert set(file) == {"precision", "file", "sha256", "bytes"}
        assert Path(file["file"]).name == file["file"]
        assert file["sha256"] is None or re.fullmatch("[0-9a-f]{64}", file["sha256"])

    assert manifest["input"]["layout"] == "NCHW"
    assert manifest["input"]["channels"] in ("RGB", "BGR")

    settings = manifest["preprocessing"]
    assert settings["filter"] in ("bicubic_antialias", "bilinear_antialias")
    assert len(settings["mean"]) == len(settings["std"]) == 3
    assert settings["scale"] > 0 and min(settings["std"]) > 0
    match settings["resize"]:
        case "crop":
            assert 0 < settings["crop_fraction"] <= 1
        case "shorter_side":
            assert settings["shorter_side"] >= max(manifest["input"]["width"], manifest["input"]["height"])
        case other:
            pytest.fail(f"unknown resize {other!r}")

    outputs = manifest["outputs"]
    assert outputs["activation"] in ("softmax", "none")
    assert (outputs["embedding"] is None) == (outputs["embedding_length"] is None)


def test_labels_are_the_thousand_classes_in_order() -> None:
    labels = read(HERE / "imagenet_labels.json")
    ids = [label["id"] for label in labels]
    assert len(ids) == 1000 and ids == sorted(set(ids))
    assert all(re.fullmatch(r"n\d{8}", wordnet_id) for wordnet_id in ids)
    assert all(label["name"].strip() == label["name"] != "" for label in labels)
    # classes everyone knows the index of; "crane" shows that names repeat
    known = {0: "tench", 134: "crane", 281: "tabby", 517: "crane", 620: "laptop", 999: "toilet tissue"}
    assert {index: labels[index]["name"] for index in known} == known


def test_the_known_answers_are_classes() -> None:
    names = {label["id"]: label["name"] for label in read(HERE / "imagenet_labels.json")}
    photos = read(HERE / "golden.json")["photos"]
    assert len({photo["file"] for photo in photos}) == len(photos) >= 12
    assert all(names[photo["id"]] == photo["name"] for photo in photos)
