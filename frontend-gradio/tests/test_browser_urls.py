"""End to end, the page's URL: reload, back and shared links show the same products."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

import stage
from browsing import Shop, Watched, box, open_page, require_browser_module, search_words, show_all_values


def names(page: Page) -> list[str]:
    return page.locator("#vt-found .vt-open").all_inner_texts()


def choose(page: Page, label: str) -> None:
    show_all_values(page)
    box(page, label).check()


def test_a_search_has_a_url_that_reload_back_and_forward_follow(spanish: Watched) -> None:
    page = spanish.page
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?q=zapatillas$"))
    expect(page).to_have_title("zapatillas – Vitrina")
    choose(page, "Nike")
    expect(page).to_have_url(re.compile(r"/\?q=zapatillas&brand=Nike$"))
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("1")
    page.get_by_label("Ordenar por").select_option("Precio: de mayor a menor")
    expect(page).to_have_url(re.compile(r"sort=price_desc$"))
    expect(page.locator("#vt-status .vt-done")).to_be_visible()
    shown = names(page)

    page.reload()
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    assert names(page) == shown
    expect(page.locator("#vt-words input")).to_have_value("zapatillas")
    expect(page.get_by_label("Ordenar por")).to_have_value("price_desc")
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("1")

    page.go_back()
    expect(page.get_by_label("Ordenar por")).to_have_value("relevance")
    page.go_back()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.locator("#vt-words input")).to_have_value("")
    page.go_forward()
    expect(page.get_by_role("heading", name="Resultados para «zapatillas»")).to_be_visible()
    expect(page.locator("#vt-words input")).to_have_value("zapatillas")

    # A filter chosen after going back counts.
    choose(page, "Nike")
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("1")
    spanish.assert_quiet()


def test_a_link_opens_in_its_language_with_its_filters(browser: Browser, shop: Shop) -> None:
    watched = open_page(
        browser, f"{shop.page.url}/?category=Muebles&price=100.00:199.99&stock=1&lang=en", "es-ES"
    )
    page = watched.page
    expect(page.get_by_role("heading", name="All products in Furniture")).to_be_visible()
    expect(page.locator(".vt-filters .vt-chosen")).to_have_text("3")
    expect(page.get_by_role("button", name="Search", exact=True)).to_be_visible()
    search_words(page, "silla")
    expect(page).to_have_url(re.compile(r"\?q=silla&lang=en$"))
    watched.assert_quiet()
    page.context.close()


def test_a_product_has_a_url_of_its_own(browser: Browser, shop: Shop, spanish: Watched) -> None:
    page = spanish.page
    search_words(page, "zapatillas de correr azules y rosas")
    name = "Zapatillas de correr azules y rosas"
    expect(page.get_by_role("heading", name=f"Resultados para «{name.lower()}»")).to_be_visible()
    opener = page.get_by_role("link", name=name)
    listing = page.url
    opener.click()
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    expect(page).to_have_title(f"{name} – Vitrina")
    product = page.url
    assert "product=" in product

    page.go_back()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(listing)
    page.go_forward()
    expect(dialog).to_be_visible()
    # The dialog's `close` event may come only after the next step.
    for _ in range(10):
        page.go_back()
        expect(dialog).to_have_count(0)
        page.go_forward()
        expect(dialog).to_be_visible()
    expect(page).to_have_url(product)
    # Closing goes back over similar products that were looked at.
    dialog.locator(".vt-similar .vt-open").first.click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Cerrar").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(listing)
    expect(page).to_have_title("zapatillas de correr azules y rosas – Vitrina")
    spanish.assert_quiet()

    shared = open_page(browser, product, "en-GB")
    expect(shared.page.get_by_role("dialog", name=name)).to_be_visible()
    shared.page.keyboard.press("Escape")
    expect(shared.page).to_have_url(re.compile(r"\?q=[^&]*$"))
    shared.assert_quiet()
    shared.page.context.close()


def test_a_shared_link_names_its_product(shop: Shop, spanish: Watched) -> None:
    answer = spanish.page.request.get(f"{shop.page.url}/?product=101", headers={"accept-language": "es"})
    html = answer.text()
    title = re.search(r"<title>(.*) – Vitrina</title>", html)
    assert title is not None
    assert f'<meta property="og:title" content="{title[1]} – Vitrina">' in html
    picture = re.search(r'<meta property="og:image" content="([^"]+)">', html)
    assert picture is not None
    assert spanish.page.request.get(picture[1]).headers["content-type"].startswith("image/")


def test_a_photo_search_is_repeated_by_its_url(browser: Browser, shop: Shop, spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    page.wait_for_url("**photo=**")
    shown = names(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/upload" in request.url else None)
    # Words beside it do not send it again.
    search_words(page, "negras")
    expect(page.get_by_role("heading", name="Parecidos a tu foto y «negras»")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Parecidos a tu foto y")).to_have_count(0)
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    expect(page.locator("#vt-words input")).to_have_value("")
    page.reload()
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    assert names(page) == shown
    expect(page.get_by_role("img", name="Tu foto")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    expect(page.get_by_role("img", name="Tu foto")).to_be_hidden()
    page.go_forward()
    expect(page.get_by_role("img", name="Tu foto")).to_be_visible()
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    assert sent == []
    spanish.assert_quiet()

    shared = open_page(browser, page.url, "en-GB")
    expect(shared.page.get_by_role("heading", name="Similar to your photo")).to_be_visible()
    expect(shared.page.get_by_text("The photo of this search")).to_be_visible()
    shared.assert_quiet()
    shared.page.context.close()


def test_a_photo_that_stayed_on_the_device_is_kept_by_the_tab(spanish: Watched, browser: Browser) -> None:
    require_browser_module()
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.get_by_role("switch").check()
    expect(page.locator(".vt-device")).to_have_attribute("data-device", "ready")
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    page.wait_for_url("**photo=local-**")
    shown = names(page)
    page.reload()
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    assert names(page) == shown
    expect(page.get_by_role("img", name="Tu foto")).to_be_visible()
    spanish.assert_quiet()
    # Elsewhere there is no such photo.
    other = open_page(browser, page.url, "es-ES")
    expect(other.page.get_by_role("heading", name="Todos los productos")).to_be_visible()
    other.assert_quiet()
    other.page.context.close()


def test_further_pages_and_the_place_on_the_page_are_kept(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card")).to_have_count(24)
    page.get_by_role("button", name="Ver más productos").click()
    expect(page.locator(".vt-card")).to_have_count(48)
    expect(page).to_have_url(re.compile(r"\?pages=2$"))
    page.evaluate("window.scrollTo(0, 1500)")
    page.wait_for_function("history.state?.y === 1500")
    page.reload()
    expect(page.locator(".vt-card")).to_have_count(48)
    page.wait_for_function("scrollY === 1500")
    spanish.assert_quiet()


def test_products_with_photos_come_first(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card")).to_have_count(24)
    with_photo = page.locator("#vt-found .vt-card").evaluate_all(
        "(cards) => cards.map((card) => card.querySelector('img') !== null)"
    )
    assert with_photo == sorted(with_photo, reverse=True)
    assert all(with_photo[:8])


def test_no_script_of_the_page_names_another_host() -> None:
    assets = Path(stage.__file__).parent / "vitrina_page/assets"
    for script in assets.glob("*.js"):
        assert "https://" not in script.read_text(encoding="utf-8"), script.name
