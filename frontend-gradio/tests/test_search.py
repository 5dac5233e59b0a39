"""The page's actions, over a shop that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import vitrina

from vitrina_page.filters import Filters, PriceRange
from vitrina_page.search import (
    PHOTO_SLOTS,
    Found,
    Listing,
    Photo,
    Problem,
    Recognised,
    Searcher,
    Stage,
    Step,
    problem_of,
)
from vitrina_page.texts import TEXTS, Lang
from vitrina_page.turns import Turns


def every_error() -> list[type[vitrina.VitrinaError]]:
    kinds, waiting = [], [vitrina.VitrinaError]
    while waiting:
        kind = waiting.pop()
        kinds.append(kind)
        waiting.extend(kind.__subclasses__())
    return kinds


@pytest.mark.parametrize("kind", every_error())
@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_error_of_the_client_has_a_message_and_advice(
    kind: type[vitrina.VitrinaError], lang: Lang
) -> None:
    problem = problem_of(kind("secret detail"))
    assert problem.title(lang)
    assert problem.advice(lang)
    assert "secret" not in problem.title(lang) + problem.advice(lang)


def test_each_particular_error_has_a_message_of_its_own() -> None:
    particular = [kind for kind in every_error() if kind not in (vitrina.VitrinaError, vitrina.ServerError)]
    assert len({problem_of(kind("")).key for kind in particular}) == len(particular)


def test_a_busy_shop_says_when_to_come_back() -> None:
    error = vitrina.Busy("")
    error.retry_after = 2.2
    assert problem_of(error) == Problem("busy", 3)
    assert "3" in problem_of(error).advice("es")


def test_a_fault_of_our_own_is_logged_and_told_without_details(caplog: pytest.LogCaptureFixture) -> None:
    problem = problem_of(ValueError("path of the server"))
    assert problem.key == "failed"
    assert "a search failed" in caplog.text
    assert all("path" not in part for part in TEXTS["failed_do"])


def item(number: int, category: str = "Zapatos") -> Any:
    return SimpleNamespace(id=number, name=f"product {number}", category=category)


class PlayedShop:
    """Answers as told, and keeps count of what is asked and what is broken off."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.listings: list[dict[str, Any]] = []
        self.facets = SimpleNamespace(in_stock=1)
        self.cancelled: list[str] = []
        self.stages: tuple[str, ...] = ()
        self.hold: Callable[[str], Awaitable[None]] | None = None
        self.matching = [item(2)]
        self.words_error: Exception | None = None

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        try:
            if self.hold:
                await self.hold(what)
        except asyncio.CancelledError:
            self.cancelled.append(what)
            raise

    async def search_text(
        self, query: str, limit: int = 24, cursor: str | None = None, **listing: Any
    ) -> Any:
        self.listings.append(listing)
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
            instead=["Muebles"],
            facets=self.facets if listing.get("facets") else None,
        )

    async def search_prediction(
        self, *, labels: Any = (), embedding: bytes | None = None, query: str | None = None
    ) -> Any:
        await self._answer(f"recognised {labels} {embedding!r} {query}")
        return self._like(query)

    async def search_image(
        self, photo: str, timeout: float = 0, on_progress: Any = None, *, query: str | None = None
    ) -> Any:
        for stage in self.stages:
            on_progress(stage)
            for _ in range(10):  # turns of the loop in which the page hears of it
                await asyncio.sleep(0)
        await self._answer(f"photo {photo} {query}")
        return self._like(query)

    def _like(self, query: str | None) -> Any:
        seen = [SimpleNamespace(label=4, category="Zapatos", score=0.9)]
        alike = [item(1), item(2), item(3)] if query is None else self.matching
        return SimpleNamespace(categories=["Zapatos", "Botas"], predictions=seen, products=alike)


async def steps(searcher: Searcher, words: str, photo: Photo | None, visitor: str = "v") -> list[Step]:
    return [step async for step in searcher.search(visitor, Listing(words), photo)]


def last(shop: PlayedShop, words: str, photo: Photo | None = None) -> Found:
    found = asyncio.run(steps(Searcher(shop), words, photo))[-1]
    assert isinstance(found, Found)
    return found


