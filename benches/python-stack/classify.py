"""From the bytes of a photo to labels: Pillow and ONNX Runtime, one thread."""

import io
import json

import numpy
import onnxruntime
from PIL import Image

SIZE, CROP = 224, 256


def decode(photo: bytes) -> numpy.ndarray:
    """Decodes at a reduced size (`draft`), resizes the shorter side, cuts the middle out, normalizes."""
    with Image.open(io.BytesIO(photo)) as image:
        image.draft("RGB", (CROP, CROP))
        image = image.convert("RGB")
    width, height = image.size
    # The square of the middle that becomes the model's input, resized in one step.
    side = min(width, height) * SIZE / CROP
    left, top = (width - side) / 2, (height - side) / 2
    image = image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
    pixels = (numpy.asarray(image, dtype=numpy.float32) - 127.0) / 128.0
    return pixels.transpose(2, 0, 1)[numpy.newaxis]


class Classifier:
    def __init__(self, model: str, labels: str):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        with open(labels, encoding="utf-8") as file:
            self.labels = [entry["id"] for entry in json.load(file)]

    def __call__(self, photo: bytes) -> list[tuple[str, float]]:
        """Returns the ten best labels with their probabilities."""
        logits = self.session.run(["logits"], {"input": numpy.ascontiguousarray(decode(photo))})[0][0]
        scores = numpy.exp(logits - logits.max())
        scores /= scores.sum()
        best = numpy.argsort(scores)[::-1][:10]
        return [(self.labels[at], float(scores[at])) for at in best]
