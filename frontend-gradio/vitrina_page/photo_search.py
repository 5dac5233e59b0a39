"""Photos to search by, and facet counts, filters and order for the products that a photo finds.

The shop returns those as one ranked list without facets, so they are counted, filtered and sorted here.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from vitrina import BrandCount, CategoryCount, Facets, PriceCount

from .attributes import counted, has_attributes, without_attribute
from .categories import is_of, paths_of
from .filters import NO_FILTERS, Filters, PriceRange, Sort
from .offers import price_now

if TYPE_CHECKING:
    from vitrina import ImageAnswer, Product

# Where price ranges begin, as in the facets of a search by words.
_PRICE_STEPS = tuple(Decimal(step) for step in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000))
_CENT = Decimal("0.01")

# A classified photo stays in the browser; in a URL its key begins like this.
LOCAL = "local-"


@dataclass(frozen=True)
class Upload:
    """A file that the visitor uploaded and that the shop has not classified yet."""

    path: str


@dataclass(frozen=True)
class Submitted:
    """A photo that the shop has, by the ID of its task."""

    task: str


@dataclass(frozen=True)
class Classified:
    """A photo that the browser classified: labels, the likeliest first, the embedding and its model."""

    labels: tuple[tuple[str, float], ...]
    embedding: bytes | None
    model: str | None = None


Photo: TypeAlias = "Upload | Submitted | Classified"


def photo_key(photo: Photo | None) -> str | None:
    """Returns what stands for the photo in a URL, or None for an upload, which has no key yet."""
    if isinstance(photo, Submitted):
        return photo.task
    if isinstance(photo, Classified):
        content = repr(photo.labels).encode() + (photo.embedding or b"")
        return LOCAL + hashlib.sha256(content).hexdigest()[:16]
    return None


def split(answer: ImageAnswer) -> tuple[list[Product], list[Product]]:
    """Splits a photo's products into those that are similar or of a predicted category, and the others.

    Where nothing was predicted, all of them are similar.
    """
    similar: list[Product] = []
    others: list[Product] = []
    for product in answer.products:
        fits = not answer.categories or product.category in answer.categories or product.resemblance
        (similar if fits else others).append(product)
    return similar, others


def narrowed(products: Sequence[Product], filters: Filters, sort: Sort) -> tuple[Product, ...]:
    """Returns the products that pass the filters, sorted; by relevance they stay as they are."""
    passing = [product for product in products if _passes(product, filters)]
    if sort in ("price_asc", "price_desc"):
        passing.sort(key=price_now, reverse=sort == "price_desc")
    elif sort == "name":
        passing.sort(key=lambda product: product.name.casefold())
    elif sort == "newest":
        passing.sort(key=lambda product: product.id, reverse=True)
    return tuple(passing)


def facets(products: Sequence[Product], filters: Filters) -> Facets:
    """Counts facets; each count leaves its own facet's filter out (disjunctive facets)."""
    by_category = _passing(products, replace(filters, categories=()))
    by_brand = _passing(products, replace(filters, brands=()))
    by_price = _passing(products, replace(filters, price=None))
    by_stock = _passing(products, replace(filters, in_stock=False))
    in_stock = sum(product.in_stock for product in by_stock)
    return Facets(
        categories=[
            CategoryCount(0, path, n)
            for path, n in _counted(path for product in by_category for path in paths_of(product))
        ],
        brands=[BrandCount(name, n) for name, n in _counted(product.brand for product in by_brand)],
        prices=[
            PriceCount(span.min, span.max, n)
            for span, n in sorted(
                Counter(_price_range(price_now(product)) for product in by_price).items(),
                key=lambda counted: counted[0].min,
            )
        ],
        in_stock=in_stock,
        out_of_stock=len(by_stock) - in_stock,
        attributes=counted(
            products,
            lambda name: _passing(
                products, replace(filters, attributes=without_attribute(filters.attributes, name))
            ),
        ),
    )


def _passing(products: Sequence[Product], filters: Filters) -> list[Product]:
    return [product for product in products if _passes(product, filters)]


def _passes(product: Product, filters: Filters) -> bool:
    if filters == NO_FILTERS:
        return True
    price = filters.price
    return (
        (not filters.categories or any(is_of(product, category) for category in filters.categories))
        and (not filters.brands or product.brand in filters.brands)
        and (price is None or price.min <= price_now(product) <= (price.max or price_now(product)))
        and (not filters.in_stock or product.in_stock)
        and has_attributes(product, filters.attributes)
    )


def _counted(values: Iterable[str | None]) -> list[tuple[str, int]]:
    """Values with their counts, the most frequent first."""
    counted = Counter(value for value in values if value)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _price_range(price: Decimal) -> PriceRange:
    at = max(bisect_right(_PRICE_STEPS, price) - 1, 0)
    low = _PRICE_STEPS[at].quantize(_CENT)
    last = at + 1 == len(_PRICE_STEPS)
    return PriceRange(low, None if last else _PRICE_STEPS[at + 1] - _CENT)
