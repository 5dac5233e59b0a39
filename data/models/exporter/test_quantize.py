"""Tests of the network in bytes. They need what requirements.txt lists, and pytest."""

from __future__ import annotations

from typing import Any

import export
import network
import numpy as np
import onnx
import pytest
import quantize
from onnx import numpy_helper


@pytest.fixture(scope="module")
def model(state: dict[str, np.ndarray], architecture: network.Architecture) -> onnx.ModelProto:
    return quantize.build(state, architecture)


@pytest.fixture(scope="module")
def constants(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def by_output(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    return {node.output[0]: node for node in model.graph.node}


def test_the_export_is_deterministic_and_the_manifests(
    model: onnx.ModelProto, state: dict[str, np.ndarray], manifest: dict[str, Any], architecture: network.Architecture
) -> None:
    content = network.serialize(model)
    assert content == network.serialize(quantize.build(state, architecture))
    expected = next(file for file in manifest["files"] if file["precision"] == "int8")
    assert (export.sha256(content), len(content)) == (expected["sha256"], expected["bytes"])


def test_every_convolution_stands_between_bytes(model: onnx.ModelProto, blocks: int) -> None:
    nodes = by_output(model)
    followers: dict[str, list[str]] = {}
    for node in model.graph.node:
        for name in node.input:
            followers.setdefault(name, []).append(node.op_type)
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    assert len(convolutions) == 3 * blocks + 1
    for node in convolutions:
        assert [nodes[name].op_type for name in node.input] == ["DequantizeLinear"] * 3
        # without it a runtime computes the convolution in floats, and says nothing
        assert followers[node.output[0]] == ["QuantizeLinear"]
    assert not [node for node in model.graph.node if node.op_type == "Clip"]


def test_relu6_is_where_a_byte_saturates(model: onnx.ModelProto, constants: dict[str, np.ndarray]) -> None:
    assert constants["conv_stem.scale"] == np.float32(6.0 / 255.0)
    assert constants["conv_stem.zero"] == 0


def test_the_input_is_the_pixels(constants: dict[str, np.ndarray]) -> None:
    assert constants["input.scale"] == np.float32(1.0 / 128.0)
    assert constants["input.zero"] == 127


def test_every_bias_leaves_room_to_add_up_in(constants: dict[str, np.ndarray], blocks: int) -> None:
    biases = [value for name, value in constants.items() if name.endswith(".bias.integers")]
    assert len(biases) == 3 * blocks + 1
    assert max(int(np.abs(bias.astype(np.int64)).max()) for bias in biases) <= 1.001 * quantize.LARGEST_BIAS


def test_the_ranges_of_a_sum_hold_those_of_its_parts(
    state: dict[str, np.ndarray], constants: dict[str, np.ndarray], architecture: network.Architecture
) -> None:
    floats = network.build(state, architecture)
    quantizer = quantize.Quantizer(floats, state)
    quantizer.rewrite(floats.graph)
    parts = [quantizer.spreads[f"blocks.{index}.project_conv"] for index in (1, 2)]
    whole = quantizer.spreads["blocks.2.add"]
    np.testing.assert_allclose(whole.variance, parts[0].variance + parts[1].variance)
    np.testing.assert_allclose(whole.mean, parts[0].mean + parts[1].mean)
    reach = quantize.DEVIATIONS * np.sqrt(whole.variance)
    span = float((whole.mean + reach).max() - (whole.mean - reach).min())
    assert constants["blocks.2.add.scale"] == np.float32(span / 255.0)


def test_in_and_out_it_is_like_the_float_network(
    model: onnx.ModelProto, state: dict[str, np.ndarray], architecture: network.Architecture
) -> None:
    def described(values: Any) -> list[bytes]:
        return [value.SerializeToString() for value in values]

    floats = network.build(state, architecture).graph
    assert described(model.graph.input) == described(floats.input)
    assert described(model.graph.output) == described(floats.output)