def test_nothing_asked_lists_all_products() -> None:
    shop = PlayedShop()
    assert last(shop, "  ").kind == "all"
    assert shop.asked == ["words  None"]


def test_words_are_searched_as_words() -> None:
    shop = PlayedShop()
    found = last(shop, "  zapatillas   rojas ")
    assert (found.kind, found.listing.query) == ("words", "zapatillas rojas")
    assert (found.categories, found.did_you_mean, found.instead) == (("Zapatos",), "zapatos", ("Muebles",))
    assert (found.total, found.total_is_exact, found.facets) == (1, False, shop.facets)


def test_filters_and_order_are_asked_for_on_every_page() -> None:
    filters = Filters(("Zapatos",), ("Nike", "Adidas"), PriceRange(Decimal(20), Decimal("49.99")), True)
    listing = Listing("rojas", filters, "price_asc")

    async def play() -> tuple[list[Step], list[Step]]:
        searcher = Searcher(shop)
        return (
            [step async for step in searcher.search("v", listing)],
            [step async for step in searcher.more("v", listing, "c1")],
        )

    shop = PlayedShop()
    first, second = asyncio.run(play())
    asked = {
        "category": ["Zapatos"],
        "brand": ["Nike", "Adidas"],
        "min_price": Decimal(20),
        "max_price": Decimal("49.99"),
        "in_stock": True,
        "sort": "price_asc",
    }
    assert shop.listings == [{**asked, "facets": True}, {**asked, "facets": False}]
    assert shop.asked == ["words rojas None", "words rojas c1"]
    assert isinstance(first[-1], Found) and first[-1].listing == listing
    assert isinstance(second[-1], Found) and second[-1].facets is None


def test_a_photo_tells_its_stages_and_what_it_shows() -> None:
    shop = PlayedShop()
    shop.stages = ("queued", "started")
    told = asyncio.run(steps(Searcher(shop), "", "shoe.jpg"))
    assert [step.key for step in told[:-1] if isinstance(step, Stage)] == ["sending", "queued", "started"]
    assert isinstance(told[-1], Found)
    assert told[-1].predictions is not None


def test_what_the_browser_recognised_is_searched_without_a_photo() -> None:
    shop = PlayedShop()
    recognised = Recognised((("n04120489", 0.9),), b"\0\0\x80?")
    told = asyncio.run(steps(Searcher(shop), "rojas", recognised))
    assert told[0] == Stage("searching")
    assert isinstance(told[-1], Found) and told[-1].kind == "both"
    assert shop.asked == ["recognised (('n04120489', 0.9),) b'\\x00\\x00\\x80?' rojas"]


def test_choices_that_were_overtaken_are_known() -> None:
    turns = Searcher(PlayedShop()).turns
    assert turns.is_latest("v", 1)
    assert turns.is_latest("v", 3)
    assert not turns.is_latest("v", 2)
    assert turns.is_latest("w", 1)
    assert turns.is_latest("v", 3)


def test_words_beside_a_photo_narrow_its_products() -> None:
    shop = PlayedShop()
    found = last(shop, " rojas ", "shoe.jpg")
    assert shop.asked == ["photo shoe.jpg rojas"]
    assert [product.id for product in found.products] == [2]
    assert (found.kind, found.words_fit, found.total, found.categories) == ("both", True, 1, ("Zapatos",))


def test_a_photo_alone_is_asked_for_without_words() -> None:
    shop = PlayedShop()
    found = last(shop, "", "shoe.jpg")
    assert shop.asked == ["photo shoe.jpg None"]
    assert (found.kind, found.words_fit, len(found.products)) == ("photo", True, 3)


@pytest.mark.parametrize("photo", ["shoe.jpg", Recognised((("n04120489", 0.9),), None)])
def test_where_no_product_fits_the_words_the_photo_alone_decides(photo: Photo) -> None:
    shop = PlayedShop()
    shop.matching = []
    found = last(shop, "xqzwvk", photo)
    assert [one.split()[-1] for one in shop.asked] == ["xqzwvk", "None"]
    assert (found.kind, found.words_fit, len(found.products)) == ("both", False, 3)


