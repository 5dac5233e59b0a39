"""The page's `/examples` route: a few of the shop's own photos, for visitors with none at hand."""

from __future__ import annotations

import logging
from typing import Protocol

import vitrina
from fastapi import APIRouter
from starlette.responses import JSONResponse

from .cards import PhotoLinks
from .filters import Sort

log = logging.getLogger(__name__)

EXAMPLES = 4
# So many products are looked through for categories with a photo.
LOOKED_THROUGH = 100
_KEPT = "public, max-age=300"


class Catalogue(Protocol):
    """What the route asks of `vitrina.AsyncClient`."""

    async def products(self, limit: int | None = ..., *, sort: Sort | None = ...) -> vitrina.ProductPage:
        """A page of the catalogue."""


def example_routes(shop: Catalogue, links: PhotoLinks) -> APIRouter:
    """The route that answers `{"examples": [{"source", "category"}]}`: one a category; or none."""
    routes = APIRouter()

    @routes.get("/examples", include_in_schema=False)
    async def examples() -> JSONResponse:
        try:
            page = await shop.products(LOOKED_THROUGH, sort="newest")
        except vitrina.VitrinaError as error:
            log.info("no examples: %s", error)
            return JSONResponse({"examples": []}, headers={"cache-control": "no-store"})
        found: dict[str, str] = {}
        for product in page.products:
            source = links(product.photo_url)
            # The browser has to read the photo, not only to show it: it must be the page's own.
            if source and source.startswith("photos/") and product.category:
                found.setdefault(product.category, source)
        listed = [{"source": source, "category": category} for category, source in found.items()]
        return JSONResponse({"examples": listed[:EXAMPLES]}, headers={"cache-control": _KEPT})

    return routes
