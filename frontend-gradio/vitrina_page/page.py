"""The layout of the page, and which component triggers which handler of `view`."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .cards import PhotoLinks
from .filter_form import SHEET
from .photo import ASSETS, MAX_UPLOAD_MB, both, photo_box, script, template
from .search import MAX_WORDS, Searcher
from .texts import LANGUAGE_COOKIE, SPANISH_READERS, browser_texts
from .view import NOTHING_SHOWN, Parts, View

__all__ = ["ASSETS", "MAX_UPLOAD_MB", "build", "head", "i18n", "theme"]

# Handlers only wait; uploads to the shop are bounded in `search`.
CONCURRENT_SEARCHES = 512
WAITING_SEARCHES = 4096
RETRY_EVERY = 3.0
UPLOADS_KEPT = 3600


def i18n() -> gr.I18n:
    """The texts that Gradio's components translate in the browser."""
    return gr.I18n(**browser_texts())


def theme() -> gr.themes.Base:
    """Gradio's base theme with system fonts; colours are in `theme.css`."""
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
    """Sets the page's language before anything is drawn, shows each bilingual text in it, and has the scripts
    that run ahead of Gradio's.
    """
    readers = "|".join(SPANISH_READERS)
    spanish = ",".join(f"html:lang({code})" for code in SPANISH_READERS)
    scripts = script("answers", "history")
    return (
        "<script>{const asked = new URLSearchParams(location.search).get('lang');"
        "if (/^(es|en)$/.test(asked)) "
        f"document.cookie = `{LANGUAGE_COOKIE}=${{asked}}; path=/; samesite=lax`;"
        "document.documentElement.lang = "
        f"/(?:^|; ){LANGUAGE_COOKIE}=(es|en)/.exec(document.cookie)?.[1] ?? "
        f"(/^({readers})\\b/i.test(navigator.language) ? 'es' : 'en');}}</script>"
        f"<style>.vt-es,:is({spanish}) .vt-en{{display:none}}:is({spanish}) .vt-es{{display:inline}}"
        "body,gradio-app{background:#f7f6f3!important}"
        "body.dark,.dark gradio-app{background:#141817!important}</style>"
        f"<script>{scripts}</script>"
    )


def page_url() -> gr.HTML:
    """Keeps the page's URL and title in step with the search; its event `input` is a change of the URL."""
    return gr.HTML(
        html_template="",
        js_on_load=script("url"),
        apply_default_css=False,
        elem_id="vt-url",
    )


def suggestions() -> gr.HTML:
    """The list below the search box, and the buttons in it; its event `select` is a query or a category."""
    return gr.HTML(
        html_template=template("suggest"),
        js_on_load=script("suggest"),
        apply_default_css=False,
        elem_id="vt-suggest",
    )


def details() -> gr.HTML:
    """The dialog that shows a product in full."""
    return gr.HTML(
        html_template=template("details"),
        js_on_load=script("details"),
        apply_default_css=False,
        elem_id="vt-product",
    )


def filter_sheet() -> gr.HTML:
    """The filters: a column on a desktop, a sheet on a phone."""
    return gr.HTML(
        html_template=template("filters", sheet=SHEET),
        js_on_load=script("choice", "filters"),
        apply_default_css=False,
        elem_id="vt-filters",
    )


def scripted(name: str, *scripts: str) -> gr.HTML:
    """HTML from the server with scripts of the page; by default the one of its name."""
    return gr.HTML(js_on_load=script(*(scripts or (name,))), apply_default_css=False, elem_id=f"vt-{name}")


def build(searcher: Searcher, links: PhotoLinks, on_device: bool, examples: bool) -> gr.Blocks:
    """Returns the page, not yet served; `on_device` offers to classify photos in the browser, `examples`
    photos to try.
    """
    translated = i18n()
    with gr.Blocks(
        title="Vitrina",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(UPLOADS_KEPT // 2, UPLOADS_KEPT),
    ) as page:
        gr.HTML(
            _header(),
            js_on_load=script("language"),
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
                photo = photo_box(on_device, examples)
                predictions = gr.HTML(
                    elem_id="vt-predictions",
                    html_template='<div aria-live="polite">${value}</div>',
                    apply_default_css=False,
                )
                filters = filter_sheet()
            with gr.Column(elem_id="vt-main", scale=1, min_width=0):
                with gr.Row(elem_id="vt-tools"):
                    status = gr.HTML(
                        elem_id="vt-status",
                        html_template='<div role="status" aria-live="polite">${value}</div>',
                        apply_default_css=False,
                    )
                    tools = scripted("sort", "choice", "sort")
                found = scripted("found")
                more = gr.Button(translated("more"), visible=False, elem_id="vt-more")
        details()
        at = page_url()
        shown = gr.State(NOTHING_SHOWN)
        retry = gr.Timer(RETRY_EVERY, active=False)
        parts = Parts(at, words, button, status, predictions, filters, tools, found, more, shown, retry)
        view = View(searcher, links, parts)
        # "multiple": a new search starts while the old one is still being cancelled.
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
        gr.on([filters.input, tools.input], view.choose, inputs=[shown], **searching)
        at.input(view.go, inputs=[shown], **searching)
        more.click(view.more, inputs=[shown], concurrency_id="more", **{**quiet, "trigger_mode": "once"})
        page.load(
            view.start,
            inputs=[at, photo, shown],
            # What the URL asks for, and what the browser kept of its photo.
            js="(at, photo, shown) => [vitrina.asked().search, vitrina.asked().kept, shown]",
            concurrency_id="start",
            **quiet,
        )
        retry.tick(view.again, inputs=[shown], concurrency_id="start", **{**quiet, "trigger_mode": "once"})
        page.unload(view.leave)
    page.queue(max_size=WAITING_SEARCHES, api_open=False)
    return page


def _header() -> str:
    """The name of the shop, the language switch, and a link that skips the search."""
    return (
        f'<a class="vt-skip" href="#vt-found">{both("skip")}</a>'
        '<header class="vt-header"><svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
        '<rect width="32" height="32" rx="8"/><path d="M7 9h18M9 9v14h14V9M16 13v10M9 18h14"/></svg>'
        f'<h1><a href="./">Vitrina</a></h1><p>{both("tagline")}</p>'
        '<button class="vt-language" type="button"><span class="vt-es" lang="en">English</span>'
        '<span class="vt-en" lang="es">Español</span></button></header>'
    )