def test_categories_are_named_only_where_products_are_of_them() -> None:
    shop = PlayedShop()
    shop.matching = [item(7, "Muebles")]
    assert last(shop, "silla", "shoe.jpg").categories == ()


def test_an_error_is_the_last_step() -> None:
    shop = PlayedShop()
    shop.words_error = vitrina.Unavailable("down")
    assert asyncio.run(steps(Searcher(shop), "zapatos", None))[-1] == Problem("unavailable")


def test_a_new_search_cancels_the_old_one_of_the_same_visitor_only() -> None:
    async def play() -> None:
        shop = PlayedShop()
        gate = asyncio.Event()

        async def hold(what: str) -> None:
            if "slow" in what:
                await gate.wait()

        shop.hold = hold
        searcher = Searcher(shop)
        old = asyncio.create_task(steps(searcher, "slow", None))
        other = asyncio.create_task(steps(searcher, "slow too", None, visitor="w"))
        while len(shop.asked) < 2:
            await asyncio.sleep(0)
        new = await steps(searcher, "zapatos", None)
        assert isinstance(new[-1], Found)
        assert [type(step) for step in await old] == [Stage]
        assert shop.cancelled == ["words slow None"]
        gate.set()
        assert isinstance((await other)[-1], Found)
        await asyncio.sleep(0)
        assert len(searcher.turns) == 0

    asyncio.run(play())


def test_leaving_cancels_what_runs() -> None:
    async def play() -> None:
        shop = PlayedShop()

        async def hold(_: str) -> None:
            await asyncio.Event().wait()

        shop.hold = hold
        searcher = Searcher(shop)
        running = asyncio.create_task(steps(searcher, "rojas", "shoe.jpg"))
        while not shop.asked:
            await asyncio.sleep(0)
        searcher.turns.stop("v")
        assert [type(step) for step in await running] == [Stage]
        await asyncio.sleep(0)
        assert shop.cancelled == ["photo shoe.jpg rojas"]

    asyncio.run(play())


def test_more_photos_than_the_page_has_room_for_wait_their_turn() -> None:
    async def play() -> None:
        shop = PlayedShop()
        gate = asyncio.Event()
        under_way = 0

        async def hold(_: str) -> None:
            nonlocal under_way
            under_way += 1
            assert under_way <= PHOTO_SLOTS
            await gate.wait()
            under_way -= 1

        shop.hold = hold
        searcher = Searcher(shop)
        crowd = PHOTO_SLOTS + 3
        running = [asyncio.create_task(steps(searcher, "", "p.jpg", str(n))) for n in range(crowd)]
        while len(shop.asked) < PHOTO_SLOTS:
            await asyncio.sleep(0)
        # The last ones hear of the queue before there is room.
        for _ in range(10):
            await asyncio.sleep(0)
        gate.set()
        told = await asyncio.gather(*running)
        assert all(isinstance(one[-1], Found) for one in told)
        assert sum(Stage("queued") in one for one in told) == 3

    asyncio.run(play())


def test_more_goes_on_from_the_cursor() -> None:
    async def play() -> list[Step]:
        return [step async for step in Searcher(shop).more("v", Listing(), "c1")]

    shop = PlayedShop()
    assert isinstance(asyncio.run(play())[-1], Found)
    assert shop.asked == ["words  c1"]


def test_an_answer_waits_until_the_one_before_it_was_told() -> None:
    async def play() -> None:
        turns = Turns()
        said: list[str] = []
        told = asyncio.Event()

        async def answer(name: str) -> None:
            async with turns.answering("v") as current:
                said.append(f"{name} speaks" if current else f"{name} is silent")
                if current:
                    await told.wait()
                    said.append(f"{name} was told")

        first = asyncio.create_task(answer("first"))
        while not said:
            await asyncio.sleep(0)
        later = [asyncio.create_task(answer(name)) for name in ("second", "third")]
        for _ in range(10):
            await asyncio.sleep(0)
        assert said == ["first speaks"]
        async with turns.answering("w") as current:
            assert current
        told.set()
        await asyncio.gather(first, *later)
        assert said == [
            "first speaks",
            "first was told",
            "second is silent",
            "third speaks",
            "third was told",
        ]

    asyncio.run(play())
