"""The page's `/details/` route: one product in full and visually similar ones, as HTML for a dialog."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

import vitrina
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from . import cards
from .cards import PhotoLinks
from .categories import Categories
from .search import problem_of
from .texts import visitor_language

log = logging.getLogger(__name__)

SIMILAR = 8
# The largest ID of a product, 63 bits.
_LARGEST_ID = 2**63 - 1


class Products(Protocol):
    """What the route asks of `vitrina.AsyncClient`."""

    async def product(self, id: int) -> vitrina.Product:
        """One product."""

    async def similar(self, id: int, limit: int = ...) -> list[vitrina.Product]:
        """Visually similar products."""


def detail_routes(shop: Products, categories: Categories, links: PhotoLinks) -> APIRouter:
    """The route `/details/{id}`, in the visitor's language; an error is a message as HTML."""
    routes = APIRouter()

    @routes.get("/details/{number}", include_in_schema=False)
    async def details(number: int, request: Request) -> HTMLResponse:
        lang = visitor_language(request)
        headers = {"cache-control": "no-store"}
        if not 0 < number <= _LARGEST_ID:
            return HTMLResponse("", status_code=404, headers=headers)
        try:
            product, similar, tree = await asyncio.gather(
                shop.product(number), _similar(shop, number), categories.tree()
            )
        except vitrina.NotFound:
            return HTMLResponse(cards.gone(lang), headers=headers)
        except vitrina.VitrinaError as error:
            return HTMLResponse(cards.problem(lang, problem_of(error)), headers=headers)
        product, *similar = (tree.product(lang, one) for one in (product, *similar))
        return HTMLResponse(cards.details(lang, product, similar, links), headers=headers)

    return routes


async def _similar(shop: Products, number: int) -> list[vitrina.Product]:
    """Visually similar products; none after an error."""
    try:
        return await shop.similar(number, SIMILAR)
    except vitrina.VitrinaError as error:
        log.info("no similar products: %s", error)
        return []
