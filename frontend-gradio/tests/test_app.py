"""The page's own routes: photos handed through, headers, and uploads that may be named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from vitrina_page.app import AtHome, create_app
from vitrina_page.photo import chosen
from vitrina_page.photos import MAX_PHOTO_BYTES, photo_routes
from vitrina_page.search import Problem

PHOTO = b"\xff\xd8\xff\xe0 a photo"


def backend(request: httpx.Request) -> httpx.Response:
    key = request.url.path.removeprefix("/photos/")
    if request.headers.get("if-none-match") == '"1"':
        return httpx.Response(304, headers={"etag": '"1"'})
    if key == "a.jpg":
        return httpx.Response(200, content=PHOTO, headers={"content-type": "image/jpeg", "etag": '"1"'})
    if key == "page.jpg":
        return httpx.Response(200, content=b"<script>", headers={"content-type": "text/html"})
    if key == "vector.svg":
        return httpx.Response(200, content=b"<svg/>", headers={"content-type": "image/svg+xml"})
    if key == "huge.jpg":
        headers = {"content-type": "image/jpeg", "content-length": str(MAX_PHOTO_BYTES + 1)}
        return httpx.Response(200, content=b"", headers=headers)
    if key == "down.jpg":
        raise httpx.ConnectError("refused")
    return httpx.Response(404)


@pytest.fixture
def photos() -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(
        photo_routes("http://backend", httpx.AsyncClient(transport=httpx.MockTransport(backend)))
    )
    app.add_middleware(AtHome, photo_origins=("https://cdn.example.com",))
    with TestClient(app) as client:
        yield client


def test_a_photo_is_handed_through_with_its_headers(photos: TestClient) -> None:
    answer = photos.get("/photos/a.jpg")
    assert answer.content == PHOTO
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["etag"] == '"1"'
    assert "max-age" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_photo_that_the_browser_has_is_not_sent_again(photos: TestClient) -> None:
    assert photos.get("/photos/a.jpg", headers={"if-none-match": '"1"'}).status_code == 304


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("none.jpg", 404),
        ("page.jpg", 404),
        ("vector.svg", 404),
        ("huge.jpg", 502),
        ("down.jpg", 502),
        ("..%2f..%2fhealth", 404),
        ("%2e%2e", 404),
        ("a" * 300, 404),
    ],
)
def test_what_is_no_photo_is_not_handed_through(photos: TestClient, key: str, status: int) -> None:
    assert photos.get(f"/photos/{key}").status_code == status


def test_the_browser_is_told_to_stay_at_home(photos: TestClient) -> None:
    policy = photos.get("/photos/a.jpg").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "https://cdn.example.com" in policy
    assert "*" not in policy


def test_the_page_starts_while_the_shop_is_down() -> None:
    with TestClient(create_app("http://127.0.0.1:9")) as client:
        assert client.get("/health").json() == {"status": "ok"}
        html = client.get("/").text
        assert "Vitrina" in html
        for outside in ("fonts.googleapis.com", "fonts.gstatic.com", "cdn.jsdelivr.net"):
            assert outside not in html


def test_only_uploads_may_be_named_as_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = tmp_path / "uploads"
    (uploads / "x").mkdir(parents=True)
    photo = uploads / "x" / "shoe.jpg"
    photo.write_bytes(PHOTO)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (uploads / "link.jpg").symlink_to(secret)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads))

    assert chosen({"path": str(photo), "name": "shoe.jpg"}) == str(photo.resolve())
    refused = [
        str(secret),
        f"{uploads}/../secret.txt",
        str(uploads / "link.jpg"),
        str(uploads / "gone.jpg"),
        "/",
    ]
    for path in refused:
        assert chosen({"path": path}) == Problem("upload")
    for nothing in (None, "", "x", 3, [], {}, {"path": 3}, {"path": "a\0b"}):
        assert chosen(nothing) is None


@pytest.mark.parametrize(
    ("error", "key"),
    [("too_large", "too_large"), ("camera", "camera"), ("upload", "upload"), (["x"], "upload")],
)
def test_what_the_photo_box_met_has_a_message(error: object, key: str) -> None:
    problem = chosen({"error": error})
    assert isinstance(problem, Problem)
    assert problem.key == key
    assert problem.title("es") != problem.title("en")
