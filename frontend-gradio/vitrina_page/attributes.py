"""The shop's own attributes of products, such as colour and size: who has which, and how many do.

Names and values are compared without case, as the shop's filters compare them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from vitrina import AttributeCounts, ValueCount

from .filters import Attributes

if TYPE_CHECKING:
    from vitrina import Product


def without_attribute(attributes: Attributes, name: str) -> Attributes:
    """Returns what is asked of all other attributes."""
    return tuple(one for one in attributes if one[0].lower() != name.lower())


def chosen_values(attributes: Attributes, name: str) -> tuple[str, ...]:
    """Returns the values that are asked of one attribute."""
    return tuple(value for known, values in attributes if known.lower() == name.lower() for value in values)


def has_attributes(product: Product, attributes: Attributes) -> bool:
    """Returns whether the product, or a variant of it, has one of the values of each attribute."""
    own = {(name.lower(), value.lower()) for name, value in _pairs(product)}
    return all(any((name.lower(), value.lower()) in own for value in values) for name, values in attributes)


def counted(
    products: Iterable[Product], passing: Callable[[str], Sequence[Product]]
) -> list[AttributeCounts]:
    """Counts the values of the products' attributes, the attribute that most products have first.

    `passing` returns the products that pass all filters but those of an attribute.
    """
    names: dict[str, str] = {}
    for name, _ in chain.from_iterable(map(_pairs, products)):
        names[name.lower()] = min(name, names.get(name.lower(), name))
    counts = [AttributeCounts(name, _values(passing(name), name)) for name in names.values()]
    found = [one for one in counts if one.values]
    return sorted(found, key=lambda one: (-sum(value.count for value in one.values), one.name))


def _values(products: Sequence[Product], name: str) -> list[ValueCount]:
    """The values of one attribute, the most frequent first."""
    written: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for product in products:
        own = {value.lower(): value for known, value in _pairs(product) if known.lower() == name.lower()}
        counts.update(own.keys())
        written |= own
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [ValueCount(written[value], count) for value, count in ordered]


def _pairs(product: Product) -> Iterator[tuple[str, str]]:
    """Names and values of the product's attributes and of its variants'; some may come more than once."""
    for attributes in (product.attributes, *(variant.attributes for variant in product.variants)):
        for name, values in attributes.items():
            for value in values:
                yield name, value
