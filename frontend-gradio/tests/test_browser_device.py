"""End to end, a photo classified in the browser: without a worker, and where the browser cannot."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import stage
from browsing import Shop, Watched, open_page, require_browser_module, search_words
from vitrina_page.on_device import BUILT


@pytest.fixture(autouse=True)
def _module() -> None:
    require_browser_module()


@pytest.fixture(scope="module")
def workerless(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Shop]:
    """A shop that takes photos in and never looks at them."""
    folder = tmp_path_factory.mktemp("workerless")
    server = stage.start_server(folder, flags=("--no-worker",))
    try:
        page = stage.start_page(folder, server.url)
    except BaseException:
        server.stop()
        raise
    yield Shop(folder, server, page)
    page.stop()
    server.stop()


def on_device(page: Page) -> None:
    """Switches the device on and waits until it is ready."""
    expect(page.locator(".vt-card").first).to_be_visible()
    page.get_by_role("switch").check()
    expect(page.locator(".vt-device")).to_have_attribute("data-device", "ready")


def uploads(page: Page) -> list[str]:
    """What is uploaded from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/upload" in request.url else None)
    return sent


def test_without_a_worker_a_photo_finds_products(browser: Browser, workerless: Shop) -> None:
    watched = open_page(browser, workerless.page.url, "es-ES")
    page = watched.page
    sent = uploads(page)
    on_device(page)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_contain_text("Zapatos")
    expect(page.get_by_role("heading", name="Parecidos a tu foto")).to_be_visible()
    expect(page.locator(".vt-category").first).to_have_text("Zapatos")
    expect(page.locator(".vt-alike").first).to_have_text(re.compile("^(Parecido|Casi igual)$"))
    expect(page.get_by_text("Foto analizada en tu dispositivo.")).to_be_visible()
    assert sent == []

    # With words beside it, and after them.
    search_words(page, "negras")
    expect(page.get_by_role("heading", name="Parecidos a tu foto y «negras»")).to_be_visible()
    page.get_by_role("button", name="Quitar la foto").click()
    expect(page.get_by_role("heading", name="Resultados para «negras»")).to_be_visible()
    expect(page.locator(".vt-device")).to_have_attribute("data-device", "ready")
    watched.assert_quiet()
    page.context.close()


def test_a_slow_worker_says_that_the_photo_waits(browser: Browser, workerless: Shop) -> None:
    watched = open_page(browser, workerless.page.url, "en-GB")
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_text("Queued: your photo is waiting its turn…")).to_be_visible()
    # The device need not wait for it.
    page.get_by_role("button", name="Remove the photo").click()
    on_device(page)
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.get_by_role("heading", name="Similar to your photo")).to_be_visible()
    watched.assert_quiet()
    page.context.close()


def test_the_choice_is_kept_and_the_model_comes_from_the_cache(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, shop.page.url, "es-ES")
    page = watched.page
    on_device(page)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "sha256=" in request.url else None)
    page.reload()
    expect(page.get_by_role("switch")).to_be_checked()
    expect(page.locator(".vt-device")).to_have_attribute("data-device", "ready")
    assert fetched == []
    watched.assert_quiet()
    page.context.close()


def test_the_page_stays_free_while_it_classifies(spanish: Watched) -> None:
    page = spanish.page
    on_device(page)
    # How often the page's own work had its turn while ten photos were classified.
    turns = page.evaluate(
        """async (photo) => {
            const { createClassifier } = await import("/browser/vitrina.js");
            const classifier = await createClassifier();
            const blob = new Blob([Uint8Array.from(atob(photo), (one) => one.charCodeAt(0))]);
            let turns = 0;
            const timer = setInterval(() => { turns += 1; }, 0);
            await Promise.all(Array.from({ length: 10 }, () => classifier.classify(blob)));
            clearInterval(timer);
            classifier.close();
            return turns;
        }""",
        base64.b64encode(stage.shoe_photo().read_bytes()).decode(),
    )
    assert turns > 20
    spanish.assert_quiet()


