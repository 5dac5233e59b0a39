"""The page's `/photos/` route: the backend's product photos, so that a browser need not reach the backend.

Plain HTTP on purpose: bytes for an `<img>` with the backend's cache headers, not a call of the shop's API.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

MAX_PHOTO_BYTES = 10 * 1024 * 1024
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%~-]{0,199}")
_SHOWN_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif")
_PASSED_ON = ("etag", "last-modified", "cache-control", "content-length")
_ASKED_ON = ("if-none-match", "if-modified-since")


def photo_routes(server: str, client: httpx.AsyncClient) -> APIRouter:
    """The route that streams `/photos/{key}` from `server`, at most `MAX_PHOTO_BYTES` of it."""
    routes = APIRouter()

    @routes.get("/photos/{key}", include_in_schema=False)
    async def photo(key: str, request: Request) -> Response:
        if not _KEY.fullmatch(key):
            return Response(status_code=404)
        headers = {name: request.headers[name] for name in _ASKED_ON if name in request.headers}
        # Unpacked on the way, so that the length we pass on is the length we send.
        headers["accept-encoding"] = "identity"
        try:
            answer = await client.send(
                client.build_request("GET", f"{server.rstrip('/')}/photos/{key}", headers=headers),
                stream=True,
            )
        except httpx.HTTPError:
            return Response(status_code=502)
        passed = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        passed.setdefault("cache-control", "public, max-age=3600")
        passed["x-content-type-options"] = "nosniff"
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        length = answer.headers.get("content-length", "")
        if answer.status_code == 304:
            await answer.aclose()
            passed.pop("content-length", None)
            return Response(status_code=304, headers=passed)
        if answer.status_code != 200 or kind not in _SHOWN_TYPES:
            await answer.aclose()
            return Response(status_code=404 if answer.status_code in (200, 404) else 502)
        if length.isdecimal() and int(length) > MAX_PHOTO_BYTES:
            await answer.aclose()
            return Response(status_code=502)
        return StreamingResponse(_bounded(answer), headers=passed, media_type=kind)

    return routes


async def _bounded(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The body, broken off where it outgrows the limit."""
    sent = 0
    try:
        async for piece in answer.aiter_bytes():
            sent += len(piece)
            if sent > MAX_PHOTO_BYTES:
                raise RuntimeError("a product photo is larger than the page passes on")
            yield piece
    finally:
        await answer.aclose()
