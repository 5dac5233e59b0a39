"""The page's searches: each calls the shop through `vitrina.AsyncClient` and reports its progress in steps.

Independent of Gradio and HTML, so it is tested without a browser.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import vitrina

from .categories import Categories
from .filters import NO_FILTERS, Filters, Sort
from .photo_search import Classified, Photo, Submitted, Upload, facets, narrowed, split
from .texts import Lang, text
from .turns import Turns

if TYPE_CHECKING:
    from decimal import Decimal

    from vitrina import Category, Facets, ImageAnswer, Prediction, Product, TextAnswer, UnderstoodPart

log = logging.getLogger(__name__)

PAGE_SIZE = 24
# The shop returns no longer pages.
MAX_LIMIT = 100
PHOTO_TIMEOUT = 60.0
MAX_WORDS = 500
# Photos uploaded to the shop at a time, which bounds the memory that they take.
PHOTO_SLOTS = 32
# Seconds that the shop holds one request for a result open; a photo that takes longer waits in the queue.
RESULT_WAIT = 1.0
# Seconds between two requests for a result of a shop that holds none open.
POLL_PAUSE = 0.25
# The longest pause for a busy shop, in seconds.
MAX_PAUSE = 10.0


class Shop(Protocol):
    """What the page asks of `vitrina.AsyncClient`."""

    async def categories(self) -> list[Category]:
        """All categories."""

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
        attributes: dict[str, list[str]] | None = ...,
        sort: Sort | None = ...,
        facets: bool = ...,
        ignore: list[str] = ...,
    ) -> TextAnswer:
        """Products by words, all products without any."""

    async def submit_image(self, photo: str) -> str:
        """Uploads a photo and returns the ID of its task."""

    async def result(self, task_id: str, wait: float = ..., *, query: str | None = ...) -> ImageAnswer | None:
        """Products for a task's photo, and for words beside it; None while it is pending."""

    async def search_prediction(
        self,
        *,
        labels: Iterable[tuple[str, float]] = ...,
        embedding: bytes | None = ...,
        model: str | None = ...,
        query: str | None = ...,
    ) -> ImageAnswer:
        """Products by a photo that was classified elsewhere, and by words beside it."""


@dataclass(frozen=True)
class Problem:
    """An error, as a key of `texts` (`<key>_title`, `<key>_do`)."""

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


# The most specific class first: the first that matches names the problem.
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
    """Returns the problem for an exception; an unexpected one is logged and is "failed"."""
    for kind, key in _PROBLEMS:
        if isinstance(error, kind):
            after = getattr(error, "retry_after", None)
            return Problem(key, math.ceil(after) if after else None)
    if not isinstance(error, vitrina.VitrinaError):
        log.error("a search failed", exc_info=error)
    return Problem("failed")


@dataclass(frozen=True)
class Listing:
    """Which products, in what order: those of a query and a photo, or all products where there is neither.

    `turn` counts the visitor's choices of filters, by which the form knows the answer to an earlier choice.
    `ignore` holds the tokens of understood parts that the visitor took back.
    """

    query: str = ""
    filters: Filters = NO_FILTERS
    sort: Sort = "relevance"
    turn: int = 0
    ignore: tuple[str, ...] = ()
    photo: Photo | None = None


