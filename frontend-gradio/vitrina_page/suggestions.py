"""The page's `/suggest` route: how a half-typed query may go on, for the list below the search box."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import vitrina
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from .search import MAX_WORDS
from .texts import LANGUAGE_COOKIE, Lang, language, price, text

log = logging.getLogger(__name__)

# Of each kind; a list of more is not read.
QUERIES, CATEGORIES, PRODUCTS = 5, 2, 3
# What comes later is of no use: the visitor has typed on.
SUGGEST_TIMEOUT = 2.0


class Suggester(Protocol):
    """What the route asks of `vitrina.AsyncClient`."""

    async def suggest(self, text: str, limit: int = ...) -> vitrina.Suggestions:
        """How `text` may go on."""


def suggestion_routes(shop: Suggester) -> APIRouter:
    """The route that answers `/suggest?q=…` in the visitor's language; an error is an empty list."""
    routes = APIRouter()

    @routes.get("/suggest", include_in_schema=False)
    async def suggest(request: Request, q: str = "") -> JSONResponse:
        lang = language(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))
        words = " ".join(q.split())[:MAX_WORDS]
        listed = await _options(shop, lang, words) if words else []
        told = text(lang, "suggestions_some", n=len(listed)) if listed else text(lang, "suggestions_none")
        return JSONResponse({"options": listed, "told": told}, headers={"cache-control": "no-store"})

    return routes


async def _options(shop: Suggester, lang: Lang, words: str) -> list[dict[str, str]]:
    try:
        found = await asyncio.wait_for(shop.suggest(words, QUERIES), SUGGEST_TIMEOUT)
    except (vitrina.VitrinaError, asyncio.TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return []
    return options(lang, words, found)


def options(lang: Lang, typed: str, found: vitrina.Suggestions) -> list[dict[str, str]]:
    """The suggestions as one list: what each is, its text, a note; without what is typed already."""
    queries = [query for query in found.queries if query.casefold() != typed.casefold()]
    in_shop = text(lang, "suggestion_category")
    return [
        *({"kind": "query", "text": query, "note": ""} for query in queries[:QUERIES]),
        *({"kind": "category", "text": one.name, "note": in_shop} for one in found.categories[:CATEGORIES]),
        *(
            {"kind": "product", "text": one.name, "note": price(lang, one.price)}
            for one in found.products[:PRODUCTS]
        ),
    ]
