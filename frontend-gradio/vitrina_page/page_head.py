"""The `<head>` of the page for its URL: title, description and picture for search engines and links."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Protocol

import vitrina
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import search
from .cards import PhotoLinks
from .categories import Categories, Tree
from .headings import NAME, title
from .offers import price_now
from .search import Listing
from .texts import LANGUAGE_COOKIE, Lang, count, language, price, text
from .urls import from_query, language_in, product_in, to_query

log = logging.getLogger(__name__)

# The page does not wait longer for the shop; its title is then the query alone.
HEAD_TIMEOUT = 1.5
MAX_DESCRIPTION = 160
# What Gradio puts into the head about itself.
_OF_GRADIO = re.compile(rb"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*", re.IGNORECASE)
_OPENING = re.compile(rb"<html\s+lang=\"en\"", re.IGNORECASE)
_HEAD = b"<head>"
_NAMED = 3


class Shop(search.Shop, Protocol):
    """What the head asks of `vitrina.AsyncClient`."""

    async def product(self, id: int) -> vitrina.Product:
        """One product."""


@dataclass(frozen=True)
class Card:
    """What a shared link shows."""

    title: str
    description: str
    query: str
    picture: str | None = None
    kind: str = "website"


class PageHead:
    """Middleware that replaces Gradio's metadata in the page by that of its URL."""

    def __init__(self, app: ASGIApp, shop: Shop, categories: Categories, links: PhotoLinks) -> None:
        self._app = app
        self._shop = shop
        self._categories = categories
        self._links = links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrites the page; everything else passes unchanged."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        query = request.url.query
        lang = language(
            request.headers.get("accept-language"),
            language_in(query) or request.cookies.get(LANGUAGE_COOKIE),
        )
        start: MutableMapping[str, Any] = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            content = bytes(body)
            headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
            if start["status"] == 200 and _OPENING.search(content):
                content = rewritten(content, lang, await self._card(lang, query), str(request.base_url))
                headers.append((b"vary", b"cookie, accept-language"))
            headers.append((b"content-length", str(len(content)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": content})

        # Gradio reads some parameters itself, and fails at unknown values of theirs.
        await self._app({**scope, "query_string": b""}, receive, collect)

    async def _card(self, lang: Lang, query: str) -> Card:
        listing, _ = from_query(query)
        number = product_in(query)
        shared = to_query(replace(listing, photo=None))
        tree = await self._categories.tree() if shared or number else self._categories.known
        plain = Card(title(lang, listing, tree), text(lang, "page_description"), shared)
        try:
            if number is not None:
                product = await asyncio.wait_for(self._shop.product(number), HEAD_TIMEOUT)
                return product_card(lang, tree.product(lang, product), self._links)
            if shared:
                return await asyncio.wait_for(self._results(lang, listing, tree, plain), HEAD_TIMEOUT)
        except (vitrina.VitrinaError, asyncio.TimeoutError) as error:
            log.info("the page's head names no products: %s", error)
        return plain

    async def _results(self, lang: Lang, listing: Listing, tree: Tree, plain: Card) -> Card:
        answer = await self._shop.search_text(
            listing.query,
            12,
            sort=None if listing.sort == "relevance" else listing.sort,
            ignore=list(listing.ignore),
            **listing.filters.arguments(),
        )
        if not answer.products:
            return plain
        names = ", ".join(tree.product(lang, product).name for product in answer.products[:_NAMED])
        pictures = (self._links(product.photo_url) for product in answer.products)
        return replace(
            plain,
            description=f"{count(lang, answer.total, exact=answer.total_is_exact)}: {names}…",
            picture=next(filter(None, pictures), None),
        )


def product_card(lang: Lang, product: vitrina.Product, links: PhotoLinks) -> Card:
    """What a shared link to a product shows."""
    described = " · ".join(filter(None, (price(lang, price_now(product)), product.description)))
    return Card(
        f"{product.name} – {NAME}",
        described,
        f"?product={product.id}",
        links(product.photo_url),
        "product",
    )


def rewritten(page: bytes, lang: Lang, card: Card, base: str) -> bytes:
    """Returns Gradio's page with the language and the metadata of `card`; `base` is the page's own URL."""
    description = card.description
    if len(description) > MAX_DESCRIPTION:
        description = description[: MAX_DESCRIPTION - 1].rstrip() + "…"
    url = base + card.query
    facts = {
        "og:site_name": NAME,
        "og:type": card.kind,
        "og:title": card.title,
        "og:description": description,
        "og:url": url,
        "og:locale": "es_ES" if lang == "es" else "en_GB",
    }
    if card.picture:
        facts["og:image"] = card.picture if "://" in card.picture else base + card.picture
    tags = [f"<title>{escape(card.title)}</title>"]
    tags.append(f'<meta name="description" content="{escape(description)}">')
    tags.append(f'<link rel="canonical" href="{escape(url)}">')
    tags += [f'<meta property="{name}" content="{escape(value)}">' for name, value in facts.items()]
    tags.append(
        f'<meta name="twitter:card" content="{"summary_large_image" if card.picture else "summary"}">'
    )
    page = _OF_GRADIO.sub(b"", page)
    page = _OPENING.sub(f'<html lang="{lang}"'.encode(), page, count=1)
    return page.replace(_HEAD, _HEAD + "".join(tags).encode(), 1)
