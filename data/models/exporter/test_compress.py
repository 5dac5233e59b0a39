"""Tests of the network with its weights in bytes. They need what requirements.txt lists, and pytest."""

from __future__ import annotations

from typing import Any

import compress
import export
import network
import numpy as np
import onnx
import pytest
from onnx import numpy_helper


@pytest.fixture(scope="module")
def model(state: dict[str, np.ndarray], architecture: network.Architecture) -> onnx.ModelProto:
    return compress.build(state, architecture)


@pytest.fixture(scope="module")
def floats(state: dict[str, np.ndarray], architecture: network.Architecture) -> onnx.GraphProto:
    return network.build(state, architecture).graph


def test_the_export_is_deterministic_and_the_manifests(
    model: onnx.ModelProto, state: dict[str, np.ndarray], manifest: dict[str, Any], architecture: network.Architecture
) -> None:
    content = network.serialize(model)
    assert content == network.serialize(compress.build(state, architecture))
    expected = next(file for file in manifest["files"] if file["precision"] == "int8_weights")
    assert (export.sha256(content), len(content)) == (expected["sha256"], expected["bytes"])


def test_every_weight_is_within_half_a_step(model: onnx.ModelProto, floats: onnx.GraphProto, blocks: int) -> None:
    floating = {tensor.name: numpy_helper.to_array(tensor) for tensor in floats.initializer}
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    kernels = {name: value for name, value in floating.items() if value.ndim > 1}
    assert len(kernels) == 3 * blocks + 2  # the first block does not expand; stem, head and classifier
    for name, value in kernels.items():
        if f"{name}.half" in stored:
            np.testing.assert_array_equal(stored[f"{name}.half"], value.astype(np.float16))
            continue
        scale = stored[f"{name}.scale"]
        assert stored[f"{name}.integers"].dtype == np.int8
        assert np.all(np.abs(stored[f"{name}.integers"] * scale - value) <= 0.5001 * scale)


def test_depthwise_kernels_stay_floats(model: onnx.ModelProto, floats: onnx.GraphProto, blocks: int) -> None:
    stored = {tensor.name for tensor in model.graph.initializer}
    depthwise = [node.input[1] for node in floats.node if "depthwise" in node.name and node.input]
    assert len(convolutions := [name for name in depthwise if name.endswith("conv.weight")]) == blocks
    assert all(f"{name}.half" in stored for name in convolutions)


def test_the_rest_is_the_float_network(model: onnx.ModelProto, floats: onnx.GraphProto) -> None:
    made = [node for node in model.graph.node if node.op_type not in ("Cast", "Mul")]
    assert made == list(floats.node)
    assert list(model.graph.input) == list(floats.input)
    assert list(model.graph.output) == list(floats.output)
    biases = [tensor for tensor in floats.initializer if len(tensor.dims) < 2]
    assert [tensor for tensor in model.graph.initializer if tensor in biases] == biases


def test_a_channel_of_zeros_has_a_scale() -> None:
    stored, scale = compress.integers(np.zeros((2, 3, 1, 1), np.float32))
    assert not stored.any()
    assert scale.shape == (2, 1, 1, 1)
    assert (scale > 0).all()
