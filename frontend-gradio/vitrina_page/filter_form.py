"""The HTML of filters and order. What a shop calls its categories and brands is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from .filters import SORTS, Filters, PriceRange, Sort
from .texts import Lang, number, price_span, text

if TYPE_CHECKING:
    from vitrina import Facets

Option = tuple[str, str, int]  # value, label, count


def filter_form(lang: Lang, facets: Facets, chosen: Filters, turn: int = 0) -> str:
    """What the products found can be narrowed down by, with counts; nothing where there is nothing.

    `turn` is the choice that this answers. A group with one value stays: groups that came and went would
    move what is about to be clicked.
    """
    categories = [(found.category, found.count) for found in facets.categories]
    brands = [(found.brand, found.count) for found in facets.brands]
    groups = [
        _choices(lang, "category", _named(categories, chosen.categories), chosen.categories),
        _choices(lang, "price", _prices(lang, facets, chosen.price), (str(chosen.price or ""),)),
        _choices(lang, "brand", _named(brands, chosen.brands), chosen.brands),
        _stock(lang, facets, chosen.in_stock),
    ]
    if not any(groups):
        return ""
    how_many, clear = "", ""
    if chosen:
        told = text(lang, "filters_chosen", n=len(chosen))
        how_many = (
            f'<span class="vt-chosen" aria-hidden="true">{len(chosen)}</span>'
            f'<span class="vt-unseen">{escape(told)}</span>'
        )
        clear = f'<button class="vt-clear" type="button">{escape(text(lang, "filters_clear"))}</button>'
    return (
        f'<details class="vt-filters" data-turn="{turn}">'
        f"<summary>{escape(text(lang, 'filters'))}{how_many}</summary>"
        f"<div>{''.join(groups)}{clear}</div></details>"
    )


def sort_choice(lang: Lang, chosen: Sort, turn: int = 0) -> str:
    """The order of the products as a list to choose from; `turn` is the choice that this answers."""
    options = "".join(
        f'<option value="{one}"{" selected" if one == chosen else ""}>'
        f"{escape(text(lang, f'sort_{one}'))}</option>"
        for one in SORTS
    )
    return (
        f'<label class="vt-sort"><span>{escape(text(lang, "sort"))}</span>'
        f'<select name="sort" data-turn="{turn}">{options}</select></label>'
    )


def _named(counted: list[tuple[str, int]], chosen: Iterable[str]) -> list[Option]:
    """The values, and behind them those that are chosen but that no product has, to be taken back."""
    known = {name for name, _ in counted}
    gone = [(name, 0) for name in chosen if name not in known]
    return [(name, name, count) for name, count in [*counted, *gone]]


def _prices(lang: Lang, facets: Facets, chosen: PriceRange | None) -> list[Option]:
    counted = {PriceRange(found.min, found.max): found.count for found in facets.prices}
    if chosen:
        counted.setdefault(chosen, 0)
    ranges = sorted(counted.items(), key=lambda one: one[0].min)
    options = [(str(span), price_span(lang, span.min, span.max), count) for span, count in ranges]
    if not options:
        return []
    return [("", text(lang, "any_price"), sum(counted.values())), *options]


def _choices(lang: Lang, name: str, options: list[Option], chosen: Iterable[str]) -> str:
    """A group of boxes, or of buttons for prices, of which one is chosen."""
    if not options:
        return ""
    kind = "radio" if name == "price" else "checkbox"
    rows = "".join(f"<li>{_option(lang, kind, name, option, option[0] in chosen)}</li>" for option in options)
    legend = escape(text(lang, f"filter_{name}"))
    return f'<fieldset class="vt-filter"><legend>{legend}</legend><ul>{rows}</ul></fieldset>'


def _stock(lang: Lang, facets: Facets, chosen: bool) -> str:
    if not facets.in_stock and not facets.out_of_stock and not chosen:
        return ""
    option = ("yes", text(lang, "filter_stock"), facets.in_stock)
    return f'<div class="vt-filter">{_option(lang, "checkbox", "stock", option, chosen)}</div>'


def _option(lang: Lang, kind: str, name: str, option: Option, chosen: bool) -> str:
    value, label, count = option
    checked = " checked" if chosen else ""
    return (
        f'<label><input type="{kind}" name="{name}" value="{escape(value)}"{checked}>'
        f'<span class="vt-label">{escape(label)}</span>'
        f'<span class="vt-n">{escape(number(lang, count))}</span></label>'
    )
