"""Photos in every form, and the way to their products."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from conftest import DONE, Reply, Scripted, photo_script
from PIL import Image

import vitrina
from vitrina._photo import photo_bytes

PENDING = Reply(202, {"status": "pending", "stage": "started"}, {"retry-after": "1"})


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 2), "red").save(file, "JPEG")
    return file.getvalue()


def test_every_form_brings_the_same_bytes(server: Scripted, tmp_path: Path) -> None:
    content = jpeg()
    path = tmp_path / "zapato ñ.jpg"
    path.write_bytes(content)
    server.script = photo_script(Reply(200, DONE))
    client = vitrina.Client(server.url)
    with path.open("rb") as file:
        for photo in (str(path), path, content, bytearray(content), memoryview(content), io.BytesIO(content), file):
            assert client.submit_image(photo) == "t-1"
    for request in server.requests:
        assert content in request.body and b'name="file"' in request.body
        assert b"image/jpeg" in request.body


@pytest.mark.parametrize(
    ("mode", "format"),
    [("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("1", "JPEG"), ("P", "JPEG"), ("I;16", "JPEG"), ("F", "JPEG"),
     ("RGBA", "PNG"), ("LA", "PNG")],
)  # fmt: skip
def test_images_of_pillow_keep_their_look(mode: str, format: str) -> None:
    sent = Image.open(io.BytesIO(photo_bytes(Image.new(mode, (6, 3)))))
    assert (sent.format, sent.size) == (format, (6, 3))


def test_an_image_with_a_transparent_colour_keeps_it() -> None:
    image = Image.new("P", (2, 2))
    image.info["transparency"] = 0
    sent = Image.open(io.BytesIO(photo_bytes(image)))
    assert (sent.format, sent.getpixel((0, 0))[3]) == ("PNG", 0)  # type: ignore[index]


def test_sixteen_bits_are_scaled_rather_than_cut_off() -> None:
    sent = Image.open(io.BytesIO(photo_bytes(Image.new("I;16", (2, 2), 0x8000))))
    assert sent.getpixel((0, 0)) == (128, 128, 128)


def test_a_photo_that_lies_on_its_side_is_sent_upright() -> None:
    image = Image.new("RGB", (8, 4))
    image.getexif()[0x0112] = 6
    assert Image.open(io.BytesIO(photo_bytes(image))).size == (4, 8)


def test_what_is_no_photo_is_refused_with_advice() -> None:
    with pytest.raises(FileNotFoundError):
        photo_bytes("nowhere.jpg")
    with pytest.raises(TypeError, match="binary mode"):
        photo_bytes(io.StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a photo is a path.*not int"):
        photo_bytes(5)  # type: ignore[arg-type]


def test_search_waits_and_tells_how_far_it_is(server: Scripted) -> None:
    server.script = photo_script(PENDING, Reply(200, DONE))
    heard: list[str] = []
    answer = vitrina.Client(server.url).search_image(jpeg(), on_progress=heard.append)
    assert heard == ["queued", "started"]
    assert (answer.categories, len(answer.products)) == (["Zapatos"], 1)
    assert server.requests[1].headers["prefer"] == "wait=1"


def test_what_the_callback_raises_ends_the_search(server: Scripted) -> None:
    server.script = photo_script(PENDING)

    def stop(stage: str) -> None:
        raise LookupError(stage)

    with pytest.raises(LookupError, match="queued"):
        vitrina.Client(server.url).search_image(jpeg(), on_progress=stop)


def test_search_gives_up_in_time(server: Scripted) -> None:
    server.script = photo_script(PENDING)
    with pytest.raises(vitrina.Timeout, match="t-1"):
        vitrina.Client(server.url).search_image(jpeg(), timeout=0.5)


def test_a_result_is_none_while_pending(server: Scripted) -> None:
    server.script = photo_script(PENDING, Reply(200, DONE))
    client = vitrina.Client(server.url)
    task = client.submit_image(jpeg())
    assert client.result(task) is None
    answer = client.result(task, wait=2)
    assert answer is not None and answer.categories == ["Zapatos"]
    assert "prefer" not in server.requests[1].headers and server.requests[2].headers["prefer"] == "wait=2"
