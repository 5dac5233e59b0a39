"""A page that was written for another engine, with the search client changed alone: its names, orders and widgets work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from test_instantsearch import expect_hits
from visiting import Site, Visit, visiting

PAGE = 8


@pytest.fixture
def moved(browser: Browser, site: Site) -> Iterator[Visit]:
    with visiting(browser, site, "/moved.html") as visit:
        expect(visit.page.locator("#hits [data-id]")).to_have_count(PAGE)
        yield visit


def prices(page: Page) -> list[float]:
    return [float(price) for price in page.locator("#hits [data-price]").evaluate_all("(all) => all.map((one) => one.dataset.price)")]


def expect_total(page: Page, total: int) -> None:
    expect(page.locator("#stats .ais-Stats-text")).to_have_text(str(total))


def test_words_highlights_and_further_pages(site: Site, moved: Visit) -> None:
    page = moved.page
    page.locator("#box input").fill("horno")
    found = site.search("horno", limit=PAGE)
    expect_hits(page, found["products"])
    expect(page.locator("#hits h2 mark").first).to_have_text("Horno")
    expect(page.locator("#hits .about").first).to_contain_text("Horno de encastre con nueve funciones")
    expect(page.locator("#hits .in").first).to_have_text("Hogar")
    page.locator("#box input").fill("")
    everything = site.search("", limit=2 * PAGE)
    expect_hits(page, everything["products"][:PAGE])
    page.locator(".ais-InfiniteHits-loadMore").click()
    expect_hits(page, everything["products"])
    expect(page.locator("#rules img")).to_have_count(0)


def test_orders_are_of_the_prices_that_are_shown(site: Site, moved: Visit) -> None:
    page = moved.page
    for value, sort in (("instant_search/sort/price:asc", "price_asc"), ("instant_search:price:desc", "price_desc")):
        page.locator("#sort select").select_option(value)
        expect_hits(page, site.search("", limit=PAGE, sort=sort)["products"])
        assert prices(page) == sorted(prices(page), reverse=sort == "price_desc")
    page.locator("#box input").fill("horno multifunción")
    expect(page.locator("#hits [data-price]").first).to_have_attribute("data-price", "299")


def test_categories_by_name_and_as_a_tree(browser: Browser, site: Site, moved: Visit) -> None:
    page = moved.page
    page.locator("#dynamic .ais-Menu-link", has_text="Cocina").click()
    expect_hits(page, site.search("", limit=PAGE, filter={"categories": ["Cocina"]})["products"])
    page.locator("#clear button").click()
    expect_total(page, site.search("")["total"])
    page.locator("#tree a", has_text="Hogar").click()
    expect_hits(page, site.search("", limit=PAGE, filter={"categories": ["Hogar"]})["products"])
    page.locator("#tree a", has_text="Cocina").last.click()
    expect_hits(page, site.search("", limit=PAGE, filter={"categories": ["Hogar > Cocina"]})["products"])
    expect(page.locator("#trail")).to_contain_text("Hogar")
    with visiting(browser, site, "/moved.html?root=Hogar") as visit:
        expect_hits(visit.page, site.search("", limit=20, filter={"categories": ["Hogar"]})["products"])
        expect(visit.page.locator("#tree")).to_contain_text("Textil")


def test_a_brand_by_another_name(site: Site, moved: Visit) -> None:
    page = moved.page
    page.locator("#dynamic input[type=search]").fill("fog")
    brand = page.locator("#dynamic .ais-RefinementList-item")
    expect(brand).to_have_count(1)
    brand.locator("label").click()
    expect_hits(page, site.search("", limit=PAGE, filter={"brands": ["Fogón"]})["products"])
    expect(page.locator("#current")).to_contain_text("Fogón")


def test_what_the_shop_does_not_have_finds_nothing_and_breaks_nothing(site: Site, moved: Visit) -> None:
    page = moved.page
    expect(page.locator("#ratings .ais-RatingMenu-item--disabled")).to_have_count(4)
    page.locator("#shipping input").click()
    expect_total(page, 0)
    page.locator("#clear button").click()
    expect_total(page, site.search("")["total"])
    page.goto(f"{site.pages}/moved.html?instant_search[ratingMenu][rating]=4")
    expect_total(page, 0)


def test_a_category_that_is_gone_finds_nothing(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/moved.html?instant_search[menu][categories]=Discos") as visit:
        page = visit.page
        expect_total(page, 0)
        # The others are still to choose.
        page.locator("#dynamic .ais-Menu-link", has_text="Cocina").click()
        expect_hits(page, site.search("", limit=PAGE, filter={"categories": ["Cocina"]})["products"])
        # The browser reports the one request that the server refused.
        assert len([fault for fault in visit.faults if "422" in fault]) == len(visit.faults) == 1
        visit.faults.clear()


def test_the_page_of_one_product(browser: Browser, site: Site) -> None:
    product = next(one for one in site.search("zapatillas")["products"] if one["photo"])
    similar = site.ask(f"/products/{product['id']}/similar?limit=4")["products"]
    with visiting(browser, site, f"/moved.html?pid={product['id']}") as visit:
        expect_hits(visit.page, [product])
        expect_hits(visit.page, similar, "#related")
        # What is seen is counted by the shop's own server; no other host is asked.
        with visit.page.expect_request("**/events"):
            visit.page.reload()
