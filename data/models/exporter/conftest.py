"""What the tests of the exporter share."""

from __future__ import annotations

from typing import Any

import export
import network
import numpy as np
import pytest
import weights


@pytest.fixture(scope="session", params=network.ARCHITECTURES.values(), ids=lambda architecture: architecture.name)
def architecture(request: pytest.FixtureRequest) -> network.Architecture:
    """Each of the models, one after the other."""
    variant: network.Architecture = request.param
    return variant


@pytest.fixture(scope="session")
def blocks(architecture: network.Architecture) -> int:
    return {"efficientnet_lite0": 16, "efficientnet_lite1": 21, "efficientnet_lite2": 21}[architecture.name]


@pytest.fixture(scope="session")
def manifest(architecture: network.Architecture) -> dict[str, Any]:
    return export.read_manifest(architecture.name)


@pytest.fixture(scope="session")
def state(manifest: dict[str, Any]) -> dict[str, np.ndarray]:
    """The network's weights, by the names that its makers gave them."""
    source = manifest["source"]
    return weights.load(export.weights_path(source), source["sha256"])
