"""The network with its large kernels in 8-bit integers and its arithmetic in floats: a quarter to send, for browsers.

Integers are symmetric, one scale an output channel. Kernels of few weights are stored as half floats: those of the
depthwise convolutions and of the first blocks weigh little, and rounded to bytes they would make most of the error.
Cast and Mul make floats of both; runtimes fold these when they load, so a pass costs what it costs in floats.
(DequantizeLinear would not be folded: ONNX Runtime keeps it for integer arithmetic.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import network
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# A kernel of fewer weights than this stays a float: every depthwise one, and all of the first six blocks.
FEW_WEIGHTS = 32768


def integers(weight: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The weights as integers from -127 to 127, and the scale of each output channel, which is the first dimension."""
    weight = weight.astype(np.float64)
    largest = np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True)
    # a channel whose weights vanish still wants a scale
    scale = np.maximum(largest / 127.0, np.finfo(np.float32).tiny).astype(np.float32)
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


def build(weights: Mapping[str, NDArray[Any]], architecture: network.Architecture) -> onnx.ModelProto:
    """The whole network, with the inputs and outputs of `network.build`."""
    model = network.build(weights, architecture)
    nodes: list[onnx.NodeProto] = []
    initializers: list[onnx.TensorProto] = []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.ndim < 2:  # biases, and the bounds of ReLU6
            initializers.append(tensor)
            continue
        name = tensor.name
        if value.size < FEW_WEIGHTS:
            initializers.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
            nodes.append(helper.make_node("Cast", [f"{name}.half"], [name], name=name, to=TensorProto.FLOAT))
            continue
        stored, scale = integers(value)
        initializers += [
            numpy_helper.from_array(stored, f"{name}.integers"),
            numpy_helper.from_array(scale, f"{name}.scale"),
        ]
        cast = f"{name}.cast"
        nodes += [
            helper.make_node("Cast", [f"{name}.integers"], [cast], name=cast, to=TensorProto.FLOAT),
            helper.make_node("Mul", [cast, f"{name}.scale"], [name], name=name),
        ]
    nodes += model.graph.node
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(initializers)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return model
