"""The page's actions, over a shop that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import vitrina

from vitrina_page import search
from vitrina_page.filters import Filters, PriceRange
from vitrina_page.photo_search import Classified, Photo, Submitted, Upload
from vitrina_page.search import PHOTO_SLOTS, Found, Listing, Problem, Searcher, Stage, Step, problem_of
from vitrina_page.texts import TEXTS, Lang
from vitrina_page.turns import Turns

SHOE = Upload("shoe.jpg")


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
    """Answers as told, and keeps count of what is asked and what is broken off."""

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
        alike = [item(1), item(2), item(3)] if query is None else self.matching
        return SimpleNamespace(categories=["Zapatos", "Botas"], predictions=seen, products=alike)


async def steps(searcher: Searcher, words: str, photo: Photo | None, visitor: str = "v") -> list[Step]:
    return [step async for step in searcher.search(visitor, Listing(words, photo=photo))]


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


def test_a_photo_reports_its_stages_and_gets_a_task() -> None:
    shop = PlayedShop()
    told = asyncio.run(steps(Searcher(shop), "", SHOE))
    assert [step.key for step in told[:-1] if isinstance(step, Stage)] == ["sending", "submitted"]
    found = told[-1]
    assert isinstance(found, Found)
    assert found.predictions is not None
    assert (found.listing.photo, found.upload) == (Submitted("task-shoe.jpg"), SHOE)


def test_a_photo_that_waits_for_a_worker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "POLL_PAUSE", 0.001)
    shop = PlayedShop()
    shop.pending = 2
    told = asyncio.run(steps(Searcher(shop), "", SHOE))
    assert [step.key for step in told if isinstance(step, Stage)] == [
        "sending",
        "submitted",
        "queued",
        "queued",
    ]
    assert isinstance(told[-1], Found)


def test_a_busy_shop_gets_the_photo_again() -> None:
    shop = PlayedShop()
    shop.busy = 1
    assert isinstance(asyncio.run(steps(Searcher(shop), "", SHOE))[-1], Found)
    assert shop.asked == ["photo shoe.jpg", "photo shoe.jpg", "result task-shoe.jpg None"]


def test_a_photo_that_the_shop_has_is_not_sent_again() -> None:
    shop = PlayedShop()
    found = last(shop, "rojas", Submitted("task-7"))
    assert shop.asked == ["result task-7 rojas"]
    assert (found.listing.photo, found.upload) == (Submitted("task-7"), None)


def by_photo(filters: Filters, sort: Any = "relevance", widen: bool = False) -> Found:
    async def play() -> list[Step]:
        listing = Listing("", filters, sort, photo=Submitted("t"))
        return [step async for step in Searcher(PlayedShop()).search("v", listing, widen=widen)]

    found = asyncio.run(play())[-1]
    assert isinstance(found, Found)
    return found


def test_a_photos_products_are_filtered_and_counts_agree() -> None:
    found = by_photo(Filters(brands=("Nike",)))
    assert [product.id for product in found.products] == [1, 3]
    assert found.total == 2
    assert found.facets is not None
    # A facet leaves its own filter out; the others hold.
    assert [(one.brand, one.count) for one in found.facets.brands] == [("Nike", 2), ("Adidas", 1)]
    assert [(one.category, one.count) for one in found.facets.categories] == [("Zapatos", 2)]
    assert [(one.min, one.max, one.count) for one in found.facets.prices] == [
        (Decimal("10.00"), Decimal("19.99"), 1),
        (Decimal("20.00"), Decimal("49.99"), 1),
    ]
    assert (found.facets.in_stock, found.facets.out_of_stock) == (1, 1)
    for chosen, n in [(Filters(in_stock=True), 2), (Filters(price=PriceRange(Decimal(20), None)), 2)]:
        assert by_photo(chosen).total == n


def test_a_photos_products_are_filtered_by_attributes() -> None:
    def attributes(found: Found) -> dict[str, dict[str, int]]:
        assert found.facets is not None
        return {one.name: {v.value: v.count for v in one.values} for one in found.facets.attributes}

    assert attributes(by_photo(Filters())) == {"Color": {"rojo": 2, "azul": 1}, "talla": {"M": 2, "L": 1}}
    # Any of the values, of the product or of a variant of it; case does not matter.
    found = by_photo(Filters(attributes=(("COLOR", ("Rojo",)), ("Talla", ("m", "l")))))
    assert [product.id for product in found.products] == [1]
    assert attributes(found) == {"Color": {"rojo": 1, "azul": 1}, "talla": {"M": 1}}
    assert by_photo(Filters(attributes=(("Color", ("rojo", "azul")),))).total == 3
    assert by_photo(Filters(attributes=(("Talla", ("40",)),)), widen=True).listing.filters == Filters()


def test_a_photos_products_are_sorted() -> None:
    assert [product.id for product in by_photo(Filters(), "price_desc").products] == [3, 2, 1]
    assert [product.id for product in by_photo(Filters(), "newest").products] == [3, 2, 1]
    assert [product.id for product in by_photo(Filters(), "name").products] == [1, 2, 3]


def test_filters_that_no_product_of_a_new_photo_passes_are_dropped() -> None:
    elsewhere = Filters(categories=("Muebles",))
    assert by_photo(elsewhere).products == ()
    widened = by_photo(elsewhere, widen=True)
    assert (widened.total, widened.listing.filters) == (3, Filters())
    kept = by_photo(Filters(brands=("Nike",)), widen=True)
    assert (kept.total, kept.listing.filters) == (2, Filters(brands=("Nike",)))


def test_products_that_only_fill_up_are_not_counted() -> None:
    shop = PlayedShop()
    shop.matching = [item(2), item(1, "Plantas"), item(4)]
    found = last(shop, "x", Submitted("t"))
    assert [product.id for product in found.products] == [2, 4, 1]
    assert (found.matching, found.total, found.categories) == (2, 3, ("Zapatos",))


def test_several_pages_come_at_once() -> None:
    shop = PlayedShop()

    async def play() -> None:
        async for _ in Searcher(shop).search("v", Listing(), pages=3):
            pass

    asyncio.run(play())
    assert shop.limits == [72]


def test_what_the_browser_classified_is_searched_without_a_photo() -> None:
    shop = PlayedShop()
    classified = Classified((("n04120489", 0.9),), b"\0\0\x80?")
    told = asyncio.run(steps(Searcher(shop), "rojas", classified))
    assert told[0] == Stage("searching")
    assert isinstance(told[-1], Found) and told[-1].kind == "both"
    assert shop.asked == ["classified (('n04120489', 0.9),) b'\\x00\\x00\\x80?' rojas"]


def test_choices_that_were_overtaken_are_known() -> None:
    turns = Searcher(PlayedShop()).turns
    assert turns.is_latest("v", 1)
    assert turns.is_latest("v", 3)
    assert not turns.is_latest("v", 2)
    assert turns.is_latest("w", 1)
    assert turns.is_latest("v", 3)


def test_words_beside_a_photo_narrow_its_products() -> None:
    shop = PlayedShop()
    found = last(shop, " rojas ", SHOE)
    assert shop.asked == ["photo shoe.jpg", "result task-shoe.jpg rojas"]
    assert [product.id for product in found.products] == [2]
    assert (found.kind, found.words_fit, found.total, found.categories) == ("both", True, 1, ("Zapatos",))


def test_a_photo_alone_is_asked_for_without_words() -> None:
    shop = PlayedShop()
    found = last(shop, "", SHOE)
    assert shop.asked == ["photo shoe.jpg", "result task-shoe.jpg None"]
    assert (found.kind, found.words_fit, len(found.products)) == ("photo", True, 3)


@pytest.mark.parametrize("photo", [SHOE, Classified((("n04120489", 0.9),), None)])
def test_where_no_product_fits_the_words_the_photo_alone_decides(photo: Photo) -> None:
    shop = PlayedShop()
    shop.matching = []
    found = last(shop, "xqzwvk", photo)
    assert [one.split()[-1] for one in shop.asked if "photo" not in one] == ["xqzwvk", "None"]
    assert (found.kind, found.words_fit, len(found.products)) == ("both", False, 3)


def test_categories_are_named_only_where_products_are_of_them() -> None:
    shop = PlayedShop()
    shop.matching = [item(7, "Muebles")]
    assert last(shop, "silla", SHOE).categories == ()


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
        running = asyncio.create_task(steps(searcher, "rojas", SHOE))
        while not shop.asked:
            await asyncio.sleep(0)
        searcher.turns.stop("v")
        assert [type(step) for step in await running] == [Stage]
        await asyncio.sleep(0)
        assert shop.cancelled == ["photo shoe.jpg"]

    asyncio.run(play())


def test_more_photos_than_the_page_has_room_for_wait_their_turn() -> None:
    async def play() -> None:
        shop = PlayedShop()
        gate = asyncio.Event()
        under_way = 0

        async def hold(what: str) -> None:
            nonlocal under_way
            if not what.startswith("photo"):
                return
            under_way += 1
            assert under_way <= PHOTO_SLOTS
            await gate.wait()
            under_way -= 1

        shop.hold = hold
        searcher = Searcher(shop)
        crowd = PHOTO_SLOTS + 3
        running = [asyncio.create_task(steps(searcher, "", Upload("p.jpg"), str(n))) for n in range(crowd)]
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
