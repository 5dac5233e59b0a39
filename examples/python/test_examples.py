"""Every example, run as a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "bindings-python" / "tests"))

from serving import serving  # noqa: E402

import vitrina  # noqa: E402


def run(example: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, str(HERE / example), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("server")
    with vitrina.Shop.open(folder, create=True) as shop:
        shop.put_product(1, "Zapatilla roja", "59.90", category="Zapatos")
        shop.put_product(2, "Camiseta roja", "12.99", category="Camisetas")
    with serving(folder) as url:
        yield url


def test_client(server: str) -> None:
    assert "Zapatilla roja 59.90" in run("client.py", server)


def test_async_client(server: str) -> None:
    assert "camiseta ['Camiseta roja']" in run("async_client.py", server)


def test_embedded(tmp_path: Path) -> None:
    said = run("embedded.py", str(tmp_path / "data"))
    assert "by words: Zapatilla roja 59.90" in said
    photo = tmp_path / "red.png"
    Image.new("RGB", (64, 64), "red").save(photo)
    with vitrina.Shop.open(tmp_path / "data") as shop:
        try:
            shop.search_image(photo)
        except vitrina.Unavailable as missing:
            assert "vitrina-models" in missing.detail or "log" in missing.detail
            return
    assert "by photo: Zapatilla roja nearly_same" in run("embedded.py", str(tmp_path / "data"), str(photo))


def test_batch(tmp_path: Path) -> None:
    assert "wrote 1500 products" in run("batch.py", str(tmp_path / "data"), "1500")
