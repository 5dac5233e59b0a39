"""Filters and sort order, validated as the browser sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeAlias, get_args

Sort = Literal["relevance", "price_asc", "price_desc", "name", "newest"]
SORTS: tuple[Sort, ...] = get_args(Sort)

# Nobody chooses more by hand.
MAX_CHOSEN = 40
MAX_NAME = 200

# What the name of an attribute begins with in forms and URLs, where names of other filters stand beside it.
ATTRIBUTE = "a."

# Values by the name of their attribute.
Attributes: TypeAlias = "tuple[tuple[str, tuple[str, ...]], ...]"


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
    """Only products of one of these categories, of one of these brands, in this range of prices, in stock,
    and with one of the values of each of these attributes.
    """

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price: PriceRange | None = None
    in_stock: bool = False
    attributes: Attributes = ()

    def __len__(self) -> int:
        """How many values are chosen."""
        of_attributes = sum(len(values) for _, values in self.attributes)
        return (
            len(self.categories) + len(self.brands) + (self.price is not None) + self.in_stock + of_attributes
        )

    def arguments(self) -> dict[str, Any]:
        """The arguments for the client; what is not chosen is None."""
        return {
            "category": list(self.categories) or None,
            "brand": list(self.brands) or None,
            "min_price": self.price.min if self.price else None,
            "max_price": self.price.max if self.price else None,
            "in_stock": self.in_stock or None,
            "attributes": {name: list(values) for name, values in self.attributes} or None,
        }


NO_FILTERS = Filters()


def filters(sent: Mapping[str, Any]) -> Filters:
    """Returns the filters that the browser sent; invalid ones are left out."""
    return Filters(
        categories=_names(sent.get("categories")),
        brands=_names(sent.get("brands")),
        price=price_range(sent.get("price")),
        in_stock=sent.get("in_stock") is True,
        attributes=_attributes(sent.get("attributes")),
    )


def without(filters: Filters, facet: str, value: object) -> Filters:
    """Returns the filters without one value of a facet (`category`, `brand`, `price`, `stock`, `a.Color`)."""
    if facet == "category":
        return replace(filters, categories=tuple(name for name in filters.categories if name != value))
    if facet == "brand":
        return replace(filters, brands=tuple(name for name in filters.brands if name != value))
    if facet == "price":
        return replace(filters, price=None)
    if facet.startswith(ATTRIBUTE):
        pairs = [(name, one) for name, values in filters.attributes for one in values]
        left = [list(pair) for pair in pairs if pair != (facet.removeprefix(ATTRIBUTE), value)]
        return replace(filters, attributes=_attributes(left))
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
    return tuple(dict.fromkeys(name for name in sent[:MAX_CHOSEN] if _is_name(name)))


def _attributes(sent: object) -> Attributes:
    """Attributes with their values, from pairs of a name and a value."""
    if not isinstance(sent, list):
        return ()
    values: dict[str, list[str]] = {}
    for pair in sent[:MAX_CHOSEN]:
        if isinstance(pair, list) and len(pair) == 2 and all(map(_is_name, pair)):
            values.setdefault(pair[0], []).append(pair[1])
    return tuple((name, _names(of_name)) for name, of_name in values.items())


def _is_name(sent: object) -> bool:
    return isinstance(sent, str) and 0 < len(sent) <= MAX_NAME
