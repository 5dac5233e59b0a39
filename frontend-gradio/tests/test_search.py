"""The page's searches by words, their errors and their turns, over a shop that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import vitrina

from played import SHOE, PlayedShop, last, steps
from vitrina_page.filters import Filters, PriceRange
from vitrina_page.search import Found, Listing, Problem, Searcher, Stage, Step, problem_of
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
    assert [part.kind for part in found.understood] == ["cheap"]


def test_what_the_visitor_took_back_is_ignored() -> None:
    shop = PlayedShop()
    listing = Listing("tele barata", ignore=("cheap:barata",))
    asyncio.run(drained(Searcher(shop).search("v", listing)))
    assert shop.listings[0]["ignore"] == ["cheap:barata"]


async def drained(steps: AsyncIterator[Step]) -> None:
    async for _ in steps:
        pass


def test_filters_and_order_are_asked_for_on_every_page() -> None:
    colors = (("Color", ("rojo", "azul")),)
    price = PriceRange(Decimal(20), Decimal("49.99"))
    filters = Filters(("Zapatos",), ("Nike", "Adidas"), price, True, colors)
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
        "attributes": {"Color": ["rojo", "azul"]},
        "sort": "price_asc",
        "ignore": [],
    }
    assert shop.listings == [{**asked, "facets": True}, {**asked, "facets": False}]
    assert shop.asked == ["words rojas None", "words rojas c1"]
    assert isinstance(first[-1], Found) and first[-1].listing == listing
    assert isinstance(second[-1], Found) and second[-1].facets is None


def test_several_pages_come_at_once() -> None:
    shop = PlayedShop()

    async def play() -> None:
        async for _ in Searcher(shop).search("v", Listing(), pages=3):
            pass

    asyncio.run(play())
    assert shop.limits == [72]


def test_choices_that_were_overtaken_are_known() -> None:
    turns = Searcher(PlayedShop()).turns
    assert turns.is_latest("v", 1)
    assert turns.is_latest("v", 3)
    assert not turns.is_latest("v", 2)
    assert turns.is_latest("w", 1)
    assert turns.is_latest("v", 3)


def test_an_error_is_the_last_step() -> None:
    shop = PlayedShop()
    shop.words_error = vitrina.Unavailable("down")
    assert asyncio.run(steps(Searcher(shop), "zapatos", None))[-1] == Problem("unavailable")


def test_a_category_that_is_gone_has_no_products() -> None:
    async def play() -> list[Step]:
        listing = Listing("", Filters(categories=("Discos",)))
        return [step async for step in Searcher(shop).search("v", listing)]

    shop = PlayedShop()
    shop.words_error = vitrina.InvalidRequest("there is no category `Discos`")
    found = asyncio.run(play())[-1]
    assert isinstance(found, Found)
    assert (found.products, found.total, found.listing.filters.categories) == ((), 0, ("Discos",))
    # Without a category it is the request that is wrong.
    assert asyncio.run(steps(Searcher(shop), "zapatos", None))[-1] == Problem("invalid")


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
        running = asyncio.create_task(steps(searcher, "rojas", SHOE))
        while not shop.asked:
            await asyncio.sleep(0)
        searcher.turns.stop("v")
        assert [type(step) for step in await running] == [Stage]
        await asyncio.sleep(0)
        assert shop.cancelled == ["photo shoe.jpg"]

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
