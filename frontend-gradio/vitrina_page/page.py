"""The layout of the page and what its parts do; the doing itself is in `search`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from . import cards
from .cards import PhotoLinks
from .photo import ASSETS, MAX_UPLOAD_MB, both, chosen, photo_box
from .search import MAX_WORDS, Found, Problem, Searcher, Stage, Step
from .texts import SPANISH_READERS, Lang, browser_texts, count, language, text

__all__ = ["ASSETS", "MAX_UPLOAD_MB", "build", "head", "i18n", "theme"]

# More than this is no browsing any more; it also bounds what a visitor's page holds.
MAX_SHOWN = 480
# Handlers only wait; how many photos are under way is bounded in `search`.
CONCURRENT_SEARCHES = 512
WAITING_SEARCHES = 4096
RETRY_EVERY = 3.0
UPLOADS_KEPT = 3600


@dataclass(frozen=True)
class Shown:
    """What a visitor's gallery holds, to go on from: the cards as HTML, and where the next page starts."""

    kind: str = "all"
    query: str = ""
    cursor: str | None = None
    total: int | None = None
    categories: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()


def i18n() -> gr.I18n:
    """The sentences that Gradio's components translate in the browser."""
    return gr.I18n(**browser_texts())


def theme() -> gr.themes.Base:
    """Gradio's plain theme on the fonts that the visitor's system has; colours are in `theme.css`."""
    fonts = (
        "-apple-system",
        "BlinkMacSystemFont",
        "Segoe UI",
        "Inter",
        "Roboto",
        "Noto Sans",
        "system-ui",
        "sans-serif",
    )
    return gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        font=fonts,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    )


def head() -> str:
    """Sets the page's language before anything is drawn, and shows each bilingual sentence in it."""
    readers = "|".join(SPANISH_READERS)
    spanish = ",".join(f"html:lang({code})" for code in SPANISH_READERS)
    return (
        "<script>document.documentElement.lang = "
        f"/^({readers})\\b/i.test(navigator.language) ? 'es' : 'en';</script>"
        f"<style>.vt-es,:is({spanish}) .vt-en{{display:none}}:is({spanish}) .vt-es{{display:inline}}"
        "body,gradio-app{background:#f7f6f3!important}"
        "body.dark,.dark gradio-app{background:#141817!important}</style>"
    )


class View:
    """The page's handlers: what the visitor does in, what the parts show out."""

    def __init__(self, searcher: Searcher, links: PhotoLinks) -> None:
        self._searcher = searcher
        self._links = links

    async def search(self, words: str, photo: Any, request: gr.Request) -> AsyncIterator[list[Any]]:
        """The search button, Enter, and a new or removed photo."""
        async for update in self._run(words, photo, request, retry=False):
            yield update

    async def start(self, request: gr.Request) -> AsyncIterator[list[Any]]:
        """The page as it opens: all products; where the shop is down, the timer asks `again`."""
        async for update in self._run("", None, request, retry=True):
            yield update

    async def again(self, request: gr.Request) -> AsyncIterator[list[Any]]:
        """As `start`, but the message stands still until there is something to show."""
        lang = visitor_language(request)
        async for step in self._searcher.search(visitor(request), "", None):
            if isinstance(step, Found) or (isinstance(step, Problem) and not may_pass(step)):
                yield self._shown(lang, step, retry=True)
        yield [gr.skip()] * 6

    async def _run(
        self, words: str, photo: Any, request: gr.Request, retry: bool
    ) -> AsyncIterator[list[Any]]:
        lang = visitor_language(request)
        file = chosen(photo)
        if isinstance(file, Problem):
            self._searcher.turns.stop(visitor(request))
            yield self._shown(lang, file, retry=False)
            return
        async for step in self._searcher.search(visitor(request), words or "", file):
            yield self._shown(lang, step, retry)
        # What is left standing when a newer search took over must not write over it.
        yield [gr.skip()] * 6

    async def more(self, shown: Shown, request: gr.Request) -> AsyncIterator[list[Any]]:
        """The next page of what is shown."""
        lang = visitor_language(request)
        if not shown.cursor:
            yield [gr.skip()] * 6
            return
        async for step in self._searcher.more(visitor(request), shown.query, shown.cursor):
            if isinstance(step, Found):
                yield self._gallery(lang, step, shown.cards)
            else:
                yield self._shown(lang, step, retry=False)
        yield [gr.skip()] * 6

    def leave(self, request: gr.Request) -> None:
        """The visitor closed the page: nobody waits for the answer any more."""
        self._searcher.turns.stop(visitor(request))

    def _shown(self, lang: Lang, step: Step, retry: bool) -> list[Any]:
        """One step as [status, predictions, gallery, more button, state, retry timer]."""
        skip = gr.skip()
        if isinstance(step, Stage):
            return [cards.waiting(text(lang, step.key)), skip, skip, skip, skip, gr.Timer(active=False)]
        if isinstance(step, Problem):
            again = retry and may_pass(step)
            return [cards.problem(lang, step, again), "", skip, skip, skip, gr.Timer(active=again)]
        return self._gallery(lang, step, ())

    def _gallery(self, lang: Lang, found: Found, before: tuple[str, ...]) -> list[Any]:
        listed = before + tuple(cards.card(lang, product, self._links) for product in found.products)
        cursor = found.cursor if len(listed) < MAX_SHOWN else None
        html = gallery(lang, found, listed)
        seen = "" if found.predictions is None else cards.predictions(lang, found.predictions)
        state = Shown(
            found.kind, found.query, cursor, found.total, found.categories, listed if cursor else ()
        )
        return [
            cards.done(count(lang, len(listed), found.total)),
            seen,
            html,
            gr.Button(visible=cursor is not None),
            state,
            gr.Timer(active=False),
        ]


