"""Gradio's event handlers: they read what the visitor did, run the search and return new component values."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from . import cards, chips
from .cards import PhotoLinks
from .categories import SEPARATOR, Tree
from .filter_form import filter_form, tools
from .filters import NO_FILTERS, filters, sort, without
from .headings import heading
from .headings import title as page_title
from .photo import chosen
from .photo_search import Photo, Upload, photo_key
from .search import PAGE_SIZE, Found, Listing, Problem, Searcher, Stage, Step
from .texts import LANGUAGE_COOKIE, Lang, count, text, visitor_language
from .urls import MAX_PAGES, from_query, to_query

if TYPE_CHECKING:
    from vitrina import Product

# Nobody browses further; it also bounds what a visitor's page holds.
MAX_SHOWN = 480

# New values by component; the others stay as they are.
Update = dict[Any, Any]


@dataclass(frozen=True)
class Parts:
    """The components that handlers update."""

    url: gr.HTML
    words: gr.Textbox
    button: gr.Button
    status: gr.HTML
    predictions: gr.HTML
    filters: gr.HTML
    tools: gr.HTML
    found: gr.HTML
    more: gr.Button
    shown: gr.State
    retry: gr.Timer

    def all(self) -> list[Any]:
        """Every component, as Gradio's events name their outputs."""
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True)
class Shown:
    """What a visitor's page shows.

    `asked` was searched for last; the next filter or order starts from it. The gallery may still show the
    search before: `first` is its first page without the products, `cards` are all its products as HTML.
    """

    asked: Listing
    first: Found
    cursor: str | None = None
    cards: tuple[str, ...] = ()


NOTHING_SHOWN = Shown(Listing(), Found("all", Listing(), ()))


