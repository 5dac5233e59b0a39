"""InstantSearch.js, React and Vue InstantSearch and Autocomplete from npm over the adapter show what the server says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import stage
from visiting import Site, Visit, visiting

PAGE = 8
QUERY = "camara"
NAMES = ":is(.ais-RefinementList-labelText, .ais-HierarchicalMenu-label)"
NUMBERS = ":is(.ais-RefinementList-count, .ais-HierarchicalMenu-count)"


@pytest.fixture
def widgets(browser: Browser, site: Site) -> Iterator[Visit]:
    with visiting(browser, site, "/instantsearch.html") as visit:
        expect(visit.page.locator("#hits [data-id]")).to_have_count(PAGE)
        yield visit


def ids(products: list[dict[str, Any]]) -> list[str]:
    return [str(product["id"]) for product in products]


def expect_hits(page: Page, products: list[dict[str, Any]], where: str = "#hits") -> None:
    """The page shows just these products, in this order."""
    page.wait_for_function(
        "([where, ids]) => JSON.stringify([...document.querySelectorAll(`${where} [data-id]`)]"
        ".map((hit) => hit.dataset.id)) === JSON.stringify(ids)",
        arg=[where, ids(products)],
    )


def counts(page: Page, where: str) -> dict[str, int]:
    """The values of a list of refinements with their counts."""
    names, numbers = (page.locator(f"{where} {part}").all_inner_texts() for part in (NAMES, NUMBERS))
    return dict(zip(names, map(int, numbers), strict=True))


def expect_counts(page: Page, where: str, expected: dict[str, int]) -> None:
    """The list shows just these values with these counts."""
    page.wait_for_function(
        """([names, numbers, expected]) => {
          const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent.trim());
          const counts = texts(numbers).map(Number);
          const shown = texts(names).map((name, at) => [name, counts[at]]);
          return JSON.stringify(shown.sort()) === JSON.stringify(Object.entries(expected).sort());
        }""",
        arg=[f"{where} {NAMES}", f"{where} {NUMBERS}", expected],
    )


def by_name(facets: dict[str, Any], kind: str, name: str) -> dict[str, int]:
    return {value[name]: value["count"] for value in facets[kind]}


def test_words_counts_and_highlights_are_the_servers(site: Site, widgets: Visit) -> None:
    page = widgets.page
    page.locator("#box input").fill(QUERY)
    found = site.search(QUERY, limit=PAGE)
    expect_hits(page, found["products"])
    expect(page.locator("#stats .ais-Stats-text")).to_have_text(str(found["total"]))
    expect_counts(page, "#brands", by_name(found["facets"], "brands", "brand"))
    marked = found["products"][0]
    start, end = marked["highlights"]["name"][0]
    expect(page.locator("#hits [data-id] mark").first).to_have_text(marked["name"][start:end])


def test_a_hit_is_the_variant_that_matches(site: Site, widgets: Visit) -> None:
    page = widgets.page
    for query, price, url in (("polo rojo", "25", "polo/rojo"), ("polo azul", "30", "polo/azul"), ("polo", "30", "polo")):
        page.locator("#box input").fill(query)
        expect_hits(page, site.search(query, limit=PAGE)["products"])
        polo = page.locator("#hits [data-id]").first
        expect(polo).to_have_attribute("data-url", f"https://tienda.example/{url}")
        expect(polo).to_have_attribute("data-price", price)


def test_a_brand_narrows_and_leaves_the_other_brands_to_choose(site: Site, widgets: Visit) -> None:
    page = widgets.page
    page.locator("#box input").fill(QUERY)
    found = site.search(QUERY, limit=PAGE)
    expect_hits(page, found["products"])
    brand = found["facets"]["brands"][0]["brand"]
    before = len(widgets.requests)
    page.locator("#brands label", has_text=brand).click()
    narrowed = site.search(QUERY, limit=PAGE, filter={"brands": [brand]})
    expect_hits(page, narrowed["products"])
    expect_counts(page, "#brands", by_name(narrowed["facets"], "brands", "brand"))
    expect(page.locator("#current")).to_contain_text(brand)
    # The hits and the counts without the brand are one search; the similar products do not change.
    asked = [path for path in widgets.requests[before:] if path.startswith("/search/")]
    assert asked == ["/search/text"]
    page.locator("#clear button").click()
    expect_hits(page, found["products"])


def attribute(facets: dict[str, Any], name: str) -> dict[str, int]:
    """The counts of an attribute."""
    values = next(one["values"] for one in facets["attributes"] if one["name"] == name)
    return {value["value"]: value["count"] for value in values}


def test_attributes_narrow_each_other(site: Site, widgets: Visit) -> None:
    page = widgets.page
    facets = site.search("")["facets"]
    expect_counts(page, "#colors", attribute(facets, "Color"))
    expect_counts(page, "#sizes", attribute(facets, "Diámetro"))
    before = len(widgets.requests)
    page.locator("#colors label", has_text="rojo").click()
    narrowed = site.search("", limit=PAGE, filter={"attributes": {"Color": ["rojo"]}})
    expect_hits(page, narrowed["products"])
    # The other colours are still to choose.
    expect_counts(page, "#colors", attribute(narrowed["facets"], "Color"))
    expect_counts(page, "#sizes", attribute(narrowed["facets"], "Diámetro"))
    assert [path for path in widgets.requests[before:] if path.startswith("/search/")] == ["/search/text"]
    wanted = {"Color": ["rojo", "negro"]}
    page.locator("#colors label", has_text="negro").click()
    expect_hits(page, site.search("", limit=PAGE, filter={"attributes": wanted})["products"])
    wanted["Diámetro"] = ["24 cm"]
    page.locator("#sizes label", has_text="24 cm").click()
    expect_hits(page, site.search("", limit=PAGE, filter={"attributes": wanted})["products"])
    expect(page.locator("#current")).to_contain_text("negro")


def test_a_tree_of_categories_opens_level_by_level(site: Site, widgets: Visit) -> None:
    page = widgets.page

    def choose(category: str, path: str, below: dict[str, int]) -> None:
        page.locator("#categories a", has_text=category).last.click()
        found = site.search("", limit=PAGE, filter={"categories": [path]})
        expect_hits(page, found["products"])
        expect(page.locator("#stats .ais-Stats-text")).to_have_text(str(found["total"]))
        expect_counts(page, "#categories", root | below)

    root = counts(page, "#categories")
    assert root["Hogar"] == 5
    assert "Cocina" not in root
    home = {"Cocina": 4, "Textil": 1}
    kitchen = home | {"Hornos": 2, "Menaje": 2}
    choose("Hogar", "Hogar", home)
    choose("Cocina", "Hogar > Cocina", kitchen)
    before = len(widgets.requests)
    choose("Menaje", "Hogar > Cocina > Menaje", kitchen)
    asked = [path for path in widgets.requests[before:] if path.startswith("/search/")]
    assert asked == ["/search/text"], "all levels are counted by one search"
    # The chosen category, chosen again, gives way to the one above.
    choose("Menaje", "Hogar > Cocina", kitchen)
    # The router writes the address a moment later.
    page.wait_for_url(re.compile("^(?!.*Menaje).*Cocina"))
    page.reload()
    expect_hits(page, site.search("", limit=PAGE, filter={"categories": ["Hogar > Cocina"]})["products"])


def test_the_slider_has_the_ends_of_the_prices(site: Site, widgets: Visit) -> None:
    page = widgets.page
    page.locator("#box input").fill(QUERY)
    found = site.search(QUERY, limit=PAGE)
    expect_hits(page, found["products"])
    price = found["facets"]["stats"]["price"]
    handles = page.locator("#slider [role=slider]")
    # The slider takes whole numbers around the prices.
    expect(handles.first).to_have_attribute("aria-valuemin", str(math.floor(price["min"])))
    expect(handles.last).to_have_attribute("aria-valuemax", str(math.ceil(price["max"])))
    highest = str(math.ceil(price["max"]))
    expect(handles.last).to_have_attribute("aria-valuenow", highest)
    handles.last.press("PageDown")
    expect(handles.last).not_to_have_attribute("aria-valuenow", highest)
    most = int(handles.last.get_attribute("aria-valuenow") or 0)
    assert most < price["max"]
    expect_hits(page, site.search(QUERY, limit=PAGE, filter={"max_price": most})["products"])
    expect(handles.last).to_have_attribute("aria-valuemax", str(math.ceil(price["max"])))


def test_a_category_of_the_menu_narrows(site: Site, widgets: Visit) -> None:
    page = widgets.page
    link = page.locator("#categories a").first
    category = re.sub(r"\s*\d+\s*$", "", link.inner_text()).strip()
    link.click()
    narrowed = site.search("", limit=PAGE, filter={"categories": [category]})
    expect_hits(page, narrowed["products"])
    expect(page.locator("#stats .ais-Stats-text")).to_have_text(str(narrowed["total"]))
    assert len(counts(page, "#categories")) > 1, "the others are still to choose"


def test_prices_and_stock_narrow(site: Site, widgets: Visit) -> None:
    page = widgets.page
    page.locator("#range input").first.fill("20")
    page.locator("#range input").last.fill("60")
    page.locator("#range button").click()
    narrowed = site.search("", limit=PAGE, filter={"min_price": 20, "max_price": 60})
    expect_hits(page, narrowed["products"])
    page.locator("#stock input").click()
    narrowed = site.search("", limit=PAGE, filter={"min_price": 20, "max_price": 60, "in_stock": True})
    expect_hits(page, narrowed["products"])


def test_an_index_name_chooses_the_order_and_pages_go_on(site: Site, widgets: Visit) -> None:
    page = widgets.page
    page.locator("#sort select").select_option("cheapest")
    cheapest = site.search("", limit=3 * PAGE, sort="price_asc")["products"]
    expect_hits(page, cheapest[:PAGE])
    page.get_by_role("link", name="Page 3", exact=True).click()
    expect_hits(page, cheapest[2 * PAGE :])
    # The router writes the address a moment later.
    page.wait_for_url(re.compile("page"))
    page.reload()
    expect_hits(page, cheapest[2 * PAGE :])


def test_values_of_a_facet_are_searched(site: Site, widgets: Visit) -> None:
    page = widgets.page
    brand = site.search("", limit=1)["facets"]["brands"][0]["brand"]
    page.locator("#brands input[type=search]").fill(brand[1:4].upper())
    values = site.ask("/search/facet-values", {"facet": "brand", "query": brand[1:4]})["values"]
    assert brand in [value["value"] for value in values]
    labels = page.locator("#brands li label")
    expect(labels).to_have_count(len(values))
    expect(labels.filter(has_text=brand)).to_have_count(1)


def test_similar_products_are_the_servers(browser: Browser, site: Site) -> None:
    product = next(one for one in site.search("zapatillas")["products"] if one["photo"])
    similar = site.ask(f"/products/{product['id']}/similar?limit=6")["products"]
    with visiting(browser, site, f"/instantsearch.html?like={product['id']}") as visit:
        expect_hits(visit.page, similar, "#similar")


def test_a_photo_searches_and_the_widgets_narrow_it(site: Site, widgets: Visit) -> None:
    page = widgets.page
    stats = page.locator("#stats .ais-Stats-text")
    expect(stats).to_have_text(str(site.search("")["total"]))
    page.locator("#photo input").set_input_files(stage.shoe_photo())
    expect(stats).not_to_have_text(str(site.search("")["total"]))
    expect(page.locator("#hits")).to_contain_text("Zapatillas")
    expect(page.locator("#photo img")).to_be_visible()
    total = int(stats.inner_text())
    brand = page.locator("#brands label").first
    name = re.sub(r"\s*\d+\s*$", "", brand.inner_text()).strip()
    brand.click()
    page.wait_for_function(f"() => Number(document.querySelector('#stats').textContent) < {total}")
    expect(page.locator("#hits"), f"{name} has shoes").to_contain_text("Zapatillas")
    # The photo is in the address, and a moment later the brand: a reload shows the same.
    page.wait_for_url(re.compile("photoBox.*brand|brand.*photoBox"))
    page.reload()
    expect(page.locator("#hits")).to_contain_text("Zapatillas")
    page.locator("#photo button[aria-label]").click()
    expect(stats).to_have_text(str(site.search("", filter={"brands": [name]})["total"]))
    page.locator("#clear button").click()
    expect(stats).to_have_text(str(site.search("")["total"]))


@pytest.mark.parametrize("path", ["/react.html", "/vue.html"])
def test_react_and_vue_show_the_same(browser: Browser, site: Site, path: str) -> None:
    """Twelve widgets each; the class names are InstantSearch's own, in all of its flavours."""
    with visiting(browser, site, path) as visit:
        page = visit.page
        page.locator(".ais-SearchBox-input").fill(QUERY)
        found = site.search(QUERY, limit=PAGE)
        expect_hits(page, found["products"], ".ais-Hits")
        expect(page.locator(".ais-Stats")).to_contain_text(str(found["total"]))
        start, end = found["products"][0]["highlights"]["name"][0]
        expect(page.locator("[data-id] mark").first).to_have_text(found["products"][0]["name"][start:end])
        expect_counts(page, "#brands", by_name(found["facets"], "brands", "brand"))
        brand = found["facets"]["brands"][0]["brand"]
        page.locator("#brands label", has_text=brand).click()
        expect_hits(page, site.search(QUERY, limit=PAGE, filter={"brands": [brand]})["products"], ".ais-Hits")
        expect(page.locator(".ais-CurrentRefinements")).to_contain_text(brand)
        page.locator(".ais-ClearRefinements-button").click()
        expect_hits(page, found["products"], ".ais-Hits")
        page.locator(".ais-SortBy-select").select_option("products_price_asc")
        expect_hits(page, site.search(QUERY, limit=PAGE, sort="price_asc")["products"], ".ais-Hits")
        page.locator(".ais-Pagination-item--nextPage a").click()
        expect_hits(page, site.search(QUERY, limit=2 * PAGE, sort="price_asc")["products"][PAGE:], ".ais-Hits")

        page.locator(".ais-SearchBox-input").fill("")
        cheapest = {"sort": "price_asc", "limit": PAGE}
        expect_hits(page, site.search("", **cheapest)["products"], ".ais-Hits")
        page.locator("#colors label", has_text="rojo").click()
        wanted: dict[str, Any] = {"attributes": {"Color": ["rojo"]}}
        expect_hits(page, site.search("", **cheapest, filter=wanted)["products"], ".ais-Hits")
        for category, path in (("Hogar", "Hogar"), ("Cocina", "Hogar > Cocina")):
            page.locator("#categories a", has_text=category).click()
            wanted["categories"] = [path]
            expect_hits(page, site.search("", **cheapest, filter=wanted)["products"], ".ais-Hits")
        expect(page.locator("#categories")).to_contain_text("Menaje")
        # The widgets are drawn anew by the answer: what is typed into them before it would be lost.
        page.locator(".ais-ClearRefinements-button").click()
        expect_hits(page, site.search("", **cheapest)["products"], ".ais-Hits")
        page.locator("#range input").first.fill("20")
        page.locator("#range input").last.fill("60")
        page.locator("#range button").click()
        wanted = {"min_price": 20, "max_price": 60}
        expect_hits(page, site.search("", **cheapest, filter=wanted)["products"], ".ais-Hits")
        page.locator("#stock input").click()
        wanted["in_stock"] = True
        expect_hits(page, site.search("", **cheapest, filter=wanted)["products"], ".ais-Hits")


def test_autocomplete_offers_queries_categories_and_products(browser: Browser, site: Site) -> None:
    with visiting(browser, site, "/autocomplete.html") as visit:
        page = visit.page
        page.locator("#app input").fill("cam")
        found = site.ask("/search/suggest?q=cam&limit=6")
        items = page.locator(".aa-Item")
        expect(items).to_have_count(sum(len(found[kind]) for kind in ("queries", "categories", "products")))
        labels = [text.strip() for text in items.all_inner_texts()]
        assert labels[-len(found["products"]) :] == [product["name"] for product in found["products"]]
        items.last.click()
        last = found["products"][-1]["id"]
        page.wait_for_function(f"() => window.chosen?.id === {last}")
