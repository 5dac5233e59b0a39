"""The HTML of results: cards, predictions, status and messages. All that comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from .texts import Lang, percent, price, text

if TYPE_CHECKING:
    from vitrina import Prediction, Product

    from .search import Problem

# Quiet colours for tiles without a photo; the category picks one, so a category always looks alike.
_TILE_TONES = 6
# So many pieces or fewer are worth telling.
_FEW = 10


class PhotoLinks:
    """Where the browser finds a product's photo.

    The backend's photos go through the page's own `/photos/`, since a browser may not reach the backend.
    Photos elsewhere are shown only from origins that whoever runs the page has named; any other gets a tile.
    """

    def __init__(self, server: str, allowed_origins: Iterable[str] = ()) -> None:
        self._own = server.rstrip("/") + "/photos/"
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)

    def __call__(self, url: str | None) -> str | None:
        """The address to put into `src`, or nothing where a tile must do."""
        if not url:
            return None
        if url.startswith(self._own):
            key = urlsplit(url[len(self._own) :]).path
            return "photos/" + quote(key, safe="/%") if key else None
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        return url if origin in self._allowed else None


def tile(category: str | None) -> str:
    """A picture for a product without one: its category's initial on a tone of its own."""
    name = (category or "?").strip() or "?"
    tone = sum(map(ord, name)) % _TILE_TONES
    return (
        f'<svg class="vt-tile vt-tone-{tone}" viewBox="0 0 100 100" aria-hidden="true" focusable="false">'
        '<rect width="100" height="100"/><circle cx="50" cy="48" r="27"/>'
        f'<text x="50" y="57.5" text-anchor="middle">{escape(name[0].upper())}</text></svg>'
    )


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
    """One product as a list item; its name is the button that shows it in full."""
    # The name stands right below, so the picture says what kind of thing it shows.
    shown = picture(product, links, ": ".join(filter(None, (product.category, product.name))))
    marks = ""
    if product.similarity is not None and product.similarity > 0:
        alike = text(lang, "similarity", percent=percent(lang, product.similarity))
        marks += f'<span class="vt-mark vt-alike">{escape(alike)}</span>'
    if not product.in_stock:
        marks += f'<span class="vt-mark vt-sold-out">{escape(text(lang, "out_of_stock"))}</span>'
    category = f'<p class="vt-category">{escape(product.category)}</p>' if product.category else ""
    sold_out = "" if product.in_stock else " vt-gone"
    name = marked(product.name, product.highlights.name if product.highlights else ())
    opener = f'<button class="vt-open" type="button" aria-haspopup="dialog">{name}</button>'
    return (
        f'<li class="vt-card{sold_out}" data-product="{int(product.id)}"><article>'
        f'<div class="vt-picture">{shown}<div class="vt-marks">{marks}</div></div>'
        f'<h3 class="vt-name">{opener}</h3>{category}'
        f'<p class="vt-price">{escape(price(lang, product.price))}</p></article></li>'
    )


def details(lang: Lang, product: Product, similar: Sequence[Product], links: PhotoLinks) -> str:
    """One product in full, and those that look like it."""
    facts = {
        "filter_category": product.category,
        "filter_brand": product.brand,
        "stock": stock(lang, product),
    }
    rows = "".join(
        f"<dt>{escape(text(lang, key))}</dt><dd>{escape(value)}</dd>" for key, value in facts.items() if value
    )
    description = f"<p>{escape(product.description)}</p>" if product.description else ""
    shown = picture(product, links, product.name, eager=True)
    return (
        f'<article class="vt-full"><div class="vt-picture">{shown}</div>'
        f'<div><h2 id="vt-details-title" tabindex="-1">{escape(product.name)}</h2>'
        f'<p class="vt-price">{escape(price(lang, product.price))}</p>{description}'
        f"<dl>{rows}</dl></div></article>{_alike(lang, similar, links)}"
    )


def _alike(lang: Lang, similar: Sequence[Product], links: PhotoLinks) -> str:
    if not similar:
        return ""
    listed = "".join(card(lang, one, links) for one in similar)
    title = escape(text(lang, "similar_title"))
    return f'<section class="vt-similar"><h3>{title}</h3><ul class="vt-grid">{listed}</ul></section>'


def stock(lang: Lang, product: Product) -> str:
    """Whether it is to be had, and how many pieces where the shop counts them and few are left."""
    if not product.in_stock:
        return text(lang, "out_of_stock")
    if product.stock is None or product.stock > _FEW:
        return text(lang, "in_stock")
    return text(lang, "in_stock_one" if product.stock == 1 else "in_stock_some", n=product.stock)


