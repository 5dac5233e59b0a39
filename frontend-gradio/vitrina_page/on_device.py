"""The page's `/browser/` route: the module that classifies photos in the browser, its runtime and its model.

The folder is what `bindings-js` builds for devices (`build-device.mjs`). A page without it works too: photos
then go to the shop.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

# What the build leaves there in this checkout; the image of the page has it at the same place.
BUILT = Path(__file__).resolve().parent.parent.parent / "bindings-js" / "dist" / "device"

# The module that pages import.
MODULE = "vitrina.js"

_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
}
# The content of a URL with a content hash never changes.
_FOREVER = "public, max-age=31536000, immutable"


def on_device_routes(folder: Path = BUILT) -> APIRouter:
    """The route that serves the files of `folder`, packed where a packed one lies beside it."""
    routes = APIRouter()
    root = folder.resolve()

    @routes.get("/browser/{path:path}", include_in_schema=False)
    async def built(path: str, request: Request) -> Response:
        if "\0" in path:
            return Response(status_code=404)
        file = (root / path).resolve()
        kind = _TYPES.get(file.suffix)
        if kind is None or not file.is_relative_to(root) or not file.is_file():
            return Response(status_code=404)
        headers = {
            "cache-control": _FOREVER if "sha256" in request.query_params else "no-cache",
            "vary": "accept-encoding",
        }
        packed = file.with_name(f"{file.name}.gz")
        if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
            headers["content-encoding"] = "gzip"
            file = packed
        answer = FileResponse(file, headers=headers, media_type=kind, stat_result=file.stat())
        if request.headers.get("if-none-match") == answer.headers["etag"]:
            return Response(status_code=304, headers={**headers, "etag": answer.headers["etag"]})
        return answer

    return routes
