"""The HTML of the filters and of the toolbar above the results. All names are escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from .attributes import chosen_values, without_attribute
from .categories import Branch, Tree
from .filters import ATTRIBUTE, SORTS, Attributes, Filters, PriceRange, Sort
from .texts import Lang, count, number, price_span, text

if TYPE_CHECKING:
    from vitrina import AttributeCounts, Facets

Option = tuple[str, str, int]  # value, label, count

# The element that holds the form; on a phone it opens as a sheet.
SHEET = "vt-filter-sheet"

# Values beyond so many are shown on request.
SHOWN = 8
# Categories further down stand no further to the right.
DEEPEST = 3
# Attributes beyond so many are not offered; the first are those that most products have.
MOST_ATTRIBUTES = 6
# Values as short as sizes are stand side by side.
COMPACT = 4


def filter_form(
    lang: Lang, facets: Facets, tree: Tree, chosen: Filters, total: int | None = None, turn: int = 0
) -> str:
    """The facets with their counts; nothing where there are none.

    `total` is how many products pass, for the button that closes the form on a phone. `turn` is the choice
    that this answers. A group with one value stays: groups that came and went would move what is about to be
    clicked.
    """
    brands = [(found.brand, found.count) for found in facets.brands]
    groups = [
        _categories(lang, tree, tree.branches(facets.categories, chosen.categories)),
        _choices(lang, "price", _prices(lang, facets, chosen.price), (str(chosen.price or ""),)),
        _choices(lang, "brand", _named(brands, chosen.brands), chosen.brands),
        _stock(lang, facets, chosen.in_stock),
        *_attributes(lang, facets.attributes, chosen.attributes),
    ]
    if not any(groups):
        return ""
    how_many, clear = "", ""
    if chosen:
        how_many = _badge(lang, len(chosen))
        clear = f'<button class="vt-clear" type="button">{escape(text(lang, "filters_clear"))}</button>'
    show = text(lang, "filters_show", products=count(lang, total or 0))
    return (
        f'<div class="vt-filters" data-turn="{turn}">'
        f'<div class="vt-filters-head"><h2>{escape(text(lang, "filters"))}{how_many}</h2>{clear}</div>'
        f'<div class="vt-filters-groups">{"".join(groups)}</div>'
        f'<div class="vt-filters-foot"><button class="vt-show" type="button" popovertarget="{SHEET}" '
        f'popovertargetaction="hide">{escape(show)}</button></div></div>'
    )


def tools(lang: Lang, sort: Sort, turn: int = 0, *, sorting: bool = True, chosen: int = 0) -> str:
    """The toolbar: the button that opens the filters on a phone, and the order with `sorting`.

    `turn` is the choice that this answers, `chosen` how many filters are chosen.
    """
    badge = _badge(lang, chosen) if chosen else ""
    opener = (
        f'<button class="vt-open-filters" type="button" popovertarget="{SHEET}">'
        '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="M4 7h16M7 12h10M10 17h4"/></svg>'
        f"{escape(text(lang, 'filters'))}{badge}</button>"
    )
    if not sorting:
        return f'<div class="vt-tools">{opener}</div>'
    options = "".join(
        f'<option value="{one}"{" selected" if one == sort else ""}>'
        f"{escape(text(lang, f'sort_{one}'))}</option>"
        for one in SORTS
    )
    return (
        f'<div class="vt-tools">{opener}<label class="vt-sort"><span>{escape(text(lang, "sort"))}</span>'
        f'<select name="sort" data-turn="{turn}">{options}</select></label></div>'
    )


def _badge(lang: Lang, chosen: int) -> str:
    described = escape(text(lang, "filters_chosen", n=chosen))
    return (
        f'<span class="vt-chosen" aria-hidden="true">{chosen}</span>'
        f'<span class="vt-unseen">{described}</span>'
    )


def _named(counted: list[tuple[str, int]], chosen: Iterable[str]) -> list[Option]:
    """The values, followed by chosen ones that no product has, so that they can be removed."""
    known = {name for name, _ in counted}
    gone = [(name, 0) for name in chosen if name not in known]
    return [(name, name, count) for name, count in [*counted, *gone]]


def _categories(lang: Lang, tree: Tree, branches: list[Branch]) -> str:
    """The categories as a tree; browsers show a category as half chosen where one below it is."""

    def row(branch: Branch) -> str:
        option = (branch.path, tree.name(lang, branch.path), branch.count)
        more = " data-open" if branch.is_open else ""
        choice = _option(lang, "checkbox", "category", option, branch.is_chosen, more)
        return f'<li class="vt-deep-{min(branch.depth, DEEPEST)}">{choice}</li>'

    return _group(lang, "category", text(lang, "filter_category"), [row(branch) for branch in branches])


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
    """A group of checkboxes, or of radio buttons for prices."""
    kind = "radio" if name == "price" else "checkbox"
    rows = [f"<li>{_option(lang, kind, name, one, one[0] in chosen)}</li>" for one in options]
    return _group(lang, name, text(lang, f"filter_{name}"), rows)


def _attributes(lang: Lang, counted: list[AttributeCounts], chosen: Attributes) -> list[str]:
    """A group for each attribute, under the shop's own name of it; chosen ones that no product has follow."""
    groups: list[str] = []
    for facet in counted:
        asked = chosen_values(chosen, facet.name)
        chosen = without_attribute(chosen, facet.name)
        if asked or len(groups) < MOST_ATTRIBUTES:
            values = [(value.value, value.count) for value in facet.values]
            groups.append(_attribute(lang, facet.name, values, asked))
    return groups + [_attribute(lang, name, [], values) for name, values in chosen]


