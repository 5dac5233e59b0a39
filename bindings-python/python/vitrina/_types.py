"""What a server answers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ._html import products_html


class _Plain:
    """A value that can be had as plain dictionaries and lists."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The same values in a dictionary, all the way down; prices stay `Decimal`."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True, slots=True)
class Category(_Plain):
    """A category of the shop: `parent` is the number of the one that it is part of, `translations` are its names by language."""

    id: int
    name: str
    parent: int | None = None
    translations: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Highlights(_Plain):
    """Where the words of a query are in a product: pairs of start and end, as slices count characters."""

    name: list[tuple[int, int]]
    description: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Codes(_Plain):
    """The codes by which a product or a variant is known outside the shop; `gtin` is its EAN, UPC or ISBN."""

    sku: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    others: list[str] = field(default_factory=list, hash=False)


@dataclass(frozen=True, slots=True)
class Texts(_Plain):
    """The name and the description of a product in one language."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Variant(_Plain):
    """A variant of a product, such as a size or a colour; what it leaves out is as in the product.

    `key` is unique within the product. `attributes` are those that distinguish it from the others.
    """

    key: str | None = None
    codes: Codes = Codes()
    attributes: dict[str, list[str]] = field(default_factory=dict, hash=False)
    price: Decimal | None = None
    sale_price: Decimal | None = None
    sale_from: int | None = None
    sale_until: int | None = None
    stock: int | None = None
    availability: str | None = None
    photo_url: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Product(_Plain):
    """A product of the shop.

    `stock` is None where the shop does not count pieces. `photo_url` is the photo's complete address (from a server) or
    file path (from a `Shop`); `photo_urls` are those of all photos. `similarity`, -1 to 1, says how alike the photos look, the
    best of the product and its variants, in answers to a photo or product. `resemblance` says the same in words: "nearly_same", "similar", or None where the photos
    have little in common. `highlights` says where the words are in it, in answers to words.

    `key` is the shop's own, `url` the product's page in the shop. `categories` are paths from the root, the main one first;
    `category` is the name of the main one. `attributes` are texts by name. The reduced price `sale_price` applies from
    `sale_from` to `sale_until`; times are seconds since 1970. `availability` is "in_stock", "out_of_stock", "preorder" or
    "backorder", where the shop states it. `translations` are by language (`en`).

    `matched_variant`, in answers to words, is the one of `variants` that the words, a code or the filter ask for, and in
    answers to a photo the one whose photo is the most similar; None where they tell none. Show its photo, price and link in
    place of the product's, as far as it has them.

    `version` stands for everything that the product has, for `if_version` of a later write; None in lists and in answers to
    searches. Products compare equal without it.
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
    resemblance: str | None = None
    key: str | None = None
    url: str | None = None
    codes: Codes = Codes()
    categories: list[list[str]] = field(default_factory=list, hash=False)
    attributes: dict[str, list[str]] = field(default_factory=dict, hash=False)
    photo_urls: list[str] = field(default_factory=list, hash=False)
    sale_price: Decimal | None = None
    sale_from: int | None = None
    sale_until: int | None = None
    availability: str | None = None
    tags: list[str] = field(default_factory=list, hash=False)
    popularity: float | None = None
    translations: dict[str, Texts] = field(default_factory=dict, hash=False)
    updated_at: int | None = None
    variants: list[Variant] = field(default_factory=list, hash=False)
    matched_variant: Variant | None = None
    version: str | None = field(default=None, compare=False)

    def _repr_html_(self) -> str:
        return products_html([self])


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

    def _repr_html_(self) -> str:
        return products_html(self.products)


@dataclass(frozen=True, slots=True)
class OffersUpdated(_Plain):
    """What a batch of changes did: how many found their product, and the numbers and keys that no product has."""

    updated: int
    missing: list[int | str]


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
class ValueCount(_Plain):
    """How many products have a value of an attribute."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class AttributeCounts(_Plain):
    """The most frequent values of an attribute, and how many products have them."""

    name: str
    values: list[ValueCount]


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
    attributes: list[AttributeCounts] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnderstoodPart(_Plain):
    """A part of a query that was understood and not looked for.

    `kind` is `filler`, `max_price`, `min_price`, `price_range`, `cheap`, `expensive` or `best`; `search_text` with the
    `token` in `ignore` looks for the words instead.
    """

    kind: str
    text: str
    token: str
    min_price: Decimal | None = None
    max_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TextAnswer(_Plain):
    """The answer to words: the categories that they mean, a page of products, how many there are in all.

    There may be more than `total` where `total_is_exact` is false. `predictions` are the categories that the words point
    to, with scores. `did_you_mean` is the query put right where it seems misspelt. `instead` names categories to look into
    when nothing was found. `facets` are there when they were asked for. `understood` is what was read from the query beside
    the words that were looked for; no product of the shop has the words in `unknown`.
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
    understood: list[UnderstoodPart] = dataclasses.field(default_factory=list)
    unknown: list[str] = dataclasses.field(default_factory=list)

    def _repr_html_(self) -> str:
        about = "" if self.total_is_exact else "at least "
        return products_html(self.products, f"{about}{self.total} products · {', '.join(self.categories)}")


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

    def _repr_html_(self) -> str:
        seen = ", ".join(f"{seen.category} {seen.score:.0%}" for seen in self.predictions)
        return products_html(self.products, seen or "nothing that the shop sells")


@dataclass(frozen=True, slots=True)
class Readiness(_Plain):
    """Whether a server can do its work, and how each dependency is: `ok`, or what is wrong with it."""

    ready: bool
    dependencies: dict[str, str]

    def __bool__(self) -> bool:
        return self.ready


@dataclass(frozen=True, slots=True)
class ImportReport(_Plain):
    """What an import did: products written, categories made, photos classified."""

    products: int
    categories: int
    photos: int
