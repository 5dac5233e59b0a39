"""A shop that a test plays, for the page's searches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import vitrina

from vitrina_page.photo_search import Photo, Upload
from vitrina_page.search import Found, Listing, Searcher, Step

SHOE = Upload("shoe.jpg")


def item(number: int, category: str = "Zapatos") -> Any:
    return SimpleNamespace(
        sale_price=None,
        sale_from=None,
        sale_until=None,
        id=number,
        name=f"product {number}",
        category=category,
        categories=[[category]],
        translations={},
        brand="Nike" if number % 2 else "Adidas",
        price=Decimal(10 * number),
        in_stock=number != 3,
        resemblance=None,
        attributes={"Color": ["rojo" if number % 2 else "azul"]},
        variants=[SimpleNamespace(attributes={"talla": [size]}) for size in ("M", "L")[: number % 3]],
    )


class PlayedShop:
    """Returns the answers it was given, and counts requests and those that were cancelled."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.listings: list[dict[str, Any]] = []
        self.limits: list[int] = []
        self.facets = SimpleNamespace(in_stock=1)
        self.cancelled: list[str] = []
        self.pending = 0
        self.busy = 0
        self.hold: Callable[[str], Awaitable[None]] | None = None
        self.matching = [item(2)]
        self.similar = [item(1), item(2), item(3)]
        self.words_error: Exception | None = None

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        try:
            if self.hold:
                await self.hold(what)
        except asyncio.CancelledError:
            self.cancelled.append(what)
            raise

    async def categories(self) -> Any:
        return []

    async def search_text(
        self, query: str, limit: int = 24, cursor: str | None = None, **listing: Any
    ) -> Any:
        self.listings.append(listing)
        self.limits.append(limit)
        await self._answer(f"words {query} {cursor}")
        if self.words_error:
            raise self.words_error
        return SimpleNamespace(
            categories=["Zapatos"],
            products=self.matching,
            total=1,
            total_is_exact=False,
            next_cursor="next",
            did_you_mean="zapatos",
            understood=[SimpleNamespace(kind="filler"), SimpleNamespace(kind="cheap")],
            instead=["Muebles"],
            facets=self.facets if listing.get("facets") else None,
        )

    async def search_prediction(
        self,
        *,
        labels: Any = (),
        embedding: bytes | None = None,
        model: str | None = None,
        query: str | None = None,
    ) -> Any:
        await self._answer(f"classified {labels} {embedding!r} {query}")
        return self._like(query)

    async def submit_image(self, photo: str) -> str:
        await self._answer(f"photo {photo}")
        if self.busy:
            self.busy -= 1
            error = vitrina.Busy("full")
            error.retry_after = 0.001
            raise error
        return f"task-{photo}"

    async def result(self, task_id: str, wait: float = 0, *, query: str | None = None) -> Any:
        for _ in range(10):  # turns of the loop in which the page hears of the stage before
            await asyncio.sleep(0)
        await self._answer(f"result {task_id} {query}")
        if self.pending:
            self.pending -= 1
            return None
        return self._like(query)

    def _like(self, query: str | None) -> Any:
        seen = [SimpleNamespace(label=4, category="Zapatos", score=0.9)]
        found = self.similar if query is None else self.matching
        return SimpleNamespace(categories=["Zapatos", "Botas"], predictions=seen, products=found)


async def steps(searcher: Searcher, words: str, photo: Photo | None, visitor: str = "v") -> list[Step]:
    return [step async for step in searcher.search(visitor, Listing(words, photo=photo))]


def last(shop: PlayedShop, words: str, photo: Photo | None = None) -> Found:
    found = asyncio.run(steps(Searcher(shop), words, photo))[-1]
    assert isinstance(found, Found)
    return found