def gone(lang: Lang) -> str:
    """What stands in the dialog for a product that the shop does not have any more."""
    return nothing(text(lang, "gone_title"), text(lang, "gone_hint"), heading="vt-details-title")


def marked(sentence: str, places: Iterable[tuple[int, int]]) -> str:
    """The sentence with its places, in order, marked as what was searched for."""
    html, at = "", 0
    for start, end in places:
        html += f"{escape(sentence[at:start])}<mark>{escape(sentence[start:end])}</mark>"
        at = end
    return html + escape(sentence[at:])


def gallery(title: str, subtitle: str, cards: Sequence[str], note: str = "", proposal: str = "") -> str:
    """The list of cards under its heading; `cards` and the proposal are already HTML."""
    hint = f'<p class="vt-note">{escape(note)}</p>' if note else ""
    under = f' <span class="vt-sub">{escape(subtitle)}</span>' if subtitle else ""
    return (
        f'<section class="vt-results" aria-labelledby="vt-results-title">'
        f'<h2 id="vt-results-title" tabindex="-1">{escape(title)}{under}</h2>{hint}{proposal}'
        f'<ul class="vt-grid">{"".join(cards)}</ul></section>'
    )


def did_you_mean(lang: Lang, query: str) -> str:
    """The question whether another query was meant, which a click searches for."""
    before, _, after = text(lang, "did_you_mean").partition("{query}")
    button = f'<button class="vt-link" type="button" data-query="{escape(query)}">{escape(query)}</button>'
    return f'<p class="vt-meant">{escape(before)}{button}{escape(after)}</p>'


def categories_instead(lang: Lang, names: Sequence[str]) -> str:
    """Buttons for categories to look into."""
    title = escape(text(lang, "instead"))
    buttons = "".join(
        f'<li><button class="vt-pill" type="button" data-category="{escape(name)}">'
        f"{escape(name)}</button></li>"
        for name in names
    )
    return (
        f'<p class="vt-instead" id="vt-instead">{title}</p>'
        f'<ul class="vt-pills" aria-labelledby="vt-instead">{buttons}</ul>'
    )


def clear_filters(lang: Lang) -> str:
    """A button that takes all filters back."""
    label = escape(text(lang, "filters_clear"))
    return f'<button class="vt-pill" type="button" data-clear="yes">{label}</button>'


def nothing(title: str, hint: str, proposals: str = "", heading: str = "vt-results-title") -> str:
    """What stands where there is nothing to show; the proposals are already HTML."""
    return (
        f'<section class="vt-results vt-empty" aria-labelledby="{heading}">'
        '<svg viewBox="0 0 48 48" aria-hidden="true" focusable="false"><circle cx="21" cy="21" r="13"/>'
        '<path d="M31 31 42 42"/></svg>'
        f'<h2 id="{heading}" tabindex="-1">{escape(title)}</h2>'
        f"<p>{escape(hint)}</p>{proposals}</section>"
    )


def predictions(lang: Lang, seen: Sequence[Prediction]) -> str:
    """What the photo shows: each category with its score as a bar and in figures."""
    title = f'<h2 class="vt-seen-title">{escape(text(lang, "seen_title"))}</h2>'
    if not seen:
        return f'<section class="vt-seen">{title}<p>{escape(text(lang, "seen_nothing"))}</p></section>'
    rows = ""
    for one in seen:
        share = min(max(one.score, 0.0), 1.0)
        rows += (
            f'<li><span class="vt-seen-name">{escape(one.category)}</span>'
            f'<span class="vt-seen-score">{escape(percent(lang, share))}</span>'
            f'<span class="vt-bar" aria-hidden="true"><span style="width:{share * 100:.1f}%"></span></span>'
            "</li>"
        )
    return f'<section class="vt-seen">{title}<ol>{rows}</ol></section>'


def waiting(sentence: str) -> str:
    """A running search: a turning ring and what is going on."""
    return f'<p class="vt-waiting"><span class="vt-ring" aria-hidden="true"></span>{escape(sentence)}</p>'


def done(sentence: str) -> str:
    """A finished search, told to screen readers and shown small."""
    return f'<p class="vt-done">{escape(sentence)}</p>'


def problem(lang: Lang, what: Problem, retrying: bool = False) -> str:
    """An error in words: what happened, and what to do about it."""
    advice = what.advice(lang)
    if retrying:
        advice = text(lang, "unavailable_retry")
    return (
        f'<div class="vt-problem" data-problem="{escape(what.key)}">'
        '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><circle cx="12" cy="12" r="9"/>'
        '<path d="M12 7v6M12 16.5v.5"/></svg>'
        f"<div><strong>{escape(what.title(lang))}</strong><p>{escape(advice)}</p></div></div>"
    )
