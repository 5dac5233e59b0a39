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


class Filter(TypedDict):
    """Which products: complete, with lists and text for what may be written in many ways."""

    categories: list[str | int]
    brands: list[str]
    min_price: str | None
    max_price: str | None
    in_stock: bool


class Listing(TypedDict):
    """Which products, in what order, how many."""

    filter: Filter
    limit: int | None
    cursor: str | None
    sort: str | None
    facets: bool


class Narrowing(TypedDict):
    """Words that the products for a photo must be found by too, and which products."""

    query: str
    filter: Filter


class Draft(TypedDict):
    """A product to be written: complete, its price as text."""

    id: int | None
    name: str
    description: str
    brand: str | None
    price: str
    category: str | int | None
    stock: int | None


def filtering(
    category: CategoryName | None,
    brand: str | Sequence[str] | None,
    min_price: Price | None,
    max_price: Price | None,
    in_stock: bool | None,
) -> Filter:
    """The keywords by which every search can be filtered."""
    return {
        "categories": [] if category is None else [category] if isinstance(category, (str, int)) else list(category),
        "brands": [] if brand is None else [brand] if isinstance(brand, str) else list(brand),
        "min_price": None if min_price is None else str(min_price),
        "max_price": None if max_price is None else str(max_price),
        "in_stock": bool(in_stock),
    }


def listing(filter: Filter, limit: int | None, cursor: str | None, sort: str | None, facets: bool = False) -> Listing:
    """What `products` and `search_text` are asked for."""
    return {"filter": filter, "limit": limit, "cursor": cursor, "sort": sort, "facets": facets}


def narrowing(query: str | None, filter: Filter) -> Narrowing:
    """What narrows the products for a photo."""
    return {"query": query or "", "filter": filter}


def draft(
    name: str,
    price: Price,
    id: int | None = None,
    description: str = "",
    brand: str | None = None,
    category: str | int | None = None,
    stock: int | None = None,
) -> Draft:
    """A product as `put_product` and `put_products` take it."""
    return {
        "id": id,
        "name": name,
        "description": description,
        "brand": brand,
        "price": str(price),
        "category": category,
        "stock": stock,
    }


def embedding_bytes(embedding: Embedding | None) -> bytes | None:
    """An embedding as little-endian 4-byte floats."""
    if embedding is None or isinstance(embedding, bytes):
        return embedding
    if isinstance(embedding, str):
        return base64.b64decode(embedding, validate=True)
    numbers = [float(number) for number in embedding]
    return struct.pack(f"<{len(numbers)}f", *numbers)
