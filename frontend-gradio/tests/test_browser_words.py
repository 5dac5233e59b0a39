"""End to end, a search by words: suggestions, proposals, chips, words beside a photo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

import stage
from browsing import Watched, box, box_of_words, expect_loaded, opened, prices, search_words, suggested


def test_fifty_fast_clicks_end_in_one_answer(spanish: Watched) -> None:
    page = opened(spanish)
    page.locator("#vt-words input").fill("zapatillas")
    page.evaluate("for (let at = 0; at < 50; at++) document.querySelector('#vt-search').click()")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    # The page is none the worse for it.
    search_words(page, "sillas")
    expect(page.get_by_role("heading", name="Resultados para «sillas»")).to_be_visible()
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    spanish.assert_quiet()


def test_a_misspelt_query_is_put_right_by_a_click(spanish: Watched) -> None:
    page = opened(spanish)
    search_words(page, "zapatilas")
    expect(page.locator(".vt-meant")).to_have_text("¿Quisiste decir zapatillas?")
    page.get_by_role("button", name="zapatillas", exact=True).click()
    heading = page.get_by_role("heading", name="Resultados para «zapatillas»")
    expect(heading).to_be_focused()
    expect(box_of_words(page)).to_have_value("zapatillas")
    expect(page.locator(".vt-meant")).to_have_count(0)
    spanish.assert_quiet()


def test_the_words_searched_for_are_marked(spanish: Watched) -> None:
    page = opened(spanish)
    expect(page.locator("mark")).to_have_count(0)
    search_words(page, "camara")
    expect(page.locator("mark").first).to_have_text("Cámara")
    spanish.assert_quiet()


def test_a_suggestion_is_chosen_by_keyboard(spanish: Watched) -> None:
    page = opened(spanish)
    words = page.get_by_role("combobox", name="¿Qué buscas?")
    # At once: the list for "za" would give way to that for "zap" while one chooses from it.
    words.fill("zap")
    options = page.get_by_role("listbox", name="Sugerencias").get_by_role("option")
    expect(options.and_(page.get_by_role("option", name="zapatillas", exact=True))).to_be_visible()
    expect(words).to_have_attribute("aria-expanded", "true")
    for _ in range(10):
        words.press("ArrowDown")
        if "zapatillas" in page.locator("[role=option][aria-selected=true]").all_inner_texts():
            break
    active = page.locator("[role=option][aria-selected=true]")
    assert words.get_attribute("aria-activedescendant") == active.get_attribute("id")
    words.press("Enter")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(words).to_have_value("zapatillas")
    expect(words).to_be_focused()
    expect(words).to_have_attribute("aria-expanded", "false")
    expect(options).to_have_count(0)
    spanish.assert_quiet()


def test_a_category_is_suggested_and_shown(english: Watched) -> None:
    page = opened(english)
    box_of_words(page).fill("mueb")
    page.get_by_role("option", name="Furniture Category").click()
    expect(page.get_by_role("heading", name="All products in Furniture")).to_be_visible()
    expect(box_of_words(page)).to_have_value("")
    expect(box(page, "Furniture")).to_be_checked()
    assert set(page.locator(".vt-category").all_inner_texts()) == {"Furniture"}
    english.assert_quiet()


def test_who_types_on_searches_for_what_is_typed(spanish: Watched) -> None:
    page = opened(spanish)
    words = box_of_words(page)
    words.press_sequentially("zap")
    expect(suggested(page).first).to_be_visible()
    words.press("ArrowDown")
    words.press_sequentially("atillas rojas")
    words.press("Enter")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas rojas»")).to_be_visible()
    expect(suggested(page)).to_have_count(0)

    words.fill("sill")
    expect(suggested(page).first).to_be_visible()
    words.press("Escape")
    expect(suggested(page)).to_have_count(0)
    expect(words).to_have_value("sill")
    spanish.assert_quiet()


def test_suggestions_that_come_late_are_dropped(spanish: Watched) -> None:
    page = opened(spanish)
    held: list[Route] = []

    def answer(route: Route) -> None:
        if not held:
            held.append(route)
            return
        option = {"kind": "query", "text": "nuevo", "note": ""}
        route.fulfill(json={"options": [option], "announcement": "1"})

    page.route("**/suggest?*", answer)
    with page.expect_request("**/suggest?q=za"):
        box_of_words(page).fill("za")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("q=za")):
        box_of_words(page).fill("zapa")
    expect(suggested(page)).to_have_text(["nuevo"])
    spanish.assert_quiet()


def test_without_suggestions_typing_and_searching_go_on(spanish: Watched) -> None:
    page = opened(spanish)
    page.route("**/suggest?*", lambda route: route.fulfill(body="no answer"))
    with page.expect_response("**/suggest?*"):
        box_of_words(page).press_sequentially("zapatillas")
    expect(box_of_words(page)).to_have_value("zapatillas")
    box_of_words(page).press("Enter")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(suggested(page)).to_have_count(0)
    spanish.assert_quiet()


@pytest.mark.parametrize(
    ("language", "hint", "heading"),
    [
        ("spanish", "También puedes mirar en:", "Todos los productos en"),
        ("english", "You can also look into:", "All products in"),
    ],
)
def test_an_empty_answer_leads_to_a_category(
    language: str, hint: str, heading: str, request: pytest.FixtureRequest
) -> None:
    watched: Watched = request.getfixturevalue(language)
    page = opened(watched)
    search_words(page, "xqzwvk")
    expect(page.get_by_text(hint)).to_be_visible()
    expect(page.locator(".vt-filters")).to_have_count(0)
    button = page.locator(".vt-pill").first
    category = button.inner_text()
    button.click()
    expect(page.get_by_role("heading", name=f"{heading} {category}")).to_be_focused()
    expect(box_of_words(page)).to_have_value("")
    expect(box(page, category)).to_be_checked()
    watched.assert_quiet()


def test_the_cross_empties_the_box(spanish: Watched) -> None:
    page = opened(spanish)
    cross = page.get_by_role("button", name="Borrar")
    expect(cross).to_be_hidden()
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    cross.click()
    expect(box_of_words(page)).to_have_value("")
    expect(box_of_words(page)).to_be_focused()
    expect(cross).to_be_hidden()
    # Gradio knows it as well.
    page.get_by_role("button", name="Buscar", exact=True).click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    spanish.assert_quiet()


def test_what_was_understood_is_a_chip_that_takes_it_back(spanish: Watched) -> None:
    page = opened(spanish)
    search_words(page, "zapatillas por menos de 100 euros")
    chip = page.locator("[data-ignore]")
    expect(chip).to_have_text("hasta 100,00\u00a0€")
    assert all(price <= 100 for price in prices(page))
    chip.click()
    expect(page.locator("[data-ignore]")).to_have_count(0)
    page.wait_for_url("**ignore=**")
    spanish.assert_quiet()


def test_a_suggested_product_has_its_picture_and_opens(spanish: Watched) -> None:
    page = opened(spanish)
    box_of_words(page).fill("zapatillas altas")
    option = suggested(page).filter(has_text="Zapatillas altas de lona")
    expect_loaded(option.locator("img"))
    option.click()
    expect(page.get_by_role("dialog", name="Zapatillas altas de lona")).to_be_visible()
    spanish.assert_quiet()


def test_words_beside_a_photo_narrow_what_it_finds(english: Watched) -> None:
    page = opened(english)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Similar to your photo")).to_be_visible()
    alone = page.locator(".vt-card").count()

    search_words(page, "zapatillas azules")
    expect(page.get_by_role("heading", name="Similar to your photo and “zapatillas azules”")).to_be_visible()
    names = page.locator(".vt-open").all_inner_texts()
    assert 0 < len(names) < alone
    assert all("zapatillas" in name.lower() and "azules" in name.lower() for name in names)

    # Words of another category than the photo's decide as well, and what they find is counted.
    search_words(page, "sofá")
    expect(page.get_by_role("heading", name="Similar to your photo and “sofá”")).to_be_visible()
    sofas = page.locator(".vt-card").count()
    expect(page.locator("#vt-status")).to_have_text(f"{sofas} product{'s' if sofas > 1 else ''}")

    search_words(page, "xqzwvk")
    expect(page.get_by_text("No product matches “xqzwvk”")).to_be_visible()
    expect(page.get_by_role("heading", name="Similar to your photo")).to_be_visible()
    expect(page.locator(".vt-card")).to_have_count(alone)
    english.assert_quiet()
