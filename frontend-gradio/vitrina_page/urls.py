"""Searches as query strings (`?q=…&category=…&sort=…`), so that reload, back and shared links repeat them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode

from .filters import ATTRIBUTE, MAX_CHOSEN, MAX_NAME, filters, sort
from .photo import classified
from .photo_search import LOCAL, Photo, Submitted, photo_key
from .search import MAX_WORDS, Listing, Problem

MAX_PAGES = 4
_MAX_QUERY_STRING = 8192
_TASK = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRODUCT = re.compile(r"[1-9][0-9]{0,18}")


def to_query(listing: Listing, pages: int = 1) -> str:
    """Returns the query string of a listing, `pages` pages of it; the empty string for all products."""
    chosen = listing.filters
    pairs = [("q", listing.query)] if listing.query else []
    pairs += [("category", name) for name in chosen.categories]
    pairs += [("brand", name) for name in chosen.brands]
    pairs += [(ATTRIBUTE + name, value) for name, values in chosen.attributes for value in values]
    if chosen.price:
        pairs.append(("price", str(chosen.price)))
    if chosen.in_stock:
        pairs.append(("stock", "1"))
    if listing.sort != "relevance":
        pairs.append(("sort", listing.sort))
    pairs += [("ignore", token) for token in listing.ignore]
    key = photo_key(listing.photo)
    if key:
        pairs.append(("photo", key))
    if pages > 1:
        pairs.append(("pages", str(min(pages, MAX_PAGES))))
    return "?" + urlencode(pairs, safe=":") if pairs else ""


def from_query(search: object, kept: Any = None) -> tuple[Listing, int]:
    """Returns the listing that a query string asks for, and how many pages; invalid values are left out.

    `kept` is what the browser kept of a photo that it classified; without it such a photo is left out.
    """
    given = _parsed(search)

    def one(name: str) -> str:
        return given.get(name, [""])[0]

    chosen = filters(
        {
            "categories": given.get("category"),
            "brands": given.get("brand"),
            "price": one("price"),
            "in_stock": one("stock") == "1",
            "attributes": [
                [name.removeprefix(ATTRIBUTE), value]
                for name, values in given.items()
                if name.startswith(ATTRIBUTE)
                for value in values
            ],
        }
    )
    listing = Listing(
        query=one("q")[:MAX_WORDS],
        filters=chosen,
        sort=sort(one("sort")),
        ignore=tuple(token[:MAX_NAME] for token in given.get("ignore", [])[:MAX_CHOSEN]),
        photo=_photo(one("photo"), kept),
    )
    pages = one("pages")
    return listing, min(max(int(pages), 1), MAX_PAGES) if re.fullmatch(r"[0-9]{1,2}", pages) else 1


def product_in(search: object) -> int | None:
    """Returns the ID of the product that a query string opens, if any."""
    number = _parsed(search).get("product", [""])[0]
    return int(number) if _PRODUCT.fullmatch(number) and int(number) < 2**63 else None


def language_in(search: object) -> str:
    """Returns the language that a query string asks for, or the empty string."""
    return _parsed(search).get("lang", [""])[0]


def _parsed(search: object) -> dict[str, list[str]]:
    if not isinstance(search, str) or len(search) > _MAX_QUERY_STRING:
        return {}
    try:
        return parse_qs(search.removeprefix("?"), max_num_fields=200)
    except ValueError:
        return {}


def _photo(key: str, kept: Any) -> Photo | None:
    if key.startswith(LOCAL):
        photo = classified(kept) if kept else None
        return None if isinstance(photo, Problem) else photo
    return Submitted(key) if _TASK.fullmatch(key) else None
