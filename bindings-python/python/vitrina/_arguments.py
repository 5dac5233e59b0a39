"""Arguments as people write them, in the form that the native module takes."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, TypedDict, Union

Price = Union[Decimal, int, float, str]
"""An amount of money such as `Decimal("12.99")`, `12.99` or `"12.99"`."""

CategoryName = Union[str, int, "Sequence[str | int]"]
"""A category by its name or number, or several of them."""

Sort = Union[
    Literal["relevance"], Literal["price_asc"], Literal["price_desc"], Literal["name"], Literal["newest"]
]
"""An order of products."""

Embedding = Union[str, bytes, "Iterable[float]"]
"""What a photo looks like: numbers, their little-endian 4-byte form, or that in base64."""


class Listing(TypedDict):
    """Which products, in what order, how many: complete, with lists and text for what may be written in many ways."""

    limit: int | None
    cursor: str | None
    categories: list[str | int]
    brands: list[str]
    min_price: str | None
    max_price: str | None
    in_stock: bool
    sort: str | None
    facets: bool


def listing(
    limit: int | None,
    cursor: str | None,
    category: CategoryName | None,
    brand: str | Sequence[str] | None,
    min_price: Price | None,
    max_price: Price | None,
    in_stock: bool | None,
    sort: str | None,
    facets: bool = False,
) -> Listing:
    """What `products` and `search_text` are asked for."""
    return {
        "limit": limit,
        "cursor": cursor,
        "categories": [] if category is None else [category] if isinstance(category, (str, int)) else list(category),
        "brands": [] if brand is None else [brand] if isinstance(brand, str) else list(brand),
        "min_price": None if min_price is None else str(min_price),
        "max_price": None if max_price is None else str(max_price),
        "in_stock": bool(in_stock),
        "sort": sort,
        "facets": facets,
    }


def embedding_bytes(embedding: Embedding | None) -> bytes | None:
    """An embedding as little-endian 4-byte floats."""
    if embedding is None or isinstance(embedding, bytes):
        return embedding
    if isinstance(embedding, str):
        return base64.b64decode(embedding, validate=True)
    numbers = [float(number) for number in embedding]
    return struct.pack(f"<{len(numbers)}f", *numbers)
