"""End to end where things are not as they should be: fast typists, slow processors, no network."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from browsing import Shop, Watched, open_page, search_words

# The page's longest task, kept from before its first script.
OBSERVE = """
window.slowest = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.slowest = Math.max(window.slowest, entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
# Nobody notices less, in milliseconds.
NOTICED = 200


def test_fifty_fast_keystrokes_end_with_what_was_typed(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    words = "zapatillas de correr blancas por menos de 100 euros"[:50]
    box = page.locator("#vt-words input")
    box.click()
    page.keyboard.type(words, delay=8)
    expect(box).to_have_value(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"«{words}»")).to_be_visible()
    expect(box).to_have_value(words)
    spanish.assert_quiet()


def test_without_a_network_the_page_stays_and_goes_on_afterwards(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    search_words(page, "zapatillas")
    expect(page.get_by_role("heading", name="«zapatillas»")).to_be_visible()
    page.context.set_offline(True)
    page.locator("#vt-words input").press_sequentially(" az")
    expect(page.locator(".vt-card").first).to_be_visible()
    page.context.set_offline(False)
    # What went wrong meanwhile the browser itself reports, and nobody else.
    spanish.complaints[:] = [one for one in spanish.complaints if "Failed to load" not in one]
    page.reload()
    expect(page.locator(".vt-card").first).to_be_visible()
    search_words(page, "silla")
    expect(page.get_by_role("heading", name="«silla»")).to_be_visible()
    spanish.assert_quiet()


def test_a_slow_processor_does_not_hold_typing_up(browser: Browser, shop: Shop) -> None:
    """No task while one types is as long as one notices, at a quarter of the processor's speed.

    The best of three rounds counts: what other programs of a busy machine take is not the page's.
    """
    watched = open_page(browser, shop.page.url, "es-ES", before=OBSERVE)
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    box = page.locator("#vt-words input")
    slowest: list[float] = []
    for words in ("cam", "plan", "zapat"):
        box.fill("")
        page.evaluate("window.slowest = 0")
        box.press_sequentially(words, delay=30)
        expect(page.locator(".vt-suggest")).to_be_visible()
        slowest.append(page.evaluate("window.slowest"))
    assert min(slowest) < NOTICED, slowest
    watched.assert_quiet()
    page.context.close()
