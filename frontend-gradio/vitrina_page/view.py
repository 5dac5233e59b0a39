"""What the visitor does goes in, what the page shows comes out; the doing itself is in `search`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import gradio as gr

from . import cards
from .cards import PhotoLinks
from .filter_form import filter_form, sort_choice
from .filters import NO_FILTERS, filters, sort
from .photo import chosen
from .search import Found, Listing, Problem, Searcher, Stage, Step
from .texts import LANGUAGE_COOKIE, Lang, count, language, text

# More than this is no browsing any more; it also bounds what a visitor's page holds.
MAX_SHOWN = 480

# New values by part; parts that are not named stay as they are.
Update = dict[Any, Any]


@dataclass(frozen=True)
class Parts:
    """The components that answers change."""

    words: gr.Textbox
    button: gr.Button
    status: gr.HTML
    seen: gr.HTML
    filters: gr.HTML
    sort: gr.HTML
    found: gr.HTML
    more: gr.Button
    shown: gr.State
    retry: gr.Timer

    def all(self) -> list[Any]:
        """Every part, as Gradio's events name their outputs."""
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True)
class Shown:
    """What a visitor's page holds, to go on from.

    `asked` was asked for last, and a filter or order chosen next goes on from it. The gallery may still show
    what was asked before: what that is about, the cards as HTML, the next page.
    """

    asked: Listing
    first: Found
    cursor: str | None = None
    cards: tuple[str, ...] = ()


NOTHING_SHOWN = Shown(Listing(), Found("all", Listing(), ()))


class View:
    """The page's handlers.

    They end in a skip: what is left standing when a newer search took over must not write over it.
    """

    def __init__(self, searcher: Searcher, links: PhotoLinks, parts: Parts) -> None:
        self._searcher = searcher
        self._links = links
        self._parts = parts

    async def search(
        self, words: str, photo: Any, shown: Shown, request: gr.Request
    ) -> AsyncIterator[Update]:
        """The search button, Enter, and a new or removed photo: without filters, in the order as it is."""
        listing = replace(shown.asked, query=words or "", filters=NO_FILTERS)
        async for update in self._run(listing, photo, shown, request):
            yield update

    async def choose(self, shown: Shown, told: gr.EventData, request: gr.Request) -> AsyncIterator[Update]:
        """Other filters or another order for what is shown. Each choice tells both, and the latest counts."""
        said = event(told)
        turn = said.get("turn")
        if not isinstance(turn, int) or not self._searcher.turns.is_latest(visitor(request), turn):
            yield gr.skip()
            return
        listing = replace(shown.asked, turn=turn)
        if isinstance(said.get("filters"), dict):
            listing = replace(listing, filters=filters(said["filters"]))
        if "sort" in said:
            listing = replace(listing, sort=sort(said["sort"]))
        async for update in self._run(listing, None, shown, request):
            yield update

    async def follow(
        self, photo: Any, shown: Shown, told: gr.EventData, request: gr.Request
    ) -> AsyncIterator[Update]:
        """A suggestion or proposal: another query, a category to look into, or no filters any more."""
        said = event(told)
        query, category = said.get("query"), said.get("category")
        listing = replace(shown.asked, filters=NO_FILTERS)
        if isinstance(query, str):
            listing = replace(listing, query=query)
        elif isinstance(category, str):
            # A photo decides what is found: beside it, the category is but a word.
            photo_chosen = chosen(photo) is not None
            listing = replace(
                listing,
                query=category if photo_chosen else "",
                filters=NO_FILTERS if photo_chosen else filters({"categories": [category]}),
            )
        yield {self._parts.words: listing.query}
        async for update in self._run(listing, photo, shown, request):
            yield update

    async def start(self, request: gr.Request) -> AsyncIterator[Update]:
        """The page as it opens: all products; where the shop is down, the timer asks `again`."""
        if LANGUAGE_COOKIE in request.cookies:
            yield self._translated(visitor_language(request))
        async for update in self._run(Listing(), None, NOTHING_SHOWN, request, retry=True):
            yield update

    def _translated(self, lang: Lang) -> Update:
        """The sentences that Gradio put into the browser's language, in the one that the visitor chose."""
        words = gr.Textbox(label=text(lang, "words_label"), placeholder=text(lang, "words_placeholder"))
        return {
            self._parts.words: words,
            self._parts.button: gr.Button(text(lang, "search")),
            self._parts.more: gr.Button(text(lang, "more")),
        }

    async def again(self, request: gr.Request) -> AsyncIterator[Update]:
        """As `start`, but the message stands still until there is something to show."""
        lang = visitor_language(request)
        async for step in self._searcher.search(visitor(request), Listing()):
            if isinstance(step, Found) or (isinstance(step, Problem) and not may_pass(step)):
                yield self._step(lang, step, retry=True)
        yield gr.skip()

    async def _run(
        self, listing: Listing, photo: Any, shown: Shown, request: gr.Request, retry: bool = False
    ) -> AsyncIterator[Update]:
        lang = visitor_language(request)
        file = chosen(photo)
        if isinstance(file, Problem):
            async with self._searcher.turns.answering(visitor(request)) as current:
                if current:
                    yield self._step(lang, file)
        else:
            async for step in self._searcher.search(visitor(request), listing, file):
                update = self._step(lang, step, retry)
                if isinstance(step, Stage):
                    update[self._parts.shown] = replace(shown, asked=listing)
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
        """The visitor closed the page: nobody waits for the answer any more."""
        self._searcher.turns.stop(visitor(request))

    def _step(self, lang: Lang, step: Step, retry: bool = False) -> Update:
        parts = self._parts
        if isinstance(step, Stage):
            return {parts.status: cards.waiting(text(lang, step.key)), parts.retry: gr.Timer(active=False)}
        if isinstance(step, Problem):
            again = retry and may_pass(step)
            return {
                parts.status: cards.problem(lang, step, again),
                parts.seen: "",
                parts.retry: gr.Timer(active=again),
            }
        by_words = step.kind in ("all", "words")
        listing, facets = step.listing, step.facets
        return {
            **self._listed(lang, step, step, ()),
            parts.seen: "" if step.predictions is None else cards.predictions(lang, step.predictions),
            parts.filters: filter_form(lang, facets, listing.filters, listing.turn) if facets else "",
            parts.sort: sort_choice(lang, listing.sort, listing.turn) if by_words and step.products else "",
        }

    def _listed(self, lang: Lang, first: Found, page: Found, before: tuple[str, ...]) -> Update:
        """The gallery with one more page; what it is about is told by the first."""
        listed = before + tuple(cards.card(lang, product, self._links) for product in page.products)
        cursor = page.cursor if len(listed) < MAX_SHOWN else None
        parts = self._parts
        done = cards.done(count(lang, len(listed), page.total, page.total_is_exact))
        return {
            parts.status: done,
            parts.found: gallery(lang, first, listed),
            parts.more: gr.Button(visible=cursor is not None),
            parts.shown: Shown(first.listing, replace(first, products=()), cursor, listed if cursor else ()),
            parts.retry: gr.Timer(active=False),
        }


