"""The page's searches by a photo, alone and with words, over a shop that the test plays."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from played import SHOE, PlayedShop, item, last, steps
from vitrina_page import search
from vitrina_page.filters import Filters, PriceRange
from vitrina_page.photo_search import Classified, Photo, Submitted, Upload
from vitrina_page.search import PHOTO_SLOTS, Found, Listing, Searcher, Stage, Step


def test_a_photo_reports_its_stages_and_gets_a_task() -> None:
    shop = PlayedShop()
    reported = asyncio.run(steps(Searcher(shop), "", SHOE))
    assert [step.key for step in reported[:-1] if isinstance(step, Stage)] == ["sending", "submitted"]
    found = reported[-1]
    assert isinstance(found, Found)
    assert found.predictions is not None
    assert (found.listing.photo, found.upload) == (Submitted("task-shoe.jpg"), SHOE)


def test_a_photo_that_waits_for_a_worker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "POLL_PAUSE", 0.001)
    shop = PlayedShop()
    shop.pending = 2
    reported = asyncio.run(steps(Searcher(shop), "", SHOE))
    assert [step.key for step in reported if isinstance(step, Stage)] == [
        "sending",
        "submitted",
        "queued",
        "queued",
    ]
    assert isinstance(reported[-1], Found)


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
    shop.similar = [item(2), item(1, "Plantas"), item(4)]
    found = last(shop, "", Submitted("t"))
    assert [product.id for product in found.products] == [2, 4, 1]
    assert (found.matching, found.total, found.categories) == (2, 3, ("Zapatos",))


def test_words_of_another_category_than_the_photos_count_what_they_find() -> None:
    shop = PlayedShop()
    shop.matching = [item(1, "Plantas"), item(2, "Plantas")]
    found = last(shop, "planta", Submitted("t"))
    assert [product.id for product in found.products] == [1, 2]
    assert found.matching == 2
    assert found.facets is not None
    assert [(one.category, one.count) for one in found.facets.categories] == [("Plantas", 2)]


def test_what_the_browser_classified_is_searched_without_a_photo() -> None:
    shop = PlayedShop()
    classified = Classified((("n04120489", 0.9),), b"\0\0\x80?")
    reported = asyncio.run(steps(Searcher(shop), "rojas", classified))
    assert reported[0] == Stage("searching")
    assert isinstance(reported[-1], Found) and reported[-1].kind == "both"
    assert shop.asked == ["classified (('n04120489', 0.9),) b'\\x00\\x00\\x80?' rojas"]


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
        reported = await asyncio.gather(*running)
        assert all(isinstance(one[-1], Found) for one in reported)
        assert sum(Stage("queued") in one for one in reported) == 3

    asyncio.run(play())
