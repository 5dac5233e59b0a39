"""The page's actions: each asks the shop through `vitrina.AsyncClient` and tells how it goes, step by step.

Nothing here knows Gradio or HTML, so the rules are tested without a browser.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import vitrina

from .filters import NO_FILTERS, Filters, Sort
from .texts import Lang, text
from .turns import Turns

if TYPE_CHECKING:
    from decimal import Decimal

    from vitrina import Facets, ImageAnswer, Prediction, Product, TextAnswer

log = logging.getLogger(__name__)

PAGE_SIZE = 24
PHOTO_TIMEOUT = 60.0
MAX_WORDS = 500
# How many photos are on their way to the shop at a time, which bounds the memory that they take.
PHOTO_SLOTS = 32


class Shop(Protocol):
    """What the page asks of `vitrina.AsyncClient`."""

    async def search_text(
        self,
        query: str,
        limit: int = ...,
        cursor: str | None = ...,
        *,
        category: list[str] | None = ...,
        brand: list[str] | None = ...,
        min_price: Decimal | None = ...,
        max_price: Decimal | None = ...,
        in_stock: bool | None = ...,
        sort: Sort | None = ...,
        facets: bool = ...,
    ) -> TextAnswer:
        """Products by words, all products without any."""

    async def search_image(
        self,
        photo: str,
        timeout: float = ...,
        on_progress: Callable[[str], object] | None = ...,
        *,
        query: str | None = ...,
    ) -> ImageAnswer:
        """Products by a photo, and by words beside it; `on_progress` hears "queued" and "started"."""

    async def search_prediction(
        self,
        *,
        labels: Iterable[tuple[str, float]] = ...,
        embedding: bytes | None = ...,
        query: str | None = ...,
    ) -> ImageAnswer:
        """Products by what a photo shows, recognised elsewhere, and by words beside it."""


@dataclass(frozen=True)
class Recognised:
    """What the browser recognised in a photo: labels with scores, the likeliest first, and the embedding."""

    labels: tuple[tuple[str, float], ...]
    embedding: bytes | None


Photo: TypeAlias = "str | Recognised"
"""An uploaded file, or what was recognised in one that stayed with the visitor."""


@dataclass(frozen=True)
class Problem:
    """Something that went wrong, as a key of `texts` (`<key>_title`, `<key>_do`)."""

    key: str
    seconds: int | None = None

    def title(self, lang: Lang) -> str:
        """What happened."""
        return text(lang, f"{self.key}_title")

    def advice(self, lang: Lang) -> str:
        """What the visitor can do about it."""
        if self.key == "busy" and self.seconds:
            return text(lang, "busy_do_after", seconds=self.seconds)
        return text(lang, f"{self.key}_do")


# The most particular class first: the first that fits names the problem.
_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (vitrina.TaskExpired, "expired"),
    (vitrina.NotFound, "not_found"),
    (vitrina.PhotoTooLarge, "too_large"),
    (vitrina.UnsupportedPhoto, "unsupported"),
    (vitrina.PhotoUnreadable, "unreadable"),
    (vitrina.InvalidRequest, "invalid"),
    (vitrina.Unauthorized, "unauthorized"),
    (vitrina.Busy, "busy"),
    (vitrina.Timeout, "timeout"),
    (asyncio.TimeoutError, "timeout"),
    (vitrina.Unavailable, "unavailable"),
)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception stands for; one that nobody foresaw is logged and is "failed"."""
    for kind, key in _PROBLEMS:
        if isinstance(error, kind):
            after = getattr(error, "retry_after", None)
            return Problem(key, math.ceil(after) if after else None)
    if not isinstance(error, vitrina.VitrinaError):
        log.error("a search failed", exc_info=error)
    return Problem("failed")


@dataclass(frozen=True)
class Listing:
    """Which products, in what order: those of a query, or all products where it is empty.

    `turn` counts the visitor's choices of filters, by which the form knows an answer to an earlier choice.
    """

    query: str = ""
    filters: Filters = NO_FILTERS
    sort: Sort = "relevance"
    turn: int = 0


@dataclass(frozen=True)
class Found:
    """What a search found, or one more page of it; `facets` come with the first page of a listing.

    Where no product fits the words beside a photo, it is what the photo alone finds, without `words_fit`.
    """

    kind: Literal["all", "words", "photo", "both"]
    listing: Listing
    products: tuple[Product, ...]
    total: int | None = None
    total_is_exact: bool = True
    categories: tuple[str, ...] = ()
    cursor: str | None = None
    facets: Facets | None = None
    did_you_mean: str | None = None
    instead: tuple[str, ...] = ()
    predictions: tuple[Prediction, ...] | None = None
    words_fit: bool = True


@dataclass(frozen=True)
class Stage:
    """How far a running search is, as a key of `texts`."""

    key: Literal["loading", "searching", "sending", "queued", "started"]


Step = Stage | Found | Problem


