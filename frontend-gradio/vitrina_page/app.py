"""The application: the Gradio page, the routes beside it, and the security headers of every response."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import vitrina
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .cards import PhotoLinks
from .details import detail_routes
from .examples import example_routes, photos_in
from .on_device import BUILT, MODULE, on_device_routes
from .page import ASSETS, MAX_UPLOAD_MB, build, head, i18n, theme
from .page_head import PageHead
from .photos import photo_routes
from .search import Searcher
from .suggestions import suggestion_routes

STYLES = ("theme.css", "search.css", "filters.css", "photo.css", "details.css", "phone.css")


def create_app(
    server: str,
    photo_origins: Iterable[str] = (),
    api_key: str | None = None,
    examples: Path | None = None,
) -> FastAPI:
    """Returns the page for the shop at `server`, an ASGI application. Starts without the server.

    `photo_origins` are other origins of product photos, such as `https://cdn.example.com`; `examples` is a
    folder of photos to try.
    """
    origins = tuple(photo_origins)
    photos = httpx.AsyncClient(
        timeout=httpx.Timeout(15.0),
        limits=httpx.Limits(max_connections=32),
        trust_env=False,
        follow_redirects=False,
    )

    shop = vitrina.AsyncClient(server, timeout=20.0, api_key=api_key)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await photos.aclose()
        await shop.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Reports that the page serves, whether or not the shop answers."""
        return {"status": "ok"}

    app.include_router(photo_routes(server, photos))
    links = PhotoLinks(server, origins)
    searcher = Searcher(shop)
    app.include_router(suggestion_routes(shop, searcher.categories, links))
    app.include_router(detail_routes(shop, searcher.categories, links))
    app.include_router(example_routes(examples))
    app.include_router(on_device_routes())
    app.add_middleware(PageHead, shop=shop, categories=searcher.categories, links=links)
    app.add_middleware(SecurityHeaders, photo_origins=origins)
    gr.mount_gradio_app(
        app,
        build(searcher, links, on_device=(BUILT / MODULE).is_file(), examples=bool(photos_in(examples))),
        path="/",
        i18n=i18n(),
        theme=theme(),
        css_paths=[ASSETS / name for name in STYLES],
        head=head(),
        favicon_path=str(ASSETS / "favicon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        max_file_size=f"{MAX_UPLOAD_MB}mb",
    )
    return app


class SecurityHeaders:
    """Middleware that adds a content security policy, which allows requests to this server only."""

    def __init__(self, app: ASGIApp, photo_origins: Iterable[str] = ()) -> None:
        self._app = app
        images = " ".join(("'self' data: blob:", *photo_origins))
        # Gradio evaluates templates in the browser, which takes 'unsafe-inline' and 'unsafe-eval'.
        policy = (
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
            f"worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src {images}; "
            "media-src 'self' blob:; font-src 'self' data:; "
            "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
            "frame-ancestors 'self'"
        )
        self._headers = [
            (b"content-security-policy", policy.encode("latin-1")),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
            # Cross-origin isolation, without which the browser gives the classifier no threads.
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-embedder-policy", b"credentialless"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers to every HTTP response."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer: MutableMapping[str, Any] = message
                present = {name.lower() for name, _ in answer.get("headers", [])}
                answer["headers"] = [
                    *answer.get("headers", []),
                    *(header for header in self._headers if header[0] not in present),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