def gallery(lang: Lang, found: Found, listed: tuple[str, ...]) -> str:
    """The gallery under the heading that fits the search, or the words for an empty one."""
    if not listed:
        return nothing(lang, found)
    query = found.listing.query
    fits_words = found.kind == "both" and found.words_fit
    # Products of no category that was recognised: they only look like the photo.
    nearest = found.kind == "photo" and not found.predictions
    note = text(lang, "nearest_hint") if nearest else ""
    if found.kind == "both":
        note = text(lang, "both_hint") if fits_words else text(lang, "both_none", query=query)
    heading = {
        "all": text(lang, "all_products"),
        "words": text(lang, "results_for", query=query),
        "photo": text(lang, "results_nearest" if nearest else "results_photo"),
        "both": text(lang, "results_both", query=query) if fits_words else text(lang, "results_photo"),
    }[found.kind]
    categories = found.listing.filters.categories or found.categories
    subtitle = text(lang, "in_categories", categories=", ".join(categories)) if categories else ""
    proposal = cards.did_you_mean(lang, found.did_you_mean) if found.did_you_mean else ""
    return cards.gallery(heading, subtitle, listed, note, proposal)


def nothing(lang: Lang, found: Found) -> str:
    """Why nothing was found, and where to go on."""
    proposals = cards.did_you_mean(lang, found.did_you_mean) if found.did_you_mean else ""
    if found.listing.filters and found.kind in ("all", "words"):
        kind = "_filters"
        proposals += cards.clear_filters(lang)
    else:
        kind = {"all": "_all", "words": "", "photo": "_photo", "both": "_photo"}[found.kind]
        proposals += cards.categories_instead(lang, found.instead) if found.instead else ""
    title = text(lang, f"empty_title{kind}").format(query=found.listing.query)
    return cards.nothing(title, text(lang, f"empty_hint{kind}"), proposals)


def event(told: gr.EventData) -> Mapping[str, Any]:
    """What a component of ours sent along with its event."""
    sent = told._data
    return sent if isinstance(sent, dict) else {}


def may_pass(problem: Problem) -> bool:
    """Whether asking again later may help."""
    return problem.key in ("unavailable", "timeout", "busy", "failed")


def visitor(request: gr.Request) -> str:
    """What tells one open page from another."""
    return str(request.session_hash)


def visitor_language(request: gr.Request) -> Lang:
    """The language that the visitor chose, or that the browser asks for."""
    return language(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))
