"""The page's own routes: photos handed through, headers, and uploads that may be named."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from vitrina_page.app import SecurityHeaders, create_app
from vitrina_page.examples import example_routes
from vitrina_page.on_device import on_device_routes
from vitrina_page.photo import MAX_EMBEDDING_BYTES, MAX_MODEL, chosen
from vitrina_page.photo_search import Classified, Submitted, Upload
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
    app.add_middleware(SecurityHeaders, photo_origins=("https://cdn.example.com",))
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

    assert chosen({"path": str(photo), "name": "shoe.jpg"}) == Upload(str(photo.resolve()))
    assert chosen({"task": "t-1"}) == Submitted("t-1")
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


def test_what_a_browser_classified_is_taken_if_it_is_valid() -> None:
    sent = {"labels": [{"label": "n04120489", "score": 0.9}], "embedding": "AACAPw=="}
    known = Classified((("n04120489", 0.9),), b"\0\0\x80?")
    assert chosen({"classified": sent, "name": "shoe.jpg"}) == known
    named = {**sent, "model": "efficientnet_lite0/1"}
    assert chosen({"classified": named}) == Classified(known.labels, known.embedding, "efficientnet_lite0/1")
    assert chosen({"classified": {"labels": sent["labels"]}}) == Classified(known.labels, None)
    nonsense: list[object] = [
        None,
        [],
        {},
        {"labels": 3},
        {"labels": [3]},
        {"labels": [{"label": "x", "score": "much"}]},
        {**sent, "embedding": "no base64"},
        {**sent, "embedding": 3},
        {**sent, "model": 3},
        {**sent, "model": "x" * (MAX_MODEL + 1)},
        {**sent, "embedding": base64.b64encode(bytes(MAX_EMBEDDING_BYTES + 4)).decode()},
    ]
    for one in nonsense:
        assert chosen({"classified": one}) == Problem("invalid"), one


@pytest.fixture
def built(tmp_path: Path) -> TestClient:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "vitrina.js").write_text("export {};")
    (folder / "runtime.wasm").write_bytes(b"\0asm")
    (folder / "runtime.wasm.gz").write_bytes(gzip.compress(b"\0asm"))
    (folder / "notes.txt").write_text("notes")
    (tmp_path / "secret.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    app = FastAPI()
    app.include_router(on_device_routes(folder))
    return TestClient(app)


def test_the_browser_module_is_served_packed_and_kept_by_its_hash(built: TestClient) -> None:
    module = built.get("/browser/vitrina.js")
    assert module.headers["content-type"].startswith("text/javascript")
    assert module.headers["cache-control"] == "no-cache"
    known = {"if-none-match": module.headers["etag"]}
    assert built.get("/browser/vitrina.js", headers=known).status_code == 304
    runtime = built.get("/browser/runtime.wasm?sha256=1")
    assert (runtime.content, runtime.headers["content-encoding"]) == (b"\0asm", "gzip")
    assert runtime.headers["content-type"] == "application/wasm"
    assert "immutable" in runtime.headers["cache-control"]
    plain = built.get("/browser/runtime.wasm", headers={"accept-encoding": "identity"})
    assert (plain.content, plain.headers.get("content-encoding")) == (b"\0asm", None)


@pytest.mark.parametrize(
    "path", ["none.js", "notes.txt", "link.json", "..%2fsecret.json", "", "runtime.wasm.gz", "a%00.js"]
)
def test_only_what_was_built_is_served(built: TestClient, path: str) -> None:
    assert built.get(f"/browser/{path}").status_code == 404


def test_examples_come_from_a_folder_of_their_own(tmp_path: Path) -> None:
    for name in ("2 Sofá.png", "1 Zapatillas.jpg", "notes.txt", "3.jpg", "4.jpg", "5.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "names.json").write_text(
        '{"1 Zapatillas.jpg": {"en": "Trainers"}, "gone.jpg": {"en": "Lamp"}}'
    )
    app = FastAPI()
    app.include_router(example_routes(tmp_path))
    client = TestClient(app)
    shown = client.get("/examples").json()["examples"]
    assert [one["name"] for one in shown] == ["Zapatillas", "Sofá", "3", "4"]
    assert [one["translations"] for one in shown] == [{"en": "Trainers"}, {}, {}, {}]
    sofa = client.get(f"/{shown[1]['source']}")
    assert (sofa.content, sofa.headers["content-type"]) == ("2 Sofá.png".encode(), "image/png")
    for other in ("notes.txt", "5.jpg", "..%2Fsecret"):
        assert client.get(f"/examples/{other}").status_code == 404


def test_without_a_folder_there_are_no_examples(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "missing"):
        app = FastAPI()
        app.include_router(example_routes(folder))
        assert TestClient(app).get("/examples").json() == {"examples": []}


@pytest.mark.parametrize("text", ["[]", "{", '{"1 Sofá.jpg": "Sofa"}', "\xff"])
def test_examples_without_readable_names_have_those_of_their_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "1 Sofá.jpg").write_bytes(b"photo")
    (tmp_path / "names.json").write_text(text, encoding="latin-1")
    app = FastAPI()
    app.include_router(example_routes(tmp_path))
    (shown,) = TestClient(app).get("/examples").json()["examples"]
    assert (shown["name"], shown["translations"]) == ("Sofá", {})


@pytest.mark.parametrize(
    ("error", "key"),
    [
        ("too_large", "too_large"),
        ("camera", "camera"),
        ("unsupported", "unsupported"),
        ("upload", "upload"),
        (["x"], "upload"),
    ],
)
def test_what_the_photo_box_met_has_a_message(error: object, key: str) -> None:
    problem = chosen({"error": error})
    assert isinstance(problem, Problem)
    assert problem.key == key
    assert problem.title("es") != problem.title("en")
