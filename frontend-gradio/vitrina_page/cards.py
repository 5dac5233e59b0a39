"""The HTML of results: cards, predictions, status and messages. Everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from .offers import order_note, price_html, reduction, stock, variants_html
from .pictograms import pictogram
from .texts import Lang, percent, text

if TYPE_CHECKING:
    from vitrina import Prediction, Product

    from .search import Problem

# Background colours of tiles; a category always has the same one.
_TILE_TONES = 6
# Attributes beyond so many are on the shop's own page.
_MOST_ATTRIBUTES = 12


class PhotoLinks:
    """URLs of product photos for the browser.

    The backend's photos go through the page's own `/photos/`, since a browser may not reach the backend.
    Photos elsewhere are shown only from origins in the page's configuration; any other is replaced by a tile.
    """

    def __init__(self, server: str, allowed_origins: Iterable[str] = ()) -> None:
        self._own = server.rstrip("/") + "/photos/"
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)

    def __call__(self, url: str | None) -> str | None:
        """Returns the URL for `src`, or None for a tile."""
        if not url:
            return None
        if url.startswith(self._own):
            key = urlsplit(url[len(self._own) :]).path
            return "photos/" + quote(key, safe="/%") if key else None
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        return url if origin in self._allowed else None


def tile(category: str | None) -> str:
    """A picture for a product without a photo: a pictogram of its category."""
    name = (category or "").strip()
    tone = sum(map(ord, name)) % _TILE_TONES
    return (
        f'<svg class="vt-tile vt-tone-{tone}" viewBox="0 0 96 96" aria-hidden="true" focusable="false">'
        f'<rect width="96" height="96"/><path d="{pictogram(name)}" transform="translate(24 24) scale(2)"/>'
        "</svg>"
    )


def photos_first(products: Sequence[Product], links: PhotoLinks) -> list[Product]:
    """Moves products with a photo before those without, among neighbours of a category that match alike.

    Without a query, all products match equally well.
    """
    ordered: list[Product] = []
    for _, equal in groupby(products, key=_match):
        ordered += sorted(equal, key=lambda product: links(product.photo_url) is None)
    return ordered


def picture(product: Product, links: PhotoLinks, alt: str, eager: bool = False) -> str:
    """The product's photo, or its tile."""
    source = links(product.photo_url)
    if not source:
        return tile(product.category)
    loading = "eager" if eager else "lazy"
    return (
        f'<img src="{escape(source)}" alt="{escape(alt)}" loading="{loading}" decoding="async" '
        'width="400" height="400" referrerpolicy="no-referrer">'
    )


def card(lang: Lang, product: Product, links: PhotoLinks) -> str:
    """One product as a list item; its name is the link to the product."""
    # The name follows, so the picture's text says what kind of product it shows.
    shown = picture(product, links, ": ".join(filter(None, (product.category, product.name))))
    marks = ""
    if product.resemblance in ("nearly_same", "similar"):
        alike = text(lang, product.resemblance)
        marks += f'<span class="vt-mark vt-alike">{escape(alike)}</span>'
    less, note = reduction(product), order_note(lang, product)
    if less:
        marks += f'<span class="vt-mark vt-sale">−{less} %</span>'
    if note:
        marks += f'<span class="vt-mark vt-sold-out">{escape(note)}</span>'
    category = f'<p class="vt-category">{escape(product.category)}</p>' if product.category else ""
    sold_out = "" if product.in_stock else " vt-gone"
    name = marked(product.name, _places(product))
    opener = f'<a class="vt-open" href="?product={int(product.id)}" aria-haspopup="dialog">{name}</a>'
    return (
        f'<li class="vt-card{sold_out}" data-product="{int(product.id)}"><article>'
        f'<div class="vt-picture">{shown}<div class="vt-marks">{marks}</div></div>'
        f'<h3 class="vt-name">{opener}</h3>{category}'
        f'<p class="vt-price">{price_html(lang, product)}</p></article></li>'
    )


