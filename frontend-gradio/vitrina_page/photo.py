"""The photo box: choose, drop, paste or take a photo, which goes to the page's server for the search; or it
stays where it is, classified in the browser, and only what it shows goes on.

A component of our own over `gr.HTML`, since Gradio's image box opens every upload with Pillow and answers in
its own words. Here the bytes go on to the shop, and the shop decides what is a photo.
"""

from __future__ import annotations

import base64
import binascii
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from .search import Problem, Recognised
from .texts import TEXTS

ASSETS = Path(__file__).parent / "assets"
# The shop has its own, smaller limit and tells it; this one bounds what the page's disk takes.
MAX_UPLOAD_MB = 16

# The shop's own limit of scores; and more numbers than any model's embedding has.
MAX_LABELS = 1000
MAX_EMBEDDING_BYTES = 4 * 8192

_UPLOAD_PROBLEMS = {"too_large": "too_large", "camera": "camera", "unsupported": "unsupported"}


def both(key: str) -> str:
    """A sentence in both languages; the style sheet shows the one of the browser."""
    spanish, english = TEXTS[key]
    return (
        f'<span class="vt-es" lang="es">{escape(spanish)}</span>'
        f'<span class="vt-en" lang="en">{escape(english)}</span>'
    )


def photo_box(on_device: bool) -> gr.HTML:
    """The component. Its value is nothing, `{"path", "name"}` of an upload, `{"recognised", "name"}` of a
    photo that the browser classified, or `{"error"}`.

    Its events are `upload`, for all of these, and `clear`. Without `on_device` no classifier is offered.
    """
    template = (ASSETS / "photo.html").read_text(encoding="utf-8")
    for key in TEXTS:
        template = template.replace(f"[[{key}]]", both(key))
    template = template.replace("[[max_bytes]]", str(MAX_UPLOAD_MB * 1024 * 1024))
    template = template.replace("[[device_hidden]]", "" if on_device else "hidden")
    scripts = (
        (ASSETS / name).read_text(encoding="utf-8") for name in ("device.js", "photo.js", "examples.js")
    )
    return gr.HTML(
        value=None,
        html_template=template,
        js_on_load="\n".join(scripts),
        apply_default_css=False,
        elem_id="vt-photo",
    )


def chosen(value: Any) -> str | Recognised | Problem | None:
    """The uploaded file that the photo box names, what the browser recognised, a problem it met, or nothing.

    The value comes from the browser: a path outside the upload folder is no upload, whoever names it.
    """
    if not isinstance(value, dict):
        return None
    if "error" in value:
        return Problem(_UPLOAD_PROBLEMS.get(str(value["error"]), "upload"))
    if "recognised" in value:
        return recognised(value["recognised"])
    path = value.get("path")
    if not isinstance(path, str) or "\0" in path:
        return None
    file = Path(path).resolve()
    folder = Path(get_upload_folder()).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        # Uploads are cleared away after a while; choosing the photo again helps.
        return Problem("upload")
    return str(file)


def recognised(value: Any) -> Recognised | Problem:
    """What a browser sent, `{"labels": [{"label", "score"}], "embedding"}`, if it makes sense."""
    try:
        labels = tuple((str(one["label"]), float(one["score"])) for one in value["labels"][:MAX_LABELS])
        embedding = base64.b64decode(value.get("embedding") or "", validate=True)
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        return Problem("invalid")
    if len(embedding) > MAX_EMBEDDING_BYTES:
        return Problem("invalid")
    return Recognised(labels, embedding or None)
