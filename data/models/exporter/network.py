"""EfficientNet-Lite as an ONNX graph, built by hand from the weights.

The network: Tan and Le, "EfficientNet" (https://arxiv.org/abs/1905.11946), in the Lite variants that TensorFlow
published (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite): no squeeze-and-excitation,
ReLU6 for swish, and neither the stem, the head nor the number of blocks at both ends grows with the variant. The weights' names are those of the PyTorch port that they were saved from, `_blocks.3._bn1.weight`.
The operators: https://onnx.ai/onnx/operators/, opset 13.

Every number is folded in float64 by additions, products, quotients and square roots, which IEEE 754 defines to the last
bit, and nothing here depends on a clock or a version: the same weights give the same bytes on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CLASSES = 1000
EMBEDDING_LENGTH = 1280
BATCH_NORM_EPSILON = 1e-3
OPSET = 13
IR_VERSION = 7


class Stage(NamedTuple):
    """Blocks of one shape; only the first of them strides and changes the number of channels."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    inputs: int
    outputs: int


class Architecture(NamedTuple):
    """A variant: the side of the pictures that it was trained for, and its stages."""

    name: str
    image_size: int
    stages: tuple[Stage, ...]


LITE0 = Architecture(
    "efficientnet_lite0",
    224,
    (
        Stage(1, 3, 1, 1, 32, 16),
        Stage(2, 3, 2, 6, 16, 24),
        Stage(2, 5, 2, 6, 24, 40),
        Stage(3, 3, 2, 6, 40, 80),
        Stage(3, 5, 1, 6, 80, 112),
        Stage(4, 5, 2, 6, 112, 192),
        Stage(1, 3, 1, 6, 192, 320),
    ),
)


def scaled(name: str, image_size: int, width: float, depth: float) -> Architecture:
    """Lite0 with so many times the channels and blocks.

    Channels are rounded to the nearest eight, blocks up. The stem keeps its channels, and the stages at both ends their
    single block: `round_filters` and `round_repeats` of TensorFlow's efficientnet_model.py, with `fix_head_stem`.
    """
    stages: list[Stage] = []
    for stage in LITE0.stages:
        at_an_end = stage in (LITE0.stages[0], LITE0.stages[-1])
        repeats = stage.repeats if at_an_end else math.ceil(stage.repeats * depth)
        inputs = stages[-1].outputs if stages else stage.inputs
        outputs = int(stage.outputs * width + 4) // 8 * 8
        stages.append(stage._replace(repeats=repeats, inputs=inputs, outputs=outputs))
    return Architecture(name, image_size, tuple(stages))


LITE1 = scaled("efficientnet_lite1", 240, width=1.0, depth=1.1)
LITE2 = scaled("efficientnet_lite2", 260, width=1.1, depth=1.2)
ARCHITECTURES = {architecture.name: architecture for architecture in (LITE0, LITE1, LITE2)}


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME padding (before, after) of one dimension.

    The odd pixel goes after, at the bottom and right. Symmetric padding shifts every strided layer by a pixel, and
    costs accuracy without a word. Source: the notes of https://www.tensorflow.org/api_docs/python/tf/nn.
    """
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class GraphBuilder:
    """Appends nodes, and keeps track of the picture's side, which SAME padding depends on."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], image_size: int) -> None:
        self.weights = weights
        self.size = image_size
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.constant("relu6_min", np.float32(0.0))
        self.constant("relu6_max", np.float32(6.0))

    def constant(self, name: str, value: NDArray[Any] | np.float32) -> str:
        self.initializers.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, x: str, conv: str, norm: str, *, stride: int = 1, groups: int = 1, relu6: bool = True) -> str:
        """A convolution with its BatchNorm folded in, and ReLU6 behind it unless it projects."""
        kernel = self.weights[f"{conv}.weight"].astype(np.float64)
        gamma, beta, mean, variance = (
            self.weights[f"{norm}.{name}"].astype(np.float64)
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        side = kernel.shape[-1]
        before, after = same_padding(self.size, side, stride)
        self.size = -(-self.size // stride)

        name = conv.removeprefix("_").replace("._", ".")
        output = self.node(
            "Conv",
            [
                x,
                self.constant(f"{name}.weight", kernel * scale[:, None, None, None]),
                self.constant(f"{name}.bias", beta - mean * scale),
            ],
            name,
            group=groups,
            kernel_shape=[side, side],
            pads=[before, before, after, after],
            strides=[stride, stride],
        )
        return self.node("Clip", [output, "relu6_min", "relu6_max"], f"{name}.relu6") if relu6 else output

    def block(self, x: str, index: int, stage: Stage, *, first: bool) -> str:
        """An inverted residual: expand, convolve each channel, project; added to its input where the shapes agree."""
        prefix = f"_blocks.{index}"
        inputs, stride = (stage.inputs, stage.stride) if first else (stage.outputs, 1)
        hidden = inputs * stage.expansion
        y = x
        if stage.expansion != 1:
            y = self.convolution(y, f"{prefix}._expand_conv", f"{prefix}._bn0")
        y = self.convolution(y, f"{prefix}._depthwise_conv", f"{prefix}._bn1", stride=stride, groups=hidden)
        y = self.convolution(y, f"{prefix}._project_conv", f"{prefix}._bn2", relu6=False)
        if stride == 1 and inputs == stage.outputs:
            y = self.node("Add", [y, x], f"blocks.{index}.add")
        return y


def build(weights: Mapping[str, NDArray[Any]], architecture: Architecture) -> onnx.ModelProto:
    """The whole network: `input` [N,3,size,size] to `logits` [N,1000] and `embedding` [N,1280]."""
    graph = GraphBuilder(weights, architecture.image_size)
    x = graph.convolution("input", "_conv_stem", "_bn0", stride=2)
    index = 0
    for stage in architecture.stages:
        for repeat in range(stage.repeats):
            x = graph.block(x, index, stage, first=repeat == 0)
            index += 1
    x = graph.convolution(x, "_conv_head", "_bn1")
    x = graph.node("GlobalAveragePool", [x], "pool")
    x = graph.node("Flatten", [x], "embedding", axis=1)
    classifier = [graph.constant(f"fc.{name}", weights[f"_fc.{name}"]) for name in ("weight", "bias")]
    graph.node("Gemm", [x, *classifier], "logits", transB=1)

    def tensor(name: str, *shape: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])

    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            architecture.name,
            [tensor("input", 3, architecture.image_size, architecture.image_size)],
            [tensor("logits", CLASSES), tensor("embedding", EMBEDDING_LENGTH)],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="vitrina",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def serialize(model: onnx.ModelProto) -> bytes:
    content: bytes = model.SerializeToString(deterministic=True)
    return content
