"""The network in 8-bit integers, from the weights alone: no calibration pictures, no runtime.

What activations can be follows from the network itself:

- behind ReLU6 they lie in [0, 6]. At scale 6/255 an unsigned byte saturates just there, so the Clip nodes fall away.
- a projection has no activation; its BatchNorm gives each channel mean `beta` and deviation `|gamma|`, so
  `beta ± 4|gamma|` holds nearly all of it. Where a block adds its input, means and variances add up.
- the input is a byte already: `(pixel - 127) / 128` is the integer `pixel` at scale 1/128 and zero point 127.

Weights are symmetric, one scale a channel. The pairs of QuantizeLinear and DequantizeLinear around each convolution are what
runtimes turn into integer convolutions: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html.
The classifier's weights are stored in bytes and computed in floats, by Cast and Mul, which runtimes fold when they load.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import network
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

# How many deviations of a projection's output are told apart.
DEVIATIONS = 4.0
# A channel whose weights vanish still has a bias, which must fit into 32 bits with room to add up in.
LARGEST_BIAS = 2.0**30


class Spread(NamedTuple):
    """What a linear output is like, channel by channel."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


class Quantizer:
    """Rewrites the nodes of the float network one by one, in their order."""

    def __init__(self, model: onnx.ModelProto, weights: Mapping[str, NDArray[Any]]) -> None:
        self.weights = weights
        self.floats = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.scales: dict[str, np.float32] = {}
        self.spreads: dict[str, Spread] = {}
        # the tensors that stand for those of the float network
        self.names: dict[str, str] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def quantized(self, x: str, stands_for: str, low: float, high: float) -> None:
        """`x` rounded to a byte and back, in place of the float network's `stands_for`."""
        scale = np.float32((high - low) / 255.0)
        zero = np.uint8(np.clip(np.rint(-low / float(scale)), 0, 255))
        pair = [self.constant(f"{x}.scale", np.asarray(scale)), self.constant(f"{x}.zero", np.asarray(zero))]
        self.node("QuantizeLinear", [x, *pair], f"{x}.quantized")
        self.names[stands_for] = self.node("DequantizeLinear", [f"{x}.quantized", *pair], f"{x}.dequantized")
        self.scales[self.names[stands_for]] = scale

    def spread(self, x: str, spread: Spread) -> None:
        """`x` over the range that its channels' spread gives it."""
        self.spreads[x] = spread
        reach = DEVIATIONS * np.sqrt(spread.variance)
        low, high = float((spread.mean - reach).min()), float((spread.mean + reach).max())
        self.quantized(x, x, min(low, 0.0), max(high, 0.0))

    def convolution(self, node: onnx.NodeProto, follower: onnx.NodeProto | None) -> None:
        x = self.names[node.input[0]]
        kernel, bias = (self.floats[name].astype(np.float64) for name in node.input[1:3])
        input_scale = float(self.scales[x])
        largest = np.abs(kernel).max(axis=(1, 2, 3))
        scale = np.maximum(largest / 127.0, np.abs(bias) / (LARGEST_BIAS * input_scale)).astype(np.float32)
        scale = np.maximum(scale, np.finfo(np.float32).tiny)
        integers = np.clip(np.rint(kernel / scale[:, None, None, None]), -127, 127).astype(np.int8)
        bias_scale = (input_scale * scale).astype(np.float32)
        name = node.output[0]
        weight = self.dequantized(f"{name}.weight", integers, scale)
        offset = self.dequantized(f"{name}.bias", np.rint(bias / bias_scale).astype(np.int32), bias_scale)
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        self.node("Conv", [x, weight, offset], name, **attributes)
        if follower is not None and follower.op_type == "Clip":
            self.quantized(name, follower.output[0], 0.0, 6.0)
        else:
            self.spread(name, self.projection(name))

    def dequantized(self, name: str, integers: NDArray[Any], scale: NDArray[np.float32]) -> str:
        inputs = [
            self.constant(f"{name}.integers", integers),
            self.constant(f"{name}.scale", scale),
            self.constant(f"{name}.zero", np.zeros(len(scale), integers.dtype)),
        ]
        return self.node("DequantizeLinear", inputs, name, axis=0)

    def projection(self, name: str) -> Spread:
        norm = f"_{name}".replace(".project_conv", "._bn2")
        gamma, beta = (self.weights[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias"))
        return Spread(beta, gamma * gamma)

    def addition(self, node: onnx.NodeProto) -> None:
        one, other = (self.spreads[name] for name in node.input)
        self.node("Add", [self.names[name] for name in node.input], node.output[0])
        self.spread(node.output[0], Spread(one.mean + other.mean, one.variance + other.variance))

    def classifier(self, node: onnx.NodeProto) -> None:
        weight = self.floats[node.input[1]].astype(np.float64)
        scale = (np.abs(weight).max(axis=1, keepdims=True) / 127.0).astype(np.float32)
        integers = np.rint(weight / scale).astype(np.int8)
        as_floats = self.node(
            "Cast", [self.constant("fc.weight.integers", integers)], "fc.weight.cast", to=onnx.TensorProto.FLOAT
        )
        weights = self.node("Mul", [as_floats, self.constant("fc.weight.scale", scale)], "fc.weight")
        bias = self.constant("fc.bias", self.floats[node.input[2]])
        self.node("Gemm", [node.input[0], weights, bias], node.output[0], transB=1)

    def rewrite(self, graph: onnx.GraphProto) -> None:
        self.quantized("input", "input", -127.0 / 128.0, 1.0)
        followers = {name: node for node in graph.node for name in node.input}
        for node in graph.node:
            if node.op_type == "Conv":
                self.convolution(node, followers.get(node.output[0]))
            elif node.op_type == "Add":
                self.addition(node)
            elif node.op_type == "Gemm":
                self.classifier(node)
            elif node.op_type != "Clip":  # pooling and flattening go on in floats
                inputs = [self.names.get(name, name) for name in node.input]
                attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
                self.node(node.op_type, inputs, node.output[0], **attributes)


def build(weights: Mapping[str, NDArray[Any]], architecture: network.Architecture) -> onnx.ModelProto:
    """The whole network, with the inputs and outputs of `network.build`."""
    floats = network.build(weights, architecture)
    quantizer = Quantizer(floats, weights)
    quantizer.rewrite(floats.graph)
    graph = helper.make_graph(
        quantizer.nodes,
        floats.graph.name,
        list(floats.graph.input),
        list(floats.graph.output),
        quantizer.initializers,
    )
    model = helper.make_model(
        graph,
        opset_imports=list(floats.opset_import),
        ir_version=floats.ir_version,
        producer_name=floats.producer_name,
    )
    onnx.checker.check_model(model, full_check=True)
    return model
