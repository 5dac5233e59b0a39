"""What a server answers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class _Plain:
    """A value that can be had as plain dictionaries and lists."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The same values in a dictionary, all the way down; prices stay `Decimal`."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True, slots=True)
class Category(_Plain):
    """A shelf of the shop."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Product(_Plain):
    """A product of the shop.

    `stock` is None where the shop does not count pieces. `photo_url` is the photo's complete address (from a server) or
    file path (from a `Shop`). `similarity`, -1 to 1, says how alike the photos look, in answers to a photo or product.
    """

    id: int
    name: str
    description: str
    brand: str | None
    price: Decimal
    category: str | None
    stock: int | None
    in_stock: bool
    photo_url: str | None
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Prediction(_Plain):
    """A category that a photo shows: its number, its name, and how likely, 0 to 1."""

    label: int
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class ProductPage(_Plain):
    """A page of products; `next_cursor` asks for the next one and is None on the last."""

    products: list[Product]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TextAnswer(_Plain):
    """The answer to words: the categories that they mean, a page of products, how many there are in all."""

    categories: list[str]
    products: list[Product]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ImageAnswer(_Plain):
    """The answer to a photo: its categories, the likeliest first, and their products, the most similar first."""

    categories: list[str]
    predictions: list[Prediction]
    products: list[Product]


@dataclass(frozen=True, slots=True)
class Readiness(_Plain):
    """Whether a server can do its work, and how each dependency is: `ok`, or what is wrong with it."""

    ready: bool
    dependencies: dict[str, str]

    def __bool__(self) -> bool:
        return self.ready


@dataclass(frozen=True, slots=True)
class ImportReport(_Plain):
    """What an import did: products written, categories made, photos recognised."""

    products: int
    categories: int
    photos: int
