"""The page's `/suggest` route: autocomplete for the search box."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import vitrina
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from .cards import PhotoLinks
from .categories import Categories, Tree
from .search import MAX_WORDS
from .texts import Lang, price, text, visitor_language

log = logging.getLogger(__name__)

# The most of each kind.
QUERIES, CATEGORIES, PRODUCTS = 5, 2, 3
# In seconds; later the visitor has typed on.
SUGGEST_TIMEOUT = 2.0


class Suggester(Protocol):
    """What the route asks of `vitrina.AsyncClient`."""

    async def suggest(self, text: str, limit: int = ...) -> vitrina.Suggestions:
        """Suggestions for an incomplete query."""


def suggestion_routes(shop: Suggester, categories: Categories, links: PhotoLinks) -> APIRouter:
    """The route `/suggest?q=…`, in the visitor's language; an error is an empty list."""
    routes = APIRouter()

    @routes.get("/suggest", include_in_schema=False)
    async def suggest(request: Request, q: str = "") -> JSONResponse:
        lang = visitor_language(request)
        words = " ".join(q.split())[:MAX_WORDS]
        listed = await _options(shop, categories, links, lang, words) if words else []
        announcement = (
            text(lang, "suggestions_some", n=len(listed)) if listed else text(lang, "suggestions_none")
        )
        return JSONResponse(
            {"options": listed, "announcement": announcement}, headers={"cache-control": "no-store"}
        )

    return routes


async def _options(
    shop: Suggester, categories: Categories, links: PhotoLinks, lang: Lang, words: str
) -> list[dict[str, str]]:
    try:
        asked = asyncio.gather(shop.suggest(words, QUERIES), categories.tree())
        found, tree = await asyncio.wait_for(asked, SUGGEST_TIMEOUT)
    except (vitrina.VitrinaError, asyncio.TimeoutError) as error:
        log.info("no suggestions: %s", error)
        return []
    return options(lang, words, found, tree, links)


def options(
    lang: Lang, typed: str, found: vitrina.Suggestions, tree: Tree, links: PhotoLinks
) -> list[dict[str, str]]:
    """The suggestions as one list: kind, text, note, a category's path, and a product's ID and photo; without
    what is typed.
    """
    queries = [query for query in found.queries if query.casefold() != typed.casefold()]
    in_shop = text(lang, "suggestion_category")
    return [
        *({"kind": "query", "text": query, "note": ""} for query in queries[:QUERIES]),
        *(
            {"kind": "category", "text": tree.name(lang, path), "note": in_shop, "category": path}
            for path in (tree.path(one.id, one.name) for one in found.categories[:CATEGORIES])
        ),
        *(
            {
                "kind": "product",
                "text": one.name,
                "note": price(lang, one.price),
                "product": str(one.id),
                "photo": links(one.photo_url) or "",
            }
            for one in (tree.product(lang, product) for product in found.products[:PRODUCTS])
        ),
    ]
