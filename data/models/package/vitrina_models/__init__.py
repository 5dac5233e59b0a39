"""The model of Vitrina's search by photo, as files."""

from __future__ import annotations

from pathlib import Path


def path() -> Path:
    """The folder of the model: what `--model`, MODEL_PATH and `Shop.open(model=…)` take."""
    return Path(__file__).resolve().parent / "efficientnet_lite1_lite2"
