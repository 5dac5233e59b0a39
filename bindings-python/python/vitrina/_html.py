"""Products as HTML, for notebooks."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._types import Product

_SHOWN = 24
"""How many products are shown at most."""

_MAX_PHOTO = 512 * 1024
"""The largest photo file that is put into the HTML, in bytes: a notebook keeps what it shows."""


def products_html(products: Iterable[Product], heading: str = "") -> str:
    """A row of cards: photo, name, brand, price."""
    listed = list(products)
    cards = "".join(_card(product) for product in listed[:_SHOWN])
    more = f"<p>… and {len(listed) - _SHOWN} more</p>" if len(listed) > _SHOWN else ""
    title = f"<p>{escape(heading)}</p>" if heading else ""
    return f'{title}<div style="display:flex;flex-wrap:wrap;gap:12px">{cards}</div>{more}'


def _card(product: Product) -> str:
    photo = _source(product.photo_url)
    box = "width:140px;height:140px;object-fit:contain;background:#f4f4f4"
    picture = f'<img src="{escape(photo)}" alt="" loading="lazy" style="{box}">' if photo else f'<div style="{box}"></div>'
    details = " · ".join(part for part in (product.brand, product.category) if part)
    stock = "" if product.in_stock else ' <span style="opacity:.6">out of stock</span>'
    return (
        f'<div style="width:140px;font-size:13px">{picture}<div><b>{escape(product.name)}</b></div>'
        f'<div style="opacity:.7">{escape(details)}</div><div>{product.price}{stock}</div></div>'
    )


def _source(photo: str | None) -> str | None:
    """What an `img` loads: a URL as it is, a file as a data URL."""
    if photo is None or photo.startswith(("http://", "https://")):
        return photo
    file = Path(photo)
    media_type = mimetypes.guess_type(file.name)[0]
    if media_type is None or not media_type.startswith("image/"):
        return None
    try:
        if file.stat().st_size > _MAX_PHOTO:
            return None
        content = file.read_bytes()
    except OSError:
        return None
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
