"""The page's `/examples` routes: photos to try, for visitors without one.

They come from a folder of their own and not from the shop's products: a search by a photo that the shop has
finds that very photo. A file is named after what it shows; `names.json` beside them has the names in other
languages, `{"1 Sofá.jpg": {"en": "Sofa"}}`.
"""

from __future__ import annotations

import json
import logging
import mimetypes
import re
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse, JSONResponse

log = logging.getLogger(__name__)

EXAMPLES = 4
NAMES = "names.json"
_KINDS = {".jpg", ".jpeg", ".png", ".webp"}
_KEPT = {"cache-control": "public, max-age=300"}
# The number in "2 Sofá.jpg" is its position.
_PLACE = re.compile(r"^\d+\s+")


def photos_in(folder: Path | None) -> dict[str, Path]:
    """The first photos of the folder by name; none where there is no such folder."""
    if folder is None or not folder.is_dir():
        return {}
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _KINDS and path.is_file())
    return {path.name: path for path in found[:EXAMPLES]}


def names_in(folder: Path | None) -> dict[str, dict[str, str]]:
    """What the photos show by language, by the names of their files; none where the folder does not say."""
    if folder is None or not (folder / NAMES).is_file():
        return {}
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        return {file: {str(lang): str(name) for lang, name in of.items()} for file, of in names.items()}
    except (AttributeError, OSError, ValueError) as error:
        log.warning("%s is left out: %s", folder / NAMES, error)
        return {}


def example_routes(folder: Path | None) -> APIRouter:
    """The photos themselves, and what there is: `{"examples": [{"source", "name", "translations"}]}`."""
    routes = APIRouter()
    photos = photos_in(folder)
    names = names_in(folder)

    @routes.get("/examples", include_in_schema=False)
    async def examples() -> JSONResponse:
        listed = [
            {
                "source": f"examples/{quote(file)}",
                "name": _PLACE.sub("", path.stem),
                "translations": names.get(file, {}),
            }
            for file, path in photos.items()
        ]
        return JSONResponse({"examples": listed}, headers=_KEPT)

    @routes.get("/examples/{name}", include_in_schema=False)
    async def photo(name: str) -> FileResponse:
        path = photos.get(name)
        if path is None:
            raise HTTPException(404, "there is no such example")
        return FileResponse(path, media_type=mimetypes.guess_type(path.name)[0], headers=_KEPT)

    return routes
