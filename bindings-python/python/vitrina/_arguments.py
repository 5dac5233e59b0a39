"""Arguments as people write them, in the form that the native module takes."""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Literal, TypedDict, Union

Price = Union[Decimal, int, float, str]
"""An amount of money such as `Decimal("12.99")`, `12.99` or `"12.99"`."""

CategoryName = Union[str, int, "Sequence[str | int]"]
"""A category by its name or number, or several of them."""

ProductName = Union[int, str]
"""A product by its number, or by the shop's own key."""

Attributes = Mapping[str, Union[str, "Sequence[str]"]]
"""Values by the names of attributes: products have one of the values of each, as `{"color": ["rojo", "azul"]}`."""

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
    attributes: dict[str, list[str]]


class Listing(TypedDict):
    """Which products, in what order, how many."""

    filter: Filter
    limit: int | None
    cursor: str | None
    page: int | None
    sort: str | None
    facets: bool | list[str]
    ignore: list[str]


class Narrowing(TypedDict):
    """Words that the products for a photo must be found by too, and which products."""

    query: str
    filter: Filter


def filtering(
    category: CategoryName | None,
    brand: str | Sequence[str] | None,
    min_price: Price | None,
    max_price: Price | None,
    in_stock: bool | None,
    attributes: Attributes | None = None,
) -> Filter:
    """The keywords by which every search can be filtered."""
    return {
        "categories": [] if category is None else [category] if isinstance(category, (str, int)) else list(category),
        "brands": [] if brand is None else [brand] if isinstance(brand, str) else list(brand),
        "min_price": None if min_price is None else str(min_price),
        "max_price": None if max_price is None else str(max_price),
        "in_stock": bool(in_stock),
        "attributes": {
            name: [values] if isinstance(values, str) else list(values) for name, values in (attributes or {}).items()
        },
    }


def listing(
    filter: Filter,
    limit: int | None,
    cursor: str | None,
    sort: str | None,
    facets: bool | Sequence[str] = False,
    ignore: Sequence[str] = (),
    page: int | None = None,
) -> Listing:
    """What `products` and `search_text` are asked for."""
    return {
        "filter": filter,
        "limit": limit,
        "cursor": cursor,
        "page": page,
        "sort": sort,
        "facets": facets if isinstance(facets, bool) else list(facets),
        "ignore": list(ignore),
    }


def narrowing(query: str | None, filter: Filter) -> Narrowing:
    """What narrows the products for a photo."""
    return {"query": query or "", "filter": filter}


def named_product(product: ProductName, fields: Mapping[str, Any]) -> str:
    """A product with the number or the key that names it."""
    return dictionary({**fields, "id" if isinstance(product, int) else "key": product})


def dictionary(fields: Mapping[str, Any]) -> str:
    """A product, or a change of one, as the native module reads it."""
    return json.dumps(dict(fields), default=_plain)


def dictionaries(products: Iterable[Mapping[str, Any]]) -> str:
    """Several of them."""
    return json.dumps([dict(product) for product in products], default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.astimezone()).timestamp())
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=timezone.utc).timestamp())
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a product holds text and numbers, not {type(value).__name__}")


def embedding_bytes(embedding: Embedding | None) -> bytes | None:
    """An embedding as little-endian 4-byte floats."""
    if embedding is None or isinstance(embedding, bytes):
        return embedding
    if isinstance(embedding, str):
        return base64.b64decode(embedding, validate=True)
    numbers = [float(number) for number in embedding]
    return struct.pack(f"<{len(numbers)}f", *numbers)


def import_options(
    format: str | None, mapping: Mapping[str, Any] | None, prune: bool, max_removals: float, replace_demo: bool | None
) -> str:
    """How a server is to import a file, as JSON."""
    options = {"format": format, "mapping": None if mapping is None else dict(mapping), "replace_demo": replace_demo}
    return json.dumps({**options, "max_removals": max_removals if prune else None})
