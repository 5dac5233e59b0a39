"""Photos in whatever form they come."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, Union

if TYPE_CHECKING:
    from PIL.Image import Image

Photo = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO, "Image"]
"""A path, the bytes of an image file, a file opened in binary mode, or an image of Pillow."""

_FORMS = "a path, the bytes of an image file, a file opened in binary mode, or a PIL image"


def photo_bytes(photo: Photo) -> bytes:
    """The photo as the bytes of an image file."""
    if isinstance(photo, (str, os.PathLike)):
        with open(photo, "rb") as file:
            return file.read()
    if isinstance(photo, (bytes, bytearray, memoryview)):
        return bytes(photo)
    if _is_image(photo):
        return _encode(photo)
    read = getattr(photo, "read", None)
    if read is None:
        hint = ": make it one with PIL.Image.fromarray" if hasattr(photo, "__array_interface__") else ""
        raise TypeError(f"a photo is {_FORMS}, not {type(photo).__name__}{hint}")
    content = read()
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"the file gives {type(content).__name__}, not bytes: open it in binary mode")
    return bytes(content)


def _is_image(photo: object) -> bool:
    # Whoever has a PIL image has imported it; nobody else needs Pillow.
    pil = sys.modules.get("PIL.Image")
    return pil is not None and isinstance(photo, pil.Image)


def _encode(image: Any) -> bytes:
    """A PIL image upright, as PNG where it has transparency and as JPEG otherwise."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    encoded = io.BytesIO()
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image.convert("RGBA").save(encoded, "PNG", compress_level=1)
    else:
        if image.mode.startswith("I"):
            # 16 bits a pixel, which a plain conversion would cut off at white.
            image = image.convert("I").point(lambda value: value / 256).convert("L")
        image.convert("RGB").save(encoded, "JPEG", quality=95)
    return encoded.getvalue()
