"""Filters and sort order, validated as the browser sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

Sort = Literal["relevance", "price_asc", "price_desc", "name", "newest"]
SORTS: tuple[Sort, ...] = get_args(Sort)

# Nobody chooses more by hand.
MAX_CHOSEN = 40
MAX_NAME = 200


@dataclass(frozen=True)
class PriceRange:
    """From one price to another, both inclusive; without a `max`, from `min` on."""

    min: Decimal
    max: Decimal | None

    def __str__(self) -> str:
        """The form that `price_range` reads: "20.00:49.99", "5000.00:"."""
        return f"{self.min}:{'' if self.max is None else self.max}"


@dataclass(frozen=True)
class Filters:
    """Only products of one of these categories, of one of these brands, in this range of prices, in stock."""

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price: PriceRange | None = None
    in_stock: bool = False

    def __len__(self) -> int:
        """How many values are chosen."""
        return len(self.categories) + len(self.brands) + (self.price is not None) + self.in_stock

    def arguments(self) -> dict[str, Any]:
        """The arguments for the client; what is not chosen is None."""
        return {
            "category": list(self.categories) or None,
            "brand": list(self.brands) or None,
            "min_price": self.price.min if self.price else None,
            "max_price": self.price.max if self.price else None,
            "in_stock": self.in_stock or None,
        }


NO_FILTERS = Filters()


def filters(sent: Mapping[str, Any]) -> Filters:
    """Returns the filters that the browser sent; invalid ones are left out."""
    return Filters(
        categories=_names(sent.get("categories")),
        brands=_names(sent.get("brands")),
        price=price_range(sent.get("price")),
        in_stock=sent.get("in_stock") is True,
    )


def without(filters: Filters, facet: str, value: object) -> Filters:
    """Returns the filters without one value of a facet (`category`, `brand`, `price`, `stock`)."""
    if facet == "category":
        return replace(filters, categories=tuple(name for name in filters.categories if name != value))
    if facet == "brand":
        return replace(filters, brands=tuple(name for name in filters.brands if name != value))
    if facet == "price":
        return replace(filters, price=None)
    return replace(filters, in_stock=False) if facet == "stock" else filters


def sort(sent: object) -> Sort:
    """Returns the order that the browser sent; by relevance if it is unknown."""
    return next((known for known in SORTS if known == sent), "relevance")


def price_range(sent: object) -> PriceRange | None:
    """Returns a range as `PriceRange` writes it, or None."""
    if not isinstance(sent, str) or len(sent) > MAX_NAME:
        return None
    low, _, high = sent.partition(":")
    try:
        lowest, highest = Decimal(low), Decimal(high) if high else None
    except InvalidOperation:
        return None
    given = [lowest] if highest is None else [lowest, highest]
    return PriceRange(lowest, highest) if all(one.is_finite() and one >= 0 for one in given) else None


def _names(sent: object) -> tuple[str, ...]:
    if not isinstance(sent, list):
        return ()
    names = [name for name in sent[:MAX_CHOSEN] if isinstance(name, str) and 0 < len(name) <= MAX_NAME]
    return tuple(dict.fromkeys(names))