class View:
    """The page's handlers.

    They end in a skip, so that a handler whose search was cancelled does not repeat its last update.
    """

    def __init__(self, searcher: Searcher, links: PhotoLinks, parts: Parts) -> None:
        self._searcher = searcher
        self._links = links
        self._parts = parts

    @property
    def _tree(self) -> Tree:
        """The shop's categories, as they were when the shop was last asked."""
        return self._searcher.categories.known

    async def search(
        self, words: str, photo: Any, shown: Shown, request: gr.Request
    ) -> AsyncIterator[Update]:
        """The search button, Enter, and a new or removed photo: the order stays, filters stay for a photo."""
        with_photo = photo_of(photo, shown)
        # Filters are of a query; a photo's products are filtered by them as long as some pass.
        kept = shown.asked.filters if with_photo else NO_FILTERS
        listing = replace(shown.asked, query=words or "", filters=kept, ignore=())
        async for update in self._run(listing, with_photo, shown, request, widen=True):
            yield update

    async def choose(self, shown: Shown, sent: gr.EventData, request: gr.Request) -> AsyncIterator[Update]:
        """Other filters or another order. Each event carries all of them, and the latest one wins."""
        data = event(sent)
        turn = data.get("turn")
        if not isinstance(turn, int) or not self._searcher.turns.is_latest(visitor(request), turn):
            yield gr.skip()
            return
        listing = replace(shown.asked, turn=turn)
        if isinstance(data.get("filters"), dict):
            listing = replace(listing, filters=filters(data["filters"]))
        if "sort" in data:
            listing = replace(listing, sort=sort(data["sort"]))
        async for update in self._run(listing, listing.photo, shown, request):
            yield update

    async def follow(
        self, photo: Any, shown: Shown, sent: gr.EventData, request: gr.Request
    ) -> AsyncIterator[Update]:
        """A suggestion, proposal or chip: another query, a category, one filter or all of them removed, or
        understood words searched for as they were typed.
        """
        data = event(sent)
        query, category, token = data.get("query"), data.get("category"), data.get("ignore")
        with_photo = photo_of(photo, shown)
        listing = replace(shown.asked, filters=NO_FILTERS)
        if isinstance(token, str):
            listing = replace(shown.asked, ignore=(*shown.asked.ignore, token))
        elif isinstance(data.get("facet"), str):
            listing = replace(
                shown.asked, filters=without(shown.asked.filters, data["facet"], data.get("value"))
            )
        elif isinstance(query, str):
            listing = replace(listing, query=query, ignore=())
        elif isinstance(category, str):
            # A photo decides what is found: beside it, the category is a word.
            listing = replace(
                listing,
                query=category.rpartition(SEPARATOR)[2] if with_photo else "",
                ignore=(),
                filters=NO_FILTERS if with_photo else filters({"categories": [category]}),
            )
        yield {self._parts.words: listing.query}
        async for update in self._run(listing, with_photo, shown, request):
            yield update

    async def start(self, search: Any, kept: Any, shown: Shown, request: gr.Request) -> AsyncIterator[Update]:
        """The page as it opens: what its URL asks for. While the shop is down, the timer calls `again`."""
        listing, pages = from_query(search, kept)
        # Without a query the box is left alone: the visitor may be typing already.
        if listing.query:
            yield {self._parts.words: listing.query}
        if LANGUAGE_COOKIE in request.cookies:
            yield self._translated(visitor_language(request), listing.query)
        async for update in self._run(
            listing, listing.photo, NOTHING_SHOWN, request, pages=pages, retry=True
        ):
            yield update

    async def go(self, shown: Shown, sent: gr.EventData, request: gr.Request) -> AsyncIterator[Update]:
        """Back or forward in the browser's history."""
        data = event(sent)
        listing, pages = from_query(data.get("search"), data.get("kept"))
        # The form renders an answer without a turn of its own as one to the latest choice.
        listing = replace(listing, turn=shown.asked.turn)
        yield {self._parts.words: listing.query}
        async for update in self._run(listing, listing.photo, shown, request, pages=pages):
            yield update

    def _translated(self, lang: Lang, query: str) -> Update:
        """The sentences that Gradio put into the browser's language, in the one that the visitor chose."""
        texts = {"label": text(lang, "words_label"), "placeholder": text(lang, "words_placeholder")}
        return {
            self._parts.words: gr.Textbox(value=query, **texts) if query else gr.Textbox(**texts),
            self._parts.button: gr.Button(text(lang, "search")),
            self._parts.more: gr.Button(text(lang, "more")),
        }

    async def again(self, shown: Shown, request: gr.Request) -> AsyncIterator[Update]:
        """As `start`, but the message stays until there is something to show."""
        lang = visitor_language(request)
        async for step in self._searcher.search(visitor(request), shown.asked):
            if isinstance(step, Found) or (isinstance(step, Problem) and not may_pass(step)):
                yield self._step(lang, step, retry=True)
        yield gr.skip()

    async def _run(
        self,
        listing: Listing,
        photo: Photo | Problem | None,
        shown: Shown,
        request: gr.Request,
        *,
        pages: int = 1,
        retry: bool = False,
        widen: bool = False,
    ) -> AsyncIterator[Update]:
        lang = visitor_language(request)
        if isinstance(photo, Problem):
            async with self._searcher.turns.answering(visitor(request)) as current:
                if current:
                    yield self._step(lang, photo)
        else:
            listing = replace(listing, photo=photo)
            async for step in self._searcher.search(visitor(request), listing, pages, widen):
                update = self._step(lang, step, retry)
                if isinstance(step, Stage):
                    update[self._parts.shown] = replace(shown, asked=listing)
                    # An upload has no URL before the shop has it.
                    if not isinstance(photo, Upload):
                        update[self._parts.url] = url_state(lang, listing, self._tree, pages)
                yield update
        yield gr.skip()

    async def more(self, shown: Shown, request: gr.Request) -> AsyncIterator[Update]:
        """The next page of what is shown."""
        lang = visitor_language(request)
        if not shown.cursor:
            yield gr.skip()
            return
        async for step in self._searcher.more(visitor(request), shown.first.listing, shown.cursor):
            if isinstance(step, Found):
                yield self._listed(lang, shown.first, step, shown.cards)
            else:
                yield self._step(lang, step)
        yield gr.skip()

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: its search is cancelled."""
        self._searcher.turns.stop(visitor(request))

    def _step(self, lang: Lang, step: Step, retry: bool = False) -> Update:
        parts = self._parts
        if isinstance(step, Stage):
            return {parts.status: cards.waiting(text(lang, step.key)), parts.retry: gr.Timer(active=False)}
        if isinstance(step, Problem):
            again = retry and may_pass(step)
            return {
                parts.status: cards.problem(lang, step, again),
                parts.predictions: "",
                parts.retry: gr.Timer(active=again),
            }
        listing, facets = step.listing, step.facets
        form = ""
        if facets:
            form = filter_form(lang, facets, self._tree, listing.filters, step.matching, listing.turn)
        predictions = None
        if step.predictions is not None:
            predictions = [self._tree.prediction(lang, one) for one in step.predictions]
        return {
            **self._listed(lang, step, step, ()),
            parts.predictions: "" if predictions is None else cards.predictions(lang, predictions),
            parts.filters: form,
            parts.tools: tools(
                lang, listing.sort, listing.turn, sorting=bool(step.products), chosen=len(listing.filters)
            )
            if form
            else "",
        }

    def _photos_first(self, first: Found, products: Sequence[Product], before: int) -> tuple[Product, ...]:
        """Puts products with a photo first, related ones last; `before` is how many are listed already."""
        matching = len(products) if first.matching is None else max(first.matching - before, 0)
        parts = (products[:matching], products[matching:])
        return tuple(one for part in parts for one in cards.photos_first(part, self._links))

    def _listed(self, lang: Lang, first: Found, page: Found, before: tuple[str, ...]) -> Update:
        """The gallery with one more page under the heading of the first."""
        products = page.products
        if first.listing.sort == "relevance":
            products = self._photos_first(first, products, len(before))
        listed = before + tuple(
            cards.card(lang, self._tree.product(lang, product), self._links) for product in products
        )
        cursor = page.cursor if len(listed) < MAX_SHOWN else None
        parts = self._parts
        matching = first.matching
        shown = len(listed) if matching is None else min(len(listed), matching)
        done = cards.done(count(lang, shown, matching))
        pages = min(-(-len(listed) // PAGE_SIZE), MAX_PAGES)
        return {
            parts.url: url_state(lang, first.listing, self._tree, pages, done=True),
            parts.status: done,
            parts.found: gallery(lang, first, self._tree, listed),
            parts.more: gr.Button(visible=cursor is not None),
            parts.shown: Shown(first.listing, replace(first, products=()), cursor, listed if cursor else ()),
            parts.retry: gr.Timer(active=False),
        }


def gallery(lang: Lang, found: Found, tree: Tree, listed: tuple[str, ...]) -> str:
    """The gallery under its heading, or the message for an empty one."""
    if not listed:
        return nothing(lang, found, tree)
    query = found.listing.query
    # Products of no category that was predicted are only similar to the photo.
    nearest = found.kind == "photo" and not found.predictions
    note = text(lang, "nearest_hint") if nearest else ""
    if found.kind == "both":
        note = text(lang, "both_hint") if found.words_fit else text(lang, "both_none", query=query)
    categories = found.listing.filters.categories or found.categories
    subtitle = text(lang, "in_categories", categories=tree.names(lang, categories)) if categories else ""
    matching = len(listed) if found.matching is None else found.matching
    title = heading(lang, found) if matching else text(lang, "results_related_only", query=query)
    return cards.gallery(
        title,
        subtitle if matching else "",
        listed[:matching],
        note,
        proposals(lang, found, tree),
        cards.related(lang, listed[matching:], heading=bool(matching)),
    )


def nothing(lang: Lang, found: Found, tree: Tree) -> str:
    """Why nothing was found, and where to go on."""
    offered = proposals(lang, found, tree, clear=False)
    if found.listing.filters:
        kind = "_filters"
        offered += cards.clear_filters(lang)
    else:
        kind = {"all": "_all", "words": "", "photo": "_photo", "both": "_photo"}[found.kind]
        offered += (
            cards.categories_instead(lang, [(one, tree.name(lang, one)) for one in found.instead])
            if found.instead
            else ""
        )
    sentence = text(lang, f"empty_title{kind}").format(query=found.listing.query)
    return cards.nothing(sentence, text(lang, f"empty_hint{kind}"), offered)


def proposals(lang: Lang, found: Found, tree: Tree, clear: bool = True) -> str:
    """Chips for what was understood and chosen, and the corrected query."""
    listed = chips.chips(lang, found.understood, found.listing.filters, tree, clear)
    return listed + (cards.did_you_mean(lang, found.did_you_mean) if found.did_you_mean else "")


def url_state(lang: Lang, listing: Listing, tree: Tree, pages: int, done: bool = False) -> str:
    """Returns the query string and title of a listing, as JSON for `url.js`.

    `done` is true once its products are shown.
    """
    return json.dumps(
        {
            "search": to_query(listing, pages),
            "title": page_title(lang, listing, tree),
            "photo": photo_key(listing.photo),
            "done": done,
        }
    )


def photo_of(value: Any, shown: Shown) -> Photo | Problem | None:
    """Returns the photo in the photo box; one that was uploaded for what is shown is not uploaded again."""
    photo = chosen(value)
    if isinstance(photo, Upload) and photo == shown.first.upload:
        return shown.first.listing.photo
    return photo


def event(sent: gr.EventData) -> Mapping[str, Any]:
    """Returns the data that one of the page's scripts sent with an event."""
    data = sent._data
    return data if isinstance(data, dict) else {}


def may_pass(problem: Problem) -> bool:
    """Returns whether the same search may succeed later."""
    return problem.key in ("unavailable", "timeout", "busy", "failed")


def visitor(request: gr.Request) -> str:
    """Returns the ID of an open page."""
    return str(request.session_hash)
