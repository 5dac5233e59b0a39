"""The layout of the page, and which of its parts tells which handler of `view`."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .cards import PhotoLinks
from .photo import ASSETS, MAX_UPLOAD_MB, both, photo_box
from .search import MAX_WORDS, Searcher
from .texts import LANGUAGE_COOKIE, SPANISH_READERS, browser_texts
from .view import NOTHING_SHOWN, Parts, View

__all__ = ["ASSETS", "MAX_UPLOAD_MB", "build", "head", "i18n", "theme"]

# Handlers only wait; how many photos are under way is bounded in `search`.
CONCURRENT_SEARCHES = 512
WAITING_SEARCHES = 4096
RETRY_EVERY = 3.0
UPLOADS_KEPT = 3600


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
    """Sets the page's language before anything is drawn, and shows each bilingual sentence in it; and sees
    to it that no answer is lost.
    """
    readers = "|".join(SPANISH_READERS)
    spanish = ",".join(f"html:lang({code})" for code in SPANISH_READERS)
    return (
        "<script>document.documentElement.lang = "
        f"/(?:^|; ){LANGUAGE_COOKIE}=(es|en)/.exec(document.cookie)?.[1] ?? "
        f"(/^({readers})\\b/i.test(navigator.language) ? 'es' : 'en');</script>"
        f"<style>.vt-es,:is({spanish}) .vt-en{{display:none}}:is({spanish}) .vt-es{{display:inline}}"
        "body,gradio-app{background:#f7f6f3!important}"
        "body.dark,.dark gradio-app{background:#141817!important}</style>"
        f"<script>{(ASSETS / 'answers.js').read_text(encoding='utf-8')}</script>"
    )


def suggestions() -> gr.HTML:
    """The list below the search box; it tells with `select` what was chosen: a query or a category."""
    template = (ASSETS / "suggest.html").read_text(encoding="utf-8")
    return gr.HTML(
        html_template=template.replace("[[suggestions]]", both("suggestions")),
        js_on_load=(ASSETS / "suggest.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="vt-suggest",
    )


def details() -> gr.HTML:
    """The dialog that shows a product in full."""
    return gr.HTML(
        html_template=(ASSETS / "details.html")
        .read_text(encoding="utf-8")
        .replace("[[close]]", both("close")),
        js_on_load=(ASSETS / "details.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="vt-product",
    )


def scripted(name: str, *before: str) -> gr.HTML:
    """HTML that the server makes, with the script of its name, after those `before`, to tell what is done."""
    scripts = ((ASSETS / f"{script}.js").read_text(encoding="utf-8") for script in (*before, name))
    return gr.HTML(
        js_on_load="\n".join(scripts),
        apply_default_css=False,
        elem_id=f"vt-{name}",
    )


def build(searcher: Searcher, links: PhotoLinks, on_device: bool) -> gr.Blocks:
    """The page, not yet served; `on_device` offers to classify photos in the browser."""
    translated = i18n()
    with gr.Blocks(
        title="Vitrina",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(UPLOADS_KEPT // 2, UPLOADS_KEPT),
    ) as page:
        gr.HTML(
            _header(),
            js_on_load=(ASSETS / "language.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            elem_id="vt-header",
        )
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
            suggested = suggestions()
        with gr.Row(elem_id="vt-body"):
            with gr.Column(elem_id="vt-side", scale=0, min_width=0):
                photo = photo_box(on_device)
                seen = gr.HTML(
                    elem_id="vt-seen",
                    html_template='<div aria-live="polite">${value}</div>',
                    apply_default_css=False,
                )
                filters = scripted("filters", "choice")
            with gr.Column(elem_id="vt-main", scale=1, min_width=0):
                with gr.Row(elem_id="vt-tools"):
                    status = gr.HTML(
                        elem_id="vt-status",
                        html_template='<div role="status" aria-live="polite">${value}</div>',
                        apply_default_css=False,
                    )
                    sort = scripted("sort", "choice")
                found = scripted("found")
                more = gr.Button(translated("more"), visible=False, elem_id="vt-more")
        details()
        shown = gr.State(NOTHING_SHOWN)
        retry = gr.Timer(RETRY_EVERY, active=False)
        parts = Parts(words, button, status, seen, filters, sort, found, more, shown, retry)
        view = View(searcher, links, parts)
        # "multiple": a new search is let in while the old one is still being stopped.
        quiet: dict[str, Any] = {
            "outputs": parts.all(),
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
            "concurrency_limit": CONCURRENT_SEARCHES,
        }
        searching: dict[str, Any] = {**quiet, "concurrency_id": "search"}
        gr.on(
            [words.submit, button.click, photo.upload, photo.clear],
            view.search,
            inputs=[words, photo, shown],
            **searching,
        )
        gr.on([suggested.select, found.select], view.follow, inputs=[photo, shown], **searching)
        gr.on([filters.input, sort.input], view.choose, inputs=[shown], **searching)
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
        f"<h1>Vitrina</h1><p>{both('tagline')}</p>"
        '<button class="vt-language" type="button"><span class="vt-es" lang="en">English</span>'
        '<span class="vt-en" lang="es">Español</span></button></header>'
    )