def _match(product: Product) -> tuple[int, str | None]:
    """How many words match, and in which category."""
    words = len(_places(product))
    return words, product.category if words else None


def _places(product: Product) -> Sequence[tuple[int, int]]:
    return product.highlights.name if product.highlights else ()


def details(lang: Lang, product: Product, similar: Sequence[Product], links: PhotoLinks) -> str:
    """One product in full, and visually similar ones."""
    facts = {
        text(lang, "filter_category"): " › ".join(product.categories[0])
        if product.categories
        else product.category,
        text(lang, "filter_brand"): product.brand,
        text(lang, "stock"): stock(lang, product),
    }
    facts |= {name: ", ".join(values) for name, values in [*product.attributes.items()][:_MOST_ATTRIBUTES]}
    facts |= {text(lang, "tags"): ", ".join(product.tags)}
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value
    )
    description = f"<p>{escape(product.description)}</p>" if product.description else ""
    return (
        f'<article class="vt-full"><div>{_photos(lang, product, links)}</div>'
        f'<div><h2 id="vt-details-title" tabindex="-1">{escape(product.name)}</h2>'
        f'<p class="vt-price">{price_html(lang, product)}</p>{_shop_link(lang, product)}{description}'
        f"{variants_html(lang, product)}<dl>{rows}</dl></div></article>{_alike(lang, similar, links)}"
    )


def _photos(lang: Lang, product: Product, links: PhotoLinks) -> str:
    """The photo, and small ones to choose it by where there are several."""
    large = f'<div class="vt-picture">{picture(product, links, product.name, eager=True)}</div>'
    sources = [source for source in map(links, product.photo_urls) if source]
    if len(sources) < 2:
        return large
    small = "".join(
        f'<li><button class="vt-thumb-photo" type="button" aria-pressed="{"false" if at else "true"}" '
        f'aria-label="{escape(text(lang, "photo_number", n=at + 1))}" data-source="{escape(source)}">'
        f'<img src="{escape(source)}" alt="" width="64" height="64" loading="lazy" '
        'referrerpolicy="no-referrer"></button></li>'
        for at, source in enumerate(sources)
    )
    return f'{large}<ul class="vt-thumbs">{small}</ul>'


def _shop_link(lang: Lang, product: Product) -> str:
    """The way to the product's page in the shop, where it has one."""
    if urlsplit(product.url or "").scheme not in ("http", "https"):
        return ""
    label = escape(text(lang, "see_in_shop"))
    return f'<a class="vt-shop" href="{escape(product.url or "")}" rel="noopener">{label}</a>'


def _alike(lang: Lang, similar: Sequence[Product], links: PhotoLinks) -> str:
    if not similar:
        return ""
    listed = "".join(card(lang, one, links) for one in similar)
    title = escape(text(lang, "similar_title"))
    return f'<section class="vt-similar"><h3>{title}</h3><ul class="vt-grid">{listed}</ul></section>'


def gone(lang: Lang) -> str:
    """The dialog's content for a product that the shop no longer has."""
    return nothing(text(lang, "gone_title"), text(lang, "gone_hint"), heading="vt-details-title")


def marked(sentence: str, ranges: Iterable[tuple[int, int]]) -> str:
    """The sentence with the given ranges highlighted; they are in order."""
    html, at = "", 0
    for start, end in ranges:
        html += f"{escape(sentence[at:start])}<mark>{escape(sentence[start:end])}</mark>"
        at = end
    return html + escape(sentence[at:])


def gallery(
    title: str, subtitle: str, cards: Sequence[str], note: str = "", proposal: str = "", related: str = ""
) -> str:
    """The list of cards under its heading; cards, proposal and related products are already HTML."""
    hint = f'<p class="vt-note">{escape(note)}</p>' if note else ""
    under = f' <span class="vt-sub">{escape(subtitle)}</span>' if subtitle else ""
    return (
        f'<section class="vt-results" aria-labelledby="vt-results-title">'
        f'<h2 id="vt-results-title" tabindex="-1">{escape(title)}{under}</h2>{hint}{proposal}'
        f"{grid(cards)}{related}</section>"
    )


