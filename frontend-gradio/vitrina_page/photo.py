"""The photo box: choose, drop, paste or take a photo. It is uploaded to the page's server, or classified in
the browser, which then sends the labels and the embedding alone.

A custom component over `gr.HTML`: Gradio's image component opens every upload with Pillow. Here the bytes go
to the shop unread, and the shop decides what is a photo.
"""

from __future__ import annotations

import base64
import binascii
import re
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from .photo_search import Classified, Photo, Submitted, Upload
from .search import Problem
from .texts import TEXTS

ASSETS = Path(__file__).parent / "assets"
# Bounds the disk space that uploads take; the shop has a limit of its own.
MAX_UPLOAD_MB = 16

# The shop's own limits of labels and of a model's name, and more than the embedding of any model takes.
MAX_LABELS = 1000
MAX_MODEL = 255
MAX_TASK = 64
MAX_EMBEDDING_BYTES = 4 * 8192

_UPLOAD_PROBLEMS = {"too_large": "too_large", "camera": "camera", "unsupported": "unsupported"}


def both(key: str) -> str:
    """A text in both languages; the style sheet shows the one of the page."""
    spanish, english = TEXTS[key]
    return (
        f'<span class="vt-es" lang="es">{escape(spanish)}</span>'
        f'<span class="vt-en" lang="en">{escape(english)}</span>'
    )


def template(name: str, **values: str) -> str:
    """The HTML of an asset: `[[key]]` stands for one of `values`, or for a text in both languages."""
    html = (ASSETS / f"{name}.html").read_text(encoding="utf-8")
    filled = {key: both(key) for key in TEXTS} | values
    return re.sub(r"\[\[(\w+)\]\]", lambda place: filled[place[1]], html)


def script(*names: str) -> str:
    """The page's scripts of these names, to run in one scope."""
    return "\n".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in names)


def photo_box(on_device: bool, examples: bool) -> gr.HTML:
    """The component. Its value is None, `{"path", "name"}` of an upload, `{"task"}` of a photo that the shop
    has, `{"classified", "name"}` of a photo that the browser classified, or `{"error"}`.

    Its events are `upload`, for all of these, and `clear`. Without `on_device` no classifier is offered,
    and without `examples` no photos to try.
    """
    kept_es, kept_en = map(escape, TEXTS["photo_kept"])
    return gr.HTML(
        value=None,
        html_template=template(
            "photo",
            kept_es=kept_es,
            kept_en=kept_en,
            max_bytes=str(MAX_UPLOAD_MB * 1024 * 1024),
            device_hidden="" if on_device else "hidden",
            examples_hidden="" if examples else "hidden",
        ),
        js_on_load=script("device", "photo", "examples"),
        apply_default_css=False,
        elem_id="vt-photo",
    )


def chosen(value: Any) -> Photo | Problem | None:
    """Returns the photo that the photo box holds, a problem that it met, or None.

    The value comes from the browser: a path outside the upload folder is refused.
    """
    if not isinstance(value, dict):
        return None
    if "error" in value:
        return Problem(_UPLOAD_PROBLEMS.get(str(value["error"]), "upload"))
    if "classified" in value:
        return classified(value["classified"])
    if "task" in value:
        return Submitted(str(value["task"])[:MAX_TASK])
    path = value.get("path")
    if not isinstance(path, str) or "\0" in path:
        return None
    file = Path(path).resolve()
    folder = Path(get_upload_folder()).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        # Uploads are deleted after a while; choosing the photo again helps.
        return Problem("upload")
    return Upload(str(file))


def classified(value: Any) -> Classified | Problem:
    """Returns what a browser sent, `{"labels": [{"label", "score"}], "embedding", "model"}`, if valid."""
    try:
        labels = tuple((str(one["label"]), float(one["score"])) for one in value["labels"][:MAX_LABELS])
        embedding = base64.b64decode(value.get("embedding") or "", validate=True)
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        return Problem("invalid")
    model = value.get("model")
    if (
        len(embedding) > MAX_EMBEDDING_BYTES
        or not isinstance(model, str | None)
        or len(model or "") > MAX_MODEL
    ):
        return Problem("invalid")
    return Classified(labels, embedding or None, model or None)
