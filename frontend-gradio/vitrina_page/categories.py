"""The shop's categories: the tree that they make, and what they and the products are called in each language.

A category is named by its path from the root (`Hogar > Cocina`) or by its name alone: the shop's filters take
both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import vitrina

from .texts import Lang

if TYPE_CHECKING:
    from vitrina import Category, CategoryCount, Prediction, Product

log = logging.getLogger(__name__)

SEPARATOR = " > "
# In seconds: how long the tree is used, and how long the shop has to send it.
KEPT = 60.0
TIMEOUT = 1.0


def path_of(names: Iterable[str]) -> str:
    """The path of a category from the names down to it."""
    return SEPARATOR.join(names)


def is_within(path: str, other: str) -> bool:
    """Returns whether a category is another one, or lies below it."""
    return path == other or path.startswith(other + SEPARATOR)


def paths_of(product: Product) -> set[str]:
    """The categories of a product with all above them."""
    named = product.categories or ([[product.category]] if product.category else [])
    return {path_of(names[: depth + 1]) for names in named for depth in range(len(names))}


def is_of(product: Product, category: str) -> bool:
    """Returns whether a product is of a category, by its path or its name, or of one below it."""
    return any(path == category or path.endswith(SEPARATOR + category) for path in paths_of(product))


@dataclass(frozen=True)
class Branch:
    """A category in the tree of a filter: `is_open` where one below it is chosen."""

    path: str
    count: int
    depth: int
    is_chosen: bool
    is_open: bool


class Tree:
    """The categories of a shop; without any, every category is a root under its own name."""

    def __init__(self, categories: Iterable[Category] = ()) -> None:
        known = {one.id: one for one in categories}
        self._paths = {id: path_of(_above(known, one)) for id, one in known.items()}
        self._translations = {self._paths[id]: one.translations for id, one in known.items()}
        # Of several categories of a name the one nearest to the root is meant, as the shop takes it.
        nearest = sorted(self._paths.values(), key=lambda path: -path.count(SEPARATOR))
        self._named = {path.split(SEPARATOR)[-1]: path for path in nearest}

    def resolved(self, category: str) -> str:
        """Returns the path of a category that is named by its path or by its name."""
        return category if category in self._translations else self._named.get(category, category)

    def path(self, id: int, name: str) -> str:
        """Returns the path of the category with this ID; `name` where the tree does not have it."""
        return self._paths.get(id, name)

    def name(self, lang: Lang, category: str) -> str:
        """What a category is called."""
        path = self.resolved(category)
        return self._translations.get(path, {}).get(lang) or path.split(SEPARATOR)[-1]

    def names(self, lang: Lang, categories: Iterable[str]) -> str:
        """What several categories are called, with commas between them."""
        return ", ".join(self.name(lang, one) for one in categories)

    def branches(self, counted: Sequence[CategoryCount], chosen: Iterable[str]) -> list[Branch]:
        """The categories to choose from, from top to bottom: the roots, and what is below a chosen one.

        Chosen ones that no product has follow, so that they can be removed.
        """
        known = {self.path(one.label, one.category): one.count for one in counted}
        paths = [self.resolved(one) for one in chosen]
        shown: list[Branch] = []

        def add(parent: str, depth: int) -> None:
            for path, count in known.items():
                if path.rpartition(SEPARATOR)[0] != parent:
                    continue
                is_chosen = path in paths
                is_open = not is_chosen and any(is_within(one, path) for one in paths)
                shown.append(Branch(path, count, depth, is_chosen, is_open))
                if is_chosen or is_open:
                    add(path, depth + 1)

        add("", 0)
        listed = {branch.path for branch in shown}
        return shown + [Branch(path, 0, 0, True, False) for path in paths if path not in listed]

    def prediction(self, lang: Lang, found: Prediction) -> Prediction:
        """A prediction with the name of its category in a language."""
        return replace(found, category=self.name(lang, self.path(found.label, found.category)))

    def product(self, lang: Lang, product: Product) -> Product:
        """A product with its texts and categories in a language, as far as they are translated.

        Highlights are of the shop's own texts.
        """
        paths = [
            [self.name(lang, path_of(names[: depth + 1])) for depth in range(len(names))]
            for names in product.categories
        ]
        category = (
            paths[0][-1] if paths and paths[0] else product.category and self.name(lang, product.category)
        )
        if paths != product.categories or category != product.category:
            product = replace(product, category=category, categories=paths)
        texts = product.translations.get(lang)
        if texts is None or not texts.name:
            return product
        description = texts.description or product.description
        return replace(product, name=texts.name, description=description, highlights=None)


def _above(known: dict[int, Category], one: Category | None) -> list[str]:
    """The names from the root down to a category; a circle of parents ends where it closes."""
    names: list[str] = []
    seen: set[int] = set()
    while one is not None and one.id not in seen:
        seen.add(one.id)
        names.insert(0, one.name)
        one = known.get(one.parent) if one.parent is not None else None
    return names


class Lists(Protocol):
    """What `Categories` asks of `vitrina.AsyncClient`."""

    async def categories(self) -> list[Category]:
        """All categories."""


class Categories:
    """The shop's tree, asked for anew once a minute."""

    def __init__(self, shop: Lists) -> None:
        self._shop = shop
        self._until = float("-inf")
        self._asking = asyncio.Lock()
        self.known = Tree()

    async def tree(self) -> Tree:
        """Returns the tree; the one before where the shop does not send it."""
        async with self._asking:
            if time.monotonic() >= self._until:
                try:
                    self.known = Tree(await asyncio.wait_for(self._shop.categories(), TIMEOUT))
                    self._until = time.monotonic() + KEPT
                except (vitrina.VitrinaError, asyncio.TimeoutError) as error:
                    log.info("no categories: %s", error)
        return self.known
