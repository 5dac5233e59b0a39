"""Every error of the contract as its exception."""

from __future__ import annotations

import pickle
import socket
import time

import pytest
from conftest import Reply, Scripted, photo_script

import vitrina


def problem(status: int, slug: str, **headers: str) -> Reply:
    body = {"type": f"/problems/{slug}", "title": "a title", "status": status, "detail": "do this next"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"content-type": "application/problem+json", **named})


@pytest.mark.parametrize(
    ("status", "slug", "expected"),
    [
        (400, "invalid", vitrina.InvalidRequest),
        (401, "x", vitrina.Unauthorized),
        (403, "x", vitrina.Unauthorized),
        (404, "not-found", vitrina.NotFound),
        (410, "expired", vitrina.TaskExpired),
        (413, "too-large", vitrina.PhotoTooLarge),
        (415, "not-a-photo", vitrina.UnsupportedPhoto),
        (422, "invalid", vitrina.InvalidRequest),
        (422, "unreadable", vitrina.PhotoUnreadable),
        (429, "too-many-requests", vitrina.Busy),
        (500, "x", vitrina.ServerError),
        (503, "queue-full", vitrina.Busy),
        (503, "unavailable", vitrina.Unavailable),
    ],
)
def test_statuses(server: Scripted, status: int, slug: str, expected: type[vitrina.VitrinaError]) -> None:
    server.script = lambda number, request: problem(status, slug)
    with pytest.raises(vitrina.VitrinaError) as caught:
        vitrina.Client(server.url).categories()
    error = caught.value
    assert type(error) is expected
    assert (error.status, error.title, error.detail, str(error)) == (status, "a title", "do this next", "do this next")


def test_a_busy_server_names_a_pause(server: Scripted) -> None:
    server.script = lambda number, request: problem(503, "queue-full", retry_after="30")
    with pytest.raises(vitrina.Busy) as caught:
        vitrina.Client(server.url).search_image(b"photo", timeout=5)
    assert caught.value.retry_after == 30.0


def test_a_task_that_failed_is_an_unreadable_photo(server: Scripted) -> None:
    server.script = photo_script(Reply(422, {"detail": "the photo is cut off"}))
    with pytest.raises(vitrina.PhotoUnreadable, match="cut off"):
        vitrina.Client(server.url).search_image(b"photo")


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = vitrina.Client(url)
    with pytest.raises(vitrina.Unavailable) as caught:
        client.categories()
    assert caught.value.status is None and url in str(caught.value)
    assert client.health() is False


def test_a_slow_server(server: Scripted) -> None:
    server.always(200, {}, delay=5)
    start = time.monotonic()
    with pytest.raises(TimeoutError) as caught:
        vitrina.Client(server.url, timeout=0.3).categories()
    assert isinstance(caught.value, vitrina.Timeout) and isinstance(caught.value, vitrina.VitrinaError)
    assert time.monotonic() - start < 3


def test_the_hierarchy() -> None:
    assert issubclass(vitrina.TaskExpired, vitrina.NotFound)
    for photo_error in (vitrina.PhotoTooLarge, vitrina.UnsupportedPhoto, vitrina.PhotoUnreadable):
        assert issubclass(photo_error, vitrina.InvalidRequest)


def test_exceptions_survive_pickling() -> None:
    for error in (vitrina.Busy("later", status=503, retry_after=2.0), vitrina.Timeout("late", title="no answer in time")):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error) and copy.__dict__ == error.__dict__ and str(copy) == str(error)
