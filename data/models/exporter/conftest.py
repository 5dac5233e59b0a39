"""What the tests of the exporter share."""

from __future__ import annotations

from typing import Any

import export
import numpy as np
import pytest
import weights


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    return export.read_manifest()


@pytest.fixture(scope="session")
def state(manifest: dict[str, Any]) -> dict[str, np.ndarray]:
    """The network's weights, by the names that its makers gave them."""
    source = manifest["source"]
    return weights.load(export.weights_path(source), source["sha256"])