def _attribute(lang: Lang, name: str, counted: list[tuple[str, int]], chosen: tuple[str, ...]) -> str:
    field = ATTRIBUTE + name
    asked = {value.lower(): value for value in chosen}
    known = {value.lower() for value, _ in counted}
    values = [*counted, *((value, 0) for folded, value in asked.items() if folded not in known)]
    rows = [
        f"<li>{_option(lang, 'checkbox', field, (value, value, n), value.lower() in asked)}</li>"
        for value, n in values
    ]
    is_compact = all(len(value) <= COMPACT for value, _ in values)
    return _group(lang, field, name, rows, " vt-compact" if is_compact else "")


def _group(lang: Lang, name: str, title: str, rows: list[str], kind: str = "") -> str:
    """Rows under the title of their filter; long ones with a button for those beyond `SHOWN`."""
    if not rows:
        return ""
    legend, more = escape(title), ""
    if len(rows) > SHOWN:
        labels = "".join(f"<span>{escape(text(lang, key))}</span>" for key in ("filter_more", "filter_fewer"))
        more = f'<button class="vt-more-values" type="button" aria-expanded="false">{labels}</button>'
    return (
        f'<fieldset class="vt-filter{kind}" data-filter="{escape(name)}"><legend>{legend}</legend>'
        f"<ul>{''.join(rows)}</ul>{more}</fieldset>"
    )


def _stock(lang: Lang, facets: Facets, chosen: bool) -> str:
    if not facets.in_stock and not facets.out_of_stock and not chosen:
        return ""
    option = ("yes", text(lang, "filter_stock"), facets.in_stock)
    return f'<div class="vt-filter">{_option(lang, "checkbox", "stock", option, chosen)}</div>'


def _option(lang: Lang, kind: str, name: str, option: Option, chosen: bool, more: str = "") -> str:
    value, label, count = option
    checked = " checked" if chosen else ""
    return (
        f'<label><input type="{kind}" name="{escape(name)}" value="{escape(value)}"{checked}{more}>'
        f'<span class="vt-label">{escape(label)}</span>'
        f'<span class="vt-n">{escape(number(lang, count))}</span></label>'
    )