def grid(cards: Sequence[str]) -> str:
    """Cards side by side."""
    return f'<ul class="vt-grid">{"".join(cards)}</ul>' if cards else ""


def related(lang: Lang, cards: Sequence[str], heading: bool = True) -> str:
    """Products that do not have all words of the query; nothing where there are none."""
    if not cards:
        return ""
    title = f'<h3 class="vt-related">{escape(text(lang, "results_related"))}</h3>' if heading else ""
    return title + grid(cards)


def did_you_mean(lang: Lang, query: str) -> str:
    """The corrected query as a button."""
    before, _, after = text(lang, "did_you_mean").partition("{query}")
    button = f'<button class="vt-link" type="button" data-query="{escape(query)}">{escape(query)}</button>'
    return f'<p class="vt-meant">{escape(before)}{button}{escape(after)}</p>'


def categories_instead(lang: Lang, categories: Sequence[tuple[str, str]]) -> str:
    """Buttons for other categories, each with what it is called."""
    title = escape(text(lang, "instead"))
    buttons = "".join(
        f'<li><button class="vt-pill" type="button" data-category="{escape(category)}">'
        f"{escape(name)}</button></li>"
        for category, name in categories
    )
    return (
        f'<p class="vt-instead" id="vt-instead">{title}</p>'
        f'<ul class="vt-pills" aria-labelledby="vt-instead">{buttons}</ul>'
    )


def clear_filters(lang: Lang) -> str:
    """A button that removes all filters."""
    label = escape(text(lang, "filters_clear"))
    return f'<button class="vt-pill" type="button" data-clear="yes">{label}</button>'


def nothing(title: str, hint: str, proposals: str = "", heading: str = "vt-results-title") -> str:
    """The message in place of an empty gallery; the proposals are already HTML."""
    return (
        f'<section class="vt-results vt-empty" aria-labelledby="{heading}">'
        '<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false"><circle cx="21" cy="21" r="13"/>'
        '<path d="M31 31 42 42"/></svg>'
        f'<h2 id="{heading}" tabindex="-1">{escape(title)}</h2>'
        f"<p>{escape(hint)}</p>{proposals}</section>"
    )


def predictions(lang: Lang, found: Sequence[Prediction]) -> str:
    """The categories of a photo, each with its score as a bar and a percentage."""
    title = f'<h2 class="vt-predictions-title">{escape(text(lang, "predictions_title"))}</h2>'
    if not found:
        nothing_known = escape(text(lang, "predictions_nothing"))
        return f'<section class="vt-predictions">{title}<p>{nothing_known}</p></section>'
    rows = ""
    for one in found:
        share = min(max(one.score, 0.0), 1.0)
        rows += (
            f'<li><span class="vt-predictions-name">{escape(one.category)}</span>'
            f'<span class="vt-predictions-score">{escape(percent(lang, share))}</span>'
            f'<span class="vt-bar" aria-hidden="true"><span style="width:{share * 100:.1f}%"></span></span>'
            "</li>"
        )
    return f'<section class="vt-predictions">{title}<ol>{rows}</ol></section>'


def waiting(sentence: str) -> str:
    """The status of a running search."""
    return f'<p class="vt-waiting"><span class="vt-ring" aria-hidden="true"></span>{escape(sentence)}</p>'


def done(sentence: str) -> str:
    """The status of a finished search."""
    return f'<p class="vt-done">{escape(sentence)}</p>'


def problem(lang: Lang, what: Problem, retrying: bool = False) -> str:
    """An error message: what happened, and what to do about it."""
    advice = what.advice(lang)
    if retrying:
        advice = text(lang, "unavailable_retry")
    return (
        f'<div class="vt-problem" data-problem="{escape(what.key)}">'
        '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="9"/>'
        '<path d="M12 7v6M12 16.5v.5"/></svg>'
        f"<div><strong>{escape(what.title(lang))}</strong><p>{escape(advice)}</p></div></div>"
    )