class Searcher:
    """The searches of the page, over one client that all visitors share."""

    def __init__(self, shop: Shop, photo_timeout: float = PHOTO_TIMEOUT) -> None:
        self._shop = shop
        self._photo_timeout = photo_timeout
        self._photo_slots = asyncio.Semaphore(PHOTO_SLOTS)
        self.turns = Turns()

    async def search(self, visitor: str, listing: Listing, photo: Photo | None = None) -> AsyncIterator[Step]:
        """Finds products by a photo, by words, by both, or lists all: stages, then the find or the problem.

        A photo's products are neither filtered nor sorted. Ends without find or problem where a newer search
        of the same visitor took its turn.
        """
        listing = replace(listing, query=" ".join(listing.query.split())[:MAX_WORDS])
        steps = self._watched(visitor, photo, listing) if photo else self._plain(visitor, listing, None)
        async for step in self._in_turn(visitor, steps):
            yield step

    async def more(self, visitor: str, listing: Listing, cursor: str) -> AsyncIterator[Step]:
        """The next page of a listing."""
        async for step in self._in_turn(visitor, self._plain(visitor, listing, cursor)):
            yield step

    async def _in_turn(self, visitor: str, steps: AsyncIterator[Step]) -> AsyncIterator[Step]:
        """The steps, once the visitor's former search has said its last; none where a newer one came."""
        async with self.turns.answering(visitor) as current:
            if current:
                async for step in steps:
                    yield step

    async def _plain(self, visitor: str, listing: Listing, cursor: str | None) -> AsyncIterator[Step]:
        task = asyncio.create_task(self._listed(listing, cursor))
        self.turns.take(visitor, task)
        yield Stage("searching" if listing.query and cursor is None else "loading")
        async for step in _outcome(task):
            yield step

    async def _listed(self, listing: Listing, cursor: str | None) -> Found:
        answer = await self._shop.search_text(
            listing.query,
            PAGE_SIZE,
            cursor=cursor,
            sort=listing.sort,
            # Further pages are narrowed down by the facets of the first.
            facets=cursor is None,
            **listing.filters.arguments(),
        )
        return Found(
            "words" if listing.query else "all",
            listing,
            tuple(answer.products),
            total=answer.total,
            total_is_exact=answer.total_is_exact,
            categories=tuple(answer.categories),
            cursor=answer.next_cursor,
            facets=answer.facets,
            did_you_mean=answer.did_you_mean,
            instead=tuple(answer.instead),
        )

    async def _watched(self, visitor: str, photo: Photo, listing: Listing) -> AsyncIterator[Step]:
        """A photo's search, with a stage whenever the client reports one."""
        loop = asyncio.get_running_loop()
        stages: asyncio.Queue[str] = asyncio.Queue()

        def on_progress(stage: str) -> None:
            # The client may call from a thread of its own.
            loop.call_soon_threadsafe(stages.put_nowait, stage)

        task = asyncio.create_task(self._photo(photo, listing, on_progress))
        self.turns.take(visitor, task)
        next_stage = asyncio.create_task(stages.get())
        try:
            yield Stage("sending" if isinstance(photo, str) else "searching")
            while not task.done():
                await asyncio.wait({task, next_stage}, return_when=asyncio.FIRST_COMPLETED)
                if next_stage.done() and not task.done():
                    stage = next_stage.result()
                    if stage == "queued":
                        yield Stage("queued")
                    elif stage == "started":
                        yield Stage("started")
                    next_stage = asyncio.create_task(stages.get())
            async for step in _outcome(task):
                yield step
        finally:
            next_stage.cancel()
            task.cancel()

    async def _photo(self, photo: Photo, listing: Listing, on_progress: Callable[[str], object]) -> Found:
        words = listing.query or None
        answer = await self._seen(photo, words, on_progress)
        words_fit = words is None or bool(answer.products)
        if not words_fit:
            answer = await self._seen(photo, None, on_progress)
        found_in = {product.category for product in answer.products}
        return Found(
            "both" if words else "photo",
            listing,
            tuple(answer.products),
            total=len(answer.products),
            # Words may lead to other categories than the photo's.
            categories=tuple(name for name in answer.categories if name in found_in),
            predictions=tuple(answer.predictions),
            words_fit=words_fit,
        )

    async def _seen(
        self, photo: Photo, words: str | None, on_progress: Callable[[str], object]
    ) -> ImageAnswer:
        if isinstance(photo, Recognised):
            return await self._shop.search_prediction(
                labels=photo.labels, embedding=photo.embedding, query=words
            )
        if self._photo_slots.locked():
            on_progress("queued")
            await asyncio.wait_for(self._photo_slots.acquire(), self._photo_timeout)
        else:
            await self._photo_slots.acquire()
        try:
            return await self._shop.search_image(
                photo, timeout=self._photo_timeout, on_progress=on_progress, query=words
            )
        finally:
            self._photo_slots.release()


async def _outcome(task: asyncio.Task[Found]) -> AsyncIterator[Step]:
    """What a search came to; nothing where a newer one cancelled it. Leaving early cancels the search."""
    try:
        await asyncio.wait({task})
    finally:
        task.cancel()
    if task.cancelled():
        return
    error = task.exception()
    if error is None:
        yield task.result()
    elif isinstance(error, Exception):
        yield problem_of(error)
    else:
        raise error