def gallery(lang: Lang, found: Found, listed: tuple[str, ...]) -> str:
    """The gallery under the heading that fits the search, or the words for an empty one."""
    if not listed:
        kind = {"all": "_all", "words": "", "photo": "_photo", "both": "_photo"}[found.kind]
        title = (
            text(lang, f"empty_title{kind}", query=found.query)
            if kind == ""
            else text(lang, f"empty_title{kind}")
        )
        return cards.nothing(title, text(lang, f"empty_hint{kind}"))
    fits_words = found.kind == "both" and found.words_fit
    note = ""
    if found.kind == "both":
        note = text(lang, "both_hint") if fits_words else text(lang, "both_none", query=found.query)
    heading = {
        "all": text(lang, "all_products"),
        "words": text(lang, "results_for", query=found.query),
        "photo": text(lang, "results_photo"),
        "both": text(lang, "results_both", query=found.query) if fits_words else text(lang, "results_photo"),
    }[found.kind]
    subtitle = text(lang, "in_categories", categories=", ".join(found.categories)) if found.categories else ""
    return cards.gallery(heading, subtitle, listed, note)


def may_pass(problem: Problem) -> bool:
    """Whether asking again later may help."""
    return problem.key in ("unavailable", "timeout", "busy", "failed")


def visitor(request: gr.Request) -> str:
    """What tells one open page from another."""
    return str(request.session_hash)


def visitor_language(request: gr.Request) -> Lang:
    """The language that the visitor's browser asks for."""
    return language(request.headers.get("accept-language"))


def build(searcher: Searcher, links: PhotoLinks) -> gr.Blocks:
    """The page, not yet served."""
    view = View(searcher, links)
    translated = i18n()
    with gr.Blocks(
        title="Vitrina",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(UPLOADS_KEPT // 2, UPLOADS_KEPT),
    ) as page:
        gr.HTML(_header(), apply_default_css=False, elem_id="vt-header")
        with gr.Row(elem_id="vt-bar"):
            words = gr.Textbox(
                label=translated("words_label"),
                placeholder=translated("words_placeholder"),
                max_length=MAX_WORDS,
                max_lines=1,
                elem_id="vt-words",
                html_attributes=gr.InputHTMLAttributes(
                    autocomplete="off", enterkeyhint="search", spellcheck=True
                ),
                scale=1,
            )
            button = gr.Button(translated("search"), variant="primary", elem_id="vt-search", scale=0)
        with gr.Row(elem_id="vt-body"):
            with gr.Column(elem_id="vt-side", scale=0, min_width=0):
                photo = photo_box()
                seen = gr.HTML(
                    elem_id="vt-seen",
                    html_template='<div aria-live="polite">${value}</div>',
                    apply_default_css=False,
                )
            with gr.Column(elem_id="vt-main", scale=1, min_width=0):
                status = gr.HTML(
                    elem_id="vt-status",
                    html_template='<div role="status" aria-live="polite">${value}</div>',
                    apply_default_css=False,
                )
                found = gr.HTML(elem_id="vt-found", apply_default_css=False)
                more = gr.Button(translated("more"), visible=False, elem_id="vt-more")
        shown = gr.State(Shown())
        retry = gr.Timer(RETRY_EVERY, active=False)
        outputs: list[Any] = [status, seen, found, more, shown, retry]
        # "multiple": a new search is let in while the old one is still being stopped.
        quiet: dict[str, Any] = {
            "outputs": outputs,
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
            "concurrency_limit": CONCURRENT_SEARCHES,
        }
        gr.on(
            [words.submit, button.click, photo.upload, photo.clear],
            view.search,
            inputs=[words, photo],
            concurrency_id="search",
            **quiet,
        )
        more.click(view.more, inputs=[shown], concurrency_id="more", **{**quiet, "trigger_mode": "once"})
        page.load(view.start, concurrency_id="start", **quiet)
        retry.tick(view.again, concurrency_id="start", **{**quiet, "trigger_mode": "once"})
        page.unload(view.leave)
    page.queue(max_size=WAITING_SEARCHES, api_open=False)
    return page


def _header() -> str:
    """The name of the shop and what can be done here; the link jumps over the search."""
    return (
        f'<a class="vt-skip" href="#vt-found">{both("skip")}</a>'
        '<header class="vt-header"><svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
        '<rect width="32" height="32" rx="8"/><path d="M7 9h18M9 9v14h14V9M16 13v10M9 18h14"/></svg>'
        f"<h1>Vitrina</h1><p>{both('tagline')}</p></header>"
    )