def test_what_is_no_photo_is_told_without_sending_it(spanish: Watched) -> None:
    page = spanish.page
    sent = uploads(page)
    on_device(page)
    page.set_input_files(
        "#vt-file", files=[{"name": "nota.txt", "mimeType": "text/plain", "buffer": b"no es una foto"}]
    )
    expect(page.locator("[data-problem=unsupported]")).to_contain_text("Ese archivo no es una foto")
    expect(page.get_by_role("switch")).to_be_checked()
    assert sent == []
    spanish.assert_quiet()


@pytest.mark.parametrize("gone", ["**/vitrina.js", "**/worker.js", "**/*.wasm?*", "**/*.onnx?*"])
def test_where_the_browser_cannot_the_shop_classifies(spanish: Watched, gone: str) -> None:
    page = spanish.page
    page.route(gone, lambda route: route.abort())
    expect(page.locator(".vt-card").first).to_be_visible()
    page.get_by_role("switch").click()
    expect(page.get_by_text("Este navegador no puede analizar fotos: se envían a la tienda.")).to_be_visible()
    expect(page.get_by_role("switch")).not_to_be_checked()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_contain_text("Zapatos")
    assert spanish.outside == []


def test_a_browser_without_webassembly_leaves_it_to_the_shop(browser: Browser, shop: Shop) -> None:
    watched = open_page(browser, shop.page.url, "en-GB", before="delete globalThis.WebAssembly")
    page = watched.page
    expect(page.locator(".vt-card").first).to_be_visible()
    page.get_by_role("switch").click()
    expect(page.get_by_text("This browser cannot analyse photos: they are sent to the shop.")).to_be_visible()
    page.set_input_files("#vt-file", stage.shoe_photo())
    expect(page.locator(".vt-predictions li").first).to_contain_text("Shoes")
    watched.assert_quiet()
    page.context.close()


def test_a_photo_that_was_to_stay_is_sent_only_when_its_owner_says_so(spanish: Watched) -> None:
    page = spanish.page
    held: list[Route] = []
    page.route("**/*.onnx?*", lambda route: held.append(route))
    sent = uploads(page)
    expect(page.locator(".vt-card").first).to_be_visible()
    with page.expect_request("**/*.onnx?*"):
        page.get_by_role("switch").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.set_input_files("#vt-file", stage.shoe_photo())
    held[0].abort()
    send = page.get_by_role("button", name="Enviar la foto a la tienda")
    expect(send).to_be_visible()
    assert sent == []
    send.click()
    expect(page.locator(".vt-predictions li").first).to_contain_text("Zapatos")
    expect(send).to_be_hidden()
    assert len(sent) == 1
    assert spanish.outside == []


def test_of_many_photos_in_a_row_the_last_counts(spanish: Watched) -> None:
    page = spanish.page
    on_device(page)
    others = sorted(stage.shoe_photo().parent.glob("*.jpg"))
    photos = [*(others[at % len(others)] for at in range(49)), stage.shoe_photo()]
    page.evaluate(
        """(photos) => {
            const input = document.querySelector("#vt-file");
            for (const [name, photo] of photos) {
                const chosen = new DataTransfer();
                const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0));
                chosen.items.add(new File([bytes], name, { type: "image/jpeg" }));
                input.files = chosen.files;
                input.dispatchEvent(new Event("change"));
            }
        }""",
        [(photo.name, base64.b64encode(photo.read_bytes()).decode()) for photo in photos],
    )
    expect(page.locator(".vt-predictions li").first).to_contain_text("Zapatos")
    expect(page.locator(".vt-name").first).to_have_text("Zapatillas de correr azules y rosas")
    expect(page.locator(".vt-device")).to_have_attribute("data-device", "done")
    spanish.assert_quiet()


