"""End to end, filters, order and further pages: their counts, and choices in quick succession."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Route, expect

import stage
from browsing import (
    Shop,
    Watched,
    box,
    box_of_words,
    count_of,
    open_page,
    opened,
    prices,
    search_words,
    suggested,
)

# The browser hears of the first end of a stream of answers only when the next search was sent and taken.
LATE_END = r"""{
    const ask = window.fetch;
    let release = () => {};
    const end = async () => {
        if (window.heldEnd) return;
        window.heldEnd = true;
        await new Promise((resolve) => { release = resolve; });
    };
    window.fetch = async (...asked) => {
        const answer = await ask(...asked);
        const { pathname } = new URL(asked[0].url ?? asked[0], location.href);
        if (pathname.endsWith("/queue/join")) {
            const said = await answer.json();
            // What the page does with it at once is done before the timer.
            answer.json = async () => { setTimeout(release); return said; };
        }
        if (!pathname.endsWith("/queue/data")) return answer;
        let text = "";
        const late = new TransformStream({ async transform(part, to) {
            const whole = (text + part).split("\n\n");
            text = whole.pop();
            for (const message of whole) {
                if (message.includes('"close_stream"')) await end();
                to.enqueue(`${message}\n\n`);
            }
        } });
        const told = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(late);
        return new Response(told.pipeThrough(new TextEncoderStream()), answer);
    };
}"""

# Gradio's client hears nothing of the answer to the second choice but that it has ended.
UNDRAWN = r"""{
    const ask = window.fetch;
    window.fetch = async (...asked) => {
        const answer = await ask(...asked);
        if (!new URL(asked[0].url ?? asked[0], location.href).pathname.endsWith("/queue/data")) return answer;
        let text = "";
        const fewer = new TransformStream({ transform(part, to) {
            const whole = (text + part).split("\n\n");
            text = whole.pop();
            for (const message of whole) {
                const isStep = message.includes("process_generating");
                if (isStep && message.includes('data-turn=\\"2\\"')) window.undrawn++;
                else to.enqueue(`${message}\n\n`);
            }
        } });
        const told = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(fewer);
        return new Response(told.pipeThrough(new TextEncoderStream()), answer);
    };
    window.undrawn = 0;
}"""


def test_a_brand_narrows_the_results_and_the_others_stay(spanish: Watched) -> None:
    page = opened(spanish)
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    everything = page.locator(".vt-card").count()
    nike, adidas = count_of(page, "Nike"), count_of(page, "Adidas")
    assert 0 < nike < everything

    box(page, "Nike").check()
    expect(page.locator(".vt-card")).to_have_count(nike)
    expect(page.locator("#vt-status")).to_have_text(f"{nike} productos")
    assert count_of(page, "Adidas") == adidas

    box(page, "Adidas").check()
    expect(page.locator(".vt-card")).to_have_count(nike + adidas)
    expect(box(page, "Nike")).to_be_checked()
    expect(box(page, "Adidas")).to_be_focused()
    expect(page.locator(".vt-filters-head")).to_contain_text("2 elegidos")

    page.locator(".vt-clear").click()
    expect(page.locator(".vt-card")).to_have_count(everything)
    expect(page.locator(".vt-filters input:checked")).to_have_count(1)  # any price
    spanish.assert_quiet()


def test_prices_and_stock_narrow_all_products(spanish: Watched) -> None:
    page = opened(spanish)
    box(page, "20\u00a0€ – 49,99\u00a0€").check()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("1")
    assert all(20 <= price < 50 for price in prices(page))
    expect(page.locator(".vt-gone")).not_to_have_count(0)
    box(page, "Solo disponibles").check()
    expect(page.locator(".vt-gone")).to_have_count(0)
    assert all(20 <= price < 50 for price in prices(page))
    spanish.assert_quiet()


def test_further_pages_keep_filters_and_order(spanish: Watched) -> None:
    page = opened(spanish)
    chosen = ["Zapatos", "Informática", "Muebles"]
    total = sum(count_of(page, name) for name in chosen)
    for number, name in enumerate(chosen, start=1):
        box(page, name).check()
        expect(page.locator(".vt-filters .vt-chosen")).to_have_text(str(number))
    expect(page.get_by_role("heading", name=f"Todos los productos en {', '.join(chosen)}")).to_be_visible()
    page.get_by_label("Ordenar por").select_option("Precio: de mayor a menor")
    expect(page.locator("#vt-status")).to_have_text(f"24 de {total} productos")
    expect(page.locator(".vt-price").first).to_contain_text("995,00\u00a0€")
    page.get_by_role("button", name="Ver más productos").click()
    expect(page.locator(".vt-card")).to_have_count(total)
    assert prices(page) == sorted(prices(page), reverse=True)
    assert set(page.locator(".vt-category").all_inner_texts()) == set(chosen)
    expect(page.get_by_role("button", name="Ver más productos")).to_be_hidden()
    expect(page.get_by_role("heading", name=f"Todos los productos en {', '.join(chosen)}")).to_be_visible()

    # Another query has its own filters; the order stays.
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_count(0)
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    assert prices(page) == sorted(prices(page), reverse=True)
    spanish.assert_quiet()


def test_filters_and_order_speak_english(english: Watched) -> None:
    page = opened(english)
    expect(page.get_by_label("Sort by")).to_have_value("relevance")
    expect(page.get_by_role("group", name="Category")).to_be_visible()
    expect(page.get_by_role("group", name="Price").get_by_label("Any price")).to_be_checked()
    page.get_by_role("group", name="Category").get_by_label("Furniture").check()
    expect(page.get_by_role("heading", name="All products in Furniture")).to_be_visible()
    english.assert_quiet()


def test_choices_in_quick_succession_all_count(spanish: Watched) -> None:
    page = opened(spanish)
    total = count_of(page, "Zapatos") + count_of(page, "Plantas")
    page.get_by_label("Ordenar por").select_option("Precio: de mayor a menor")
    # An answer may move what is about to be clicked: these clicks go to the boxes and not to places.
    for name in ("Zapatos", "Plantas"):
        box(page, name).dispatch_event("click")
    expect(page.locator("#vt-status")).to_have_text(f"{total} productos")
    expect(page.get_by_role("heading", name="Todos los productos en Zapatos, Plantas")).to_be_visible()
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    assert prices(page) == sorted(prices(page), reverse=True)
    spanish.assert_quiet()


def test_choices_that_overtake_each_other_all_count(spanish: Watched) -> None:
    page = opened(spanish)
    total = count_of(page, "Zapatos")
    held: list[Route] = []

    def overtake(route: Route) -> None:
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", overtake)
    with page.expect_request("**/queue/join*"):
        page.get_by_label("Ordenar por").select_option("Precio: de mayor a menor")
    box(page, "Zapatos").click()
    expect(page.locator("#vt-status")).to_have_text(f"{total} productos")
    with page.expect_response("**/queue/join*"):
        held[0].continue_()
    box(page, "Solo disponibles").check()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("2")
    expect(page.get_by_role("heading", name="Todos los productos en Zapatos")).to_be_visible()
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    assert prices(page) == sorted(prices(page), reverse=True)
    spanish.assert_quiet()


def test_a_choice_made_while_the_stream_of_answers_ends_is_answered(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, shop.page.url, "es-ES", before=LATE_END)
    page = opened(watched)
    page.wait_for_function("window.heldEnd")
    for number, name in enumerate(["Zapatos", "Plantas"], start=1):
        box(page, name).check()
        expect(page.locator(".vt-filters .vt-chosen")).to_have_text(str(number))
    expect(page.get_by_role("heading", name="Todos los productos en Zapatos, Plantas")).to_be_visible()
    watched.assert_quiet()
    page.context.close()


def test_a_choice_whose_answer_is_not_drawn_is_sent_again(spanish: Watched) -> None:
    page = opened(spanish)
    page.evaluate(UNDRAWN)
    for name in ("Zapatos", "Plantas"):
        box(page, name).dispatch_event("click")
    expect(page.get_by_role("heading", name="Todos los productos en Zapatos, Plantas")).to_be_visible()
    assert page.evaluate("window.undrawn") > 0
    spanish.assert_quiet()


def test_a_photos_products_are_filtered_and_sorted(spanish: Watched) -> None:
    page = opened(spanish)
    page.get_by_label("Ordenar por").select_option("Precio: de mayor a menor")
    expect(page).to_have_url(re.compile("sort=price_desc"))
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_be_visible()
    # The order that was chosen stays.
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    assert prices(page) == sorted(prices(page), reverse=True)
    nike = count_of(page, "Nike")
    box(page, "Nike").check()
    expect(page.locator("#vt-status")).to_have_text(f"{nike} producto{'s' if nike > 1 else ''}")
    expect(page.locator(".vt-card")).to_have_count(nike)
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    page.get_by_role("button", name="Quitar Nike").click()
    expect(page.locator(".vt-card")).not_to_have_count(nike)
    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    spanish.assert_quiet()


@pytest.mark.parametrize("words", ["zapatillas", "zapatos", "cámara", "zapatilas", "silla roja"])
def test_counts_agree(spanish: Watched, words: str) -> None:
    page = opened(spanish)
    search_words(page, words)
    expect(page.get_by_role("heading", name=f"«{words}»")).to_be_visible()
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    counted = int(page.locator(".vt-done").inner_text().split()[-2])
    assert counted == count_of(page, "Cualquier precio")
    categories = page.get_by_role("group", name="Categoría").locator(".vt-n").all_inner_texts()
    assert sum(map(int, categories)) == counted
    # A category brings as many products as it says.
    label = page.get_by_role("group", name="Categoría").locator(".vt-label").first.inner_text()
    box(page, label).check()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("1")
    one = int(categories[0])
    expect(page.locator("#vt-status")).to_have_text(f"{one} producto{'s' if one > 1 else ''}")
    spanish.assert_quiet()


def test_filters_and_suggestions_fit_a_phone(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, shop.page.url, "es-ES", 360)
    page = opened(watched)
    expect(box(page, "Zapatos")).to_be_hidden()
    page.get_by_role("button", name="Filtros").click()
    box(page, "Zapatos").check()
    expect(page.get_by_role("heading", name="Todos los productos en Zapatos")).to_be_attached()
    expect(box(page, "Zapatos")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box(page, "Zapatos")).to_be_hidden()
    box_of_words(page).fill("zap")
    expect(suggested(page).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    edges = page.locator(".vt-suggest").evaluate("(list) => list.getBoundingClientRect().toJSON()")
    assert edges["left"] >= 0
    assert edges["right"] <= 360
    watched.assert_quiet()
    page.context.close()
