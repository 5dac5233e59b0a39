"""Whether the manifests hold the centers that follow from the weights."""

import base64

import center
import export
import numpy as np
import pytest


@pytest.mark.parametrize(
    "model", sorted(path.parent.name for path in export.MODELS.glob("efficientnet_*/*.onnx") if "int8" not in path.name)
)
def test_the_manifest_holds_the_center_of_the_weights(model: str) -> None:
    assert export.read_manifest(model)["outputs"]["embedding_center"] == center.of_model(model)


def test_the_expected_value_is_that_of_drawn_numbers() -> None:
    mean, deviation = np.array([-1.0, 0.5, 4.0, 7.0]), np.array([1.0, 2.0, 3.0, 0.5])
    drawn = np.random.default_rng(0).normal(mean, deviation, (200_000, 4)).clip(0.0, 6.0).mean(axis=0)
    assert np.allclose(center.expected_relu6(mean, deviation), drawn, atol=0.02)


def test_a_center_has_a_byte_for_each_number() -> None:
    outputs = export.read_manifest("efficientnet_lite0")["outputs"]
    assert len(base64.b64decode(outputs["embedding_center"])) == outputs["embedding_length"]