def test_a_large_photo_is_made_smaller_before_it_is_sent(spanish: Watched) -> None:
    page = spanish.page
    expect(page.locator(".vt-card").first).to_be_visible()
    sizes = page.evaluate(
        """async (photo) => {
            const { shrink } = await import("/browser/vitrina.js");
            const stored = await (await fetch(`data:image/jpeg;base64,${photo}`)).blob();
            const bitmap = await createImageBitmap(stored, { resizeWidth: 3000, resizeHeight: 4000 });
            const canvas = new OffscreenCanvas(3000, 4000);
            canvas.getContext("2d").drawImage(bitmap, 0, 0);
            const large = new File([await canvas.convertToBlob({ type: "image/png" })], "a.shoe.png");
            const smaller = await shrink(large);
            const { width, height } = await createImageBitmap(smaller);
            const same = new File(["no photo"], "note.txt");
            return [width, height, smaller.name, smaller.type, smaller.size < large.size,
                await shrink(same) === same, await shrink(smaller) === smaller];
        }""",
        base64.b64encode(stage.shoe_photo().read_bytes()).decode(),
    )
    assert sizes == [800, 1067, "a.shoe.jpg", "image/jpeg", True, True, True]
    spanish.assert_quiet()


def test_the_example_finds_products_against_the_server(browser: Browser, tmp_path: Path) -> None:
    folder = BUILT.parent.parent
    command = [
        sys.executable,
        "-u",
        "-m",
        "http.server",
        "0",
        "--bind",
        "127.0.0.1",
        "--directory",
        str(folder),
    ]
    static = stage.Running(command, r"(http://[\d.:]+)", tmp_path / "example.log")
    # Pages of other origins may ask where the shop says so.
    server = stage.start_server(tmp_path, flags=["--cors-origins", static.url])
    try:
        watched = open_page(browser, f"{static.url}/examples/device.html?server={server.url}", "en-GB")
        page = watched.page
        page.set_input_files("#photo", stage.shoe_photo())
        expect(page.locator("#categories li").first).to_contain_text("Zapatos")
        expect(page.locator("#products li").first).to_contain_text("€")
        watched.assert_quiet()
        page.context.close()
    finally:
        server.stop()
        static.stop()


def reference(folder: Path) -> Any:
    """What Python says of the golden photos, from the file of the model that browsers take."""
    golden = json.loads((stage.ROOT / "data/models/golden.json").read_text())
    photos = [stage.shoe_photo().parent / photo["file"] for photo in golden["photos"]]
    command = [
        *(sys.executable, str(stage.ROOT / "data/models/reference.py")),
        *("--model", str(stage.ROOT / "data/models/efficientnet_lite1_lite2"), "--precision", "int8_weights"),
        *("--out", str(folder), *map(str, photos)),
    ]
    subprocess.run(command, check=True)
    return json.loads((folder / "reference.json").read_text())


CLASSIFY = """async (photo) => {
    window.classifier ??= import("/browser/vitrina.js").then(({ createClassifier }) => createClassifier());
    const bytes = Uint8Array.from(atob(photo), (one) => one.charCodeAt(0));
    const { labels, embedding } = await (await window.classifier).classify(new Blob([bytes]));
    return { labels, embedding: [...embedding] };
}"""


def cosine(one: list[float], other: list[float]) -> float:
    def dot(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    return float(dot(one, other) / (dot(one, one) * dot(other, other)) ** 0.5)


def test_the_browser_says_what_python_says(spanish: Watched, tmp_path: Path) -> None:
    """From the same pixels nearly to the bit; from JPEGs within what two decoders differ in."""
    page = spanish.page
    for photo in reference(tmp_path)["photos"]:
        for file, least, difference in (
            (tmp_path / photo["png"], 0.9999, 0.002),
            (stage.shoe_photo().parent / photo["file"], 0.999, 0.02),
        ):
            said = page.evaluate(CLASSIFY, base64.b64encode(file.read_bytes()).decode())
            best = photo["top5"][0]
            assert said["labels"][0]["label"] == best["id"], file.name
            assert said["labels"][0]["score"] == pytest.approx(best["probability"], abs=difference), file.name
            assert cosine(said["embedding"], photo["embedding"]) >= least, file.name
    spanish.assert_quiet()
