"""Chips above the results: what was understood of a query and which filters are chosen, each with a cross."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from .categories import Tree
from .filters import ATTRIBUTE, Filters
from .texts import TEXTS, Lang, price, price_span, text

if TYPE_CHECKING:
    from vitrina import UnderstoodPart

_CROSS = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M6 6l12 12M18 6L6 18"/></svg>'
)


def chips(
    lang: Lang, understood: Sequence[UnderstoodPart], filters: Filters, tree: Tree, clear: bool = True
) -> str:
    """Both kinds as one list, or the empty string; `clear` adds a link that removes all filters."""
    chosen = [_filter(lang, facet, value, label) for facet, value, label in _chosen(lang, filters, tree)]
    if clear and len(chosen) > 1:
        label = escape(text(lang, "filters_clear"))
        chosen.append(f'<li><button class="vt-link" type="button" data-clear="yes">{label}</button></li>')
    listed = "".join([*(_understood(lang, part) for part in understood), *chosen])
    if not listed:
        return ""
    return f'<ul class="vt-pills vt-understood" aria-label="{escape(text(lang, "understood"))}">{listed}</ul>'


def understood_text(lang: Lang, part: UnderstoodPart) -> str:
    """An understood part in words; as it was typed where there are none for its kind ("sin cordones")."""
    if f"understood_{part.kind}" not in TEXTS:
        return part.text
    low, high = ("" if amount is None else price(lang, amount) for amount in (part.min_price, part.max_price))
    return text(lang, f"understood_{part.kind}", min=low, max=high, words=part.text)


def _understood(lang: Lang, part: UnderstoodPart) -> str:
    label = escape(text(lang, "take_back", words=part.text))
    return (
        f'<li><button class="vt-pill vt-chip" type="button" data-ignore="{escape(part.token)}" '
        f'aria-label="{label}" title="{label}">{escape(understood_text(lang, part))}{_CROSS}</button></li>'
    )


def _filter(lang: Lang, facet: str, value: str, label: str) -> str:
    described = escape(text(lang, "filter_remove", name=label))
    return (
        f'<li><button class="vt-pill vt-chip" type="button" data-facet="{escape(facet)}" '
        f'data-value="{escape(value)}" aria-label="{described}">{escape(label)}{_CROSS}</button></li>'
    )


def _chosen(lang: Lang, filters: Filters, tree: Tree) -> list[tuple[str, str, str]]:
    """Facet, value and label of every chosen filter."""
    listed = [("category", one, tree.name(lang, one)) for one in filters.categories]
    listed += [("brand", name, name) for name in filters.brands]
    if filters.price:
        listed.append(("price", "", price_span(lang, filters.price.min, filters.price.max)))
    for name, values in filters.attributes:
        listed += [(ATTRIBUTE + name, value, f"{name}: {value}") for value in values]
    if filters.in_stock:
        listed.append(("stock", "", text(lang, "filter_stock")))
    return listed