@dataclass(frozen=True)
class Found:
    """What a search found, or one more page of it; `facets` come with the first page of a listing.

    Where no product matches the words beside a photo, it is what the photo alone finds, without `words_fit`.
    `upload` is the file that became the listing's photo.
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
    understood: tuple[UnderstoodPart, ...] = ()
    instead: tuple[str, ...] = ()
    predictions: tuple[Prediction, ...] | None = None
    words_fit: bool = True
    upload: Upload | None = None

    @property
    def matching(self) -> int | None:
        """How many products, on all pages, have all words of the query or are similar to the photo.

        They come first, and the facets count them. Related products follow where they do not fill a page;
        `total` counts both.
        """
        if self.total is None or self.facets is None:
            return self.total
        uncounted = 0 if self.listing.filters.in_stock else self.facets.out_of_stock
        return min(self.facets.in_stock + uncounted, self.total)


@dataclass(frozen=True)
class Stage:
    """How far a running search is, as a key of `texts`."""

    key: Literal["loading", "searching", "sending", "submitted", "queued"]


Step = Stage | Found | Problem


class Searcher:
    """The searches of the page, over one client that all visitors share."""

    def __init__(self, shop: Shop, photo_timeout: float = PHOTO_TIMEOUT) -> None:
        self._shop = shop
        self.categories = Categories(shop)
        self._photo_timeout = photo_timeout
        self._photo_slots = asyncio.Semaphore(PHOTO_SLOTS)
        self.turns = Turns()

    async def search(
        self, visitor: str, listing: Listing, pages: int = 1, widen: bool = False
    ) -> AsyncIterator[Step]:
        """Finds products by a photo, by words, by both, or lists all: stages, then the find or the problem.

        `pages` is how many pages come at once. With `widen`, filters that no product of a photo passes are
        dropped. Ends without find or problem where a newer search of the same visitor took over.
        """
        listing = replace(listing, query=" ".join(listing.query.split())[:MAX_WORDS])
        if listing.photo is None:
            steps = self._plain(visitor, listing, None, pages)
        else:
            steps = self._by_photo(visitor, listing, listing.photo, widen)
        async for step in self._in_turn(visitor, steps):
            yield step

    async def more(self, visitor: str, listing: Listing, cursor: str) -> AsyncIterator[Step]:
        """The next page of a listing."""
        async for step in self._in_turn(visitor, self._plain(visitor, listing, cursor)):
            yield step

    async def _in_turn(self, visitor: str, steps: AsyncIterator[Step]) -> AsyncIterator[Step]:
        """The steps, once the visitor's former search has ended; none where a newer one came."""
        async with self.turns.answering(visitor) as current:
            if current:
                async for step in steps:
                    yield step

    async def _plain(
        self, visitor: str, listing: Listing, cursor: str | None, pages: int = 1
    ) -> AsyncIterator[Step]:
        task = asyncio.create_task(self._listed(listing, cursor, pages))
        self.turns.take(visitor, task)
        yield Stage("searching" if listing.query and cursor is None else "loading")
        async for step in _outcome(task):
            yield step

    async def _listed(self, listing: Listing, cursor: str | None, pages: int) -> Found:
        asked = self._shop.search_text(
            listing.query,
            min(PAGE_SIZE * pages, MAX_LIMIT),
            cursor=cursor,
            # Without a query there is no relevance: the newest come first.
            sort="newest" if listing.sort == "relevance" and not listing.query else listing.sort,
            # The facets of the first page hold for the others.
            facets=cursor is None,
            ignore=list(listing.ignore),
            **listing.filters.arguments(),
        )
        kind: Literal["all", "words"] = "words" if listing.query else "all"
        try:
            answer, _ = await asyncio.gather(asked, self.categories.tree())
        except vitrina.InvalidRequest:
            if not listing.filters.categories:
                raise
            # The shop refuses a category that it does not have, or no longer: nothing is in it.
            return Found(kind, listing, (), total=0)
        return Found(
            kind,
            listing,
            tuple(answer.products),
            total=answer.total,
            total_is_exact=answer.total_is_exact,
            categories=tuple(answer.categories),
            cursor=answer.next_cursor,
            facets=answer.facets,
            did_you_mean=answer.did_you_mean,
            # Filler words need no chip.
            understood=tuple(part for part in answer.understood if part.kind != "filler"),
            instead=tuple(answer.instead),
        )

    async def _by_photo(
        self, visitor: str, listing: Listing, photo: Photo, widen: bool
    ) -> AsyncIterator[Step]:
        """A search by photo, with its stages."""
        stages: asyncio.Queue[Stage] = asyncio.Queue()
        task = asyncio.create_task(
            asyncio.wait_for(
                self._photo(listing, photo, widen, stages.put_nowait), timeout=self._photo_timeout
            )
        )
        self.turns.take(visitor, task)
        next_stage = asyncio.create_task(stages.get())
        try:
            yield Stage("sending" if isinstance(photo, Upload) else "searching")
            while not task.done():
                await asyncio.wait({task, next_stage}, return_when=asyncio.FIRST_COMPLETED)
                if next_stage.done() and not task.done():
                    yield next_stage.result()
                    next_stage = asyncio.create_task(stages.get())
            async for step in _outcome(task):
                yield step
        finally:
            next_stage.cancel()
            task.cancel()

    async def _photo(
        self, listing: Listing, photo: Photo, widen: bool, report: Callable[[Stage], None]
    ) -> Found:
        upload = photo if isinstance(photo, Upload) else None
        if upload:
            photo = await self._submitted(upload, report)
        words = listing.query or None
        answer = await self._answer(photo, words, report)
        words_fit = words is None or bool(answer.products)
        if not words_fit:
            answer = await self._answer(photo, None, report)
        # All products of a search with words match them; without words, less similar ones fill up the list.
        similar, others = (answer.products, []) if words and words_fit else split(answer)
        products = narrowed(similar, listing.filters, listing.sort)
        if widen and not products:
            listing = replace(listing, filters=NO_FILTERS)
            products = narrowed(similar, listing.filters, listing.sort)
        found_in = {product.category for product in products}
        if listing.sort == "relevance" and not listing.filters:
            products += tuple(others)
        return Found(
            "both" if words else "photo",
            replace(listing, photo=photo),
            products,
            total=len(products),
            # Words may lead to other categories than the photo's.
            categories=tuple(name for name in answer.categories if name in found_in),
            facets=facets(similar, listing.filters) if answer.products else None,
            predictions=tuple(answer.predictions),
            words_fit=words_fit,
            upload=upload,
        )

    async def _submitted(self, upload: Upload, report: Callable[[Stage], None]) -> Submitted:
        """Uploads the photo; waits for a slot, and for a busy shop."""
        if self._photo_slots.locked():
            report(Stage("queued"))
        async with self._photo_slots:
            while True:
                try:
                    task = await self._shop.submit_image(upload.path)
                    break
                except vitrina.Busy as busy:
                    report(Stage("queued"))
                    await self._pause(busy)
        report(Stage("submitted"))
        return Submitted(task)

    async def _answer(self, photo: Photo, words: str | None, report: Callable[[Stage], None]) -> ImageAnswer:
        if isinstance(photo, Classified):
            return await self._shop.search_prediction(
                labels=photo.labels, embedding=photo.embedding, model=photo.model, query=words
            )
        if isinstance(photo, Upload):
            raise TypeError("an upload is submitted before its answer is asked for")
        while True:
            try:
                answer = await self._shop.result(photo.task, RESULT_WAIT, query=words)
            except vitrina.Busy as busy:
                await self._pause(busy)
                continue
            if answer is not None:
                return answer
            report(Stage("queued"))
            await asyncio.sleep(POLL_PAUSE)

    async def _pause(self, busy: vitrina.Busy) -> None:
        """Waits as long as a busy shop asks for.

        Raises `Busy` again where that is longer than a visitor waits.
        """
        pause = busy.retry_after or 1.0
        if pause > min(MAX_PAUSE, self._photo_timeout):
            raise busy
        await asyncio.sleep(pause)


async def _outcome(task: asyncio.Task[Found]) -> AsyncIterator[Step]:
    """The result of a search; nothing where a newer one cancelled it. Leaving early cancels the search."""
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
