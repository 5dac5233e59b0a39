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
class Highlights(_Plain):
    """Where the words of a query are in a product: pairs of start and end, as slices count characters."""

    name: list[tuple[int, int]]
    description: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Product(_Plain):
    """A product of the shop.

    `stock` is None where the shop does not count pieces. `photo_url` is the photo's complete address (from a server) or
    file path (from a `Shop`). `similarity`, -1 to 1, says how alike the photos look, in answers to a photo or product.
    `highlights` says where the words are in it, in answers to words.
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
    highlights: Highlights | None = None


@dataclass(frozen=True, slots=True)
class Prediction(_Plain):
    """A category that a photo shows or that words point to: its number, its name, and how likely, 0 to 1."""

    label: int
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class ProductPage(_Plain):
    """A page of products; `next_cursor` asks for the next one and is None on the last."""

    products: list[Product]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CategoryCount(_Plain):
    """How many products are of a category."""

    label: int
    category: str
    count: int


@dataclass(frozen=True, slots=True)
class BrandCount(_Plain):
    """How many products are of a brand."""

    brand: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceCount(_Plain):
    """How many products cost from `min` to `max`, both inclusive; `max` is None in the last range."""

    min: Decimal
    max: Decimal | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets(_Plain):
    """How many of the products found have what.

    Each count says how many there would be with this value in place of what the filter asks for.
    """

    categories: list[CategoryCount]
    brands: list[BrandCount]
    prices: list[PriceCount]
    in_stock: int
    out_of_stock: int


@dataclass(frozen=True, slots=True)
class TextAnswer(_Plain):
    """The answer to words: the categories that they mean, a page of products, how many there are in all.

    There may be more than `total` where `total_is_exact` is false. `predictions` are the categories that the words point
    to, with scores. `did_you_mean` is the query put right where it seems misspelt. `instead` names categories to look into
    when nothing was found. `facets` are there when they were asked for.
    """

    categories: list[str]
    products: list[Product]
    total: int
    next_cursor: str | None
    total_is_exact: bool = True
    predictions: list[Prediction] = dataclasses.field(default_factory=list)
    did_you_mean: str | None = None
    instead: list[str] = dataclasses.field(default_factory=list)
    facets: Facets | None = None


@dataclass(frozen=True, slots=True)
class Suggestions(_Plain):
    """How a half-typed query may go on: whole queries, categories of such names, products with the words so far."""

    queries: list[str]
    categories: list[Category]
    products: list[Product]


@dataclass(frozen=True, slots=True)
class ImageAnswer(_Plain):
    """The answer to a photo: its categories, the likeliest first, and their products, the most similar first.

    Where the photo shows nothing that the shop sells, `not_sold` is true: there are no categories, and the products are
    those that look most like it all the same.
    """

    categories: list[str]
    predictions: list[Prediction]
    products: list[Product]
    not_sold: bool = False


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
