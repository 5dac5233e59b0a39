"""The engine in the process."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Union

from . import _vitrina
from ._arguments import CategoryName, Embedding, Price, Sort, embedding_bytes, filtering, listing, narrowing
from ._errors import VitrinaError
from ._photo import Photo, photo_bytes
from ._types import Category, ImageAnswer, ImportReport, Product, ProductPage, Suggestions, TextAnswer

PathName = Union[str, "os.PathLike[str]"]


class Shop:
    """A shop in this process, over a data folder: no server, no network.

        shop = vitrina.Shop.open("vitrina-data")
        shop.import_products([{"name": "Zapatilla roja", "price": 59.9, "category": "Zapatos"}])
        shop.search_text("zapatillas").products

    The folder is that of `vitrina serve --data-dir`. Photos need a model and the ONNX Runtime library: the package
    `onnxruntime` brings the latter. Any number of threads may share a shop.
    """

    def __init__(self, engine: _vitrina.Engine, path: PathName) -> None:
        """Use `Shop.open`."""
        self._open: _vitrina.Engine | None = engine
        self._path = os.fspath(path)

    @classmethod
    def open(cls, path: PathName, model: PathName | None = None) -> Shop:
        """Opens the shop in the folder `path`, making what is missing.

        `model` is the folder of a model; None takes the one that MODEL_PATH names or that the checkout holds. Without a
        model the shop can be searched by words.
        """
        chosen = _default_model() if model is None else Path(model)
        return cls(_vitrina.Engine.open(Path(path), chosen, _onnxruntime()).wait(), path)

    def __repr__(self) -> str:
        return f"Shop.open({self._path!r})"

    def __enter__(self) -> Shop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets the folder and the model go; the shop cannot be used any more."""
        self._open = None

    @property
    def _engine(self) -> _vitrina.Engine:
        if self._open is None:
            raise VitrinaError("the shop is closed: open it again")
        return self._open

    def import_products(
        self, products: PathName | Iterable[Mapping[str, Any]], photos: PathName | None = None
    ) -> ImportReport:
        """Writes products into the catalogue and recognises their photos.

        `products` is a file (.jsonl, .json, .csv) or dictionaries with `name`, and `id`, `description`, `brand`, `price`,
        `category`, `stock`, `photo` where there are such; `photos` is the folder that `photo` names files in. A product
        with the `id` of another replaces it.
        """
        folder = None if photos is None else Path(photos)
        if isinstance(products, (str, os.PathLike)):
            return self._engine.import_file(Path(products), folder).wait()
        listed = json.dumps([dict(product) for product in products], default=_plain)
        return self._engine.import_json(listed, folder).wait()

    def delete_product(self, id: int) -> None:
        """Removes a product; searches do not find it any more."""
        self._engine.delete_product(id).wait()

    def categories(self) -> list[Category]:
        """All categories, by number."""
        return self._engine.categories().wait()

    def products(
        self,
        limit: int | None = 24,
        cursor: str | None = None,
        *,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
        sort: Sort | None = None,
    ) -> ProductPage:
        """A page of the catalogue; `cursor` is `next_cursor` of the page before."""
        wanted = filtering(category, brand, min_price, max_price, in_stock)
        asked = listing(wanted, limit, cursor, sort)
        return self._engine.products(asked).wait()

    def product(self, id: int) -> Product:
        """One product."""
        return self._engine.product(id).wait()

    def similar(
        self,
        id: int,
        limit: int = 12,
        *,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
    ) -> list[Product]:
        """The products that look most like this one, of those that pass the filter."""
        wanted = filtering(category, brand, min_price, max_price, in_stock)
        return self._engine.similar(id, wanted, limit).wait()

    def search_text(
        self,
        query: str,
        limit: int | None = 24,
        cursor: str | None = None,
        *,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
        sort: Sort | None = None,
        facets: bool = False,
    ) -> TextAnswer:
        """Products by words; no words list all products. `facets` counts what the answer can be narrowed down by."""
        wanted = filtering(category, brand, min_price, max_price, in_stock)
        asked = listing(wanted, limit, cursor, sort, facets)
        return self._engine.search_text(query, asked).wait()

    def suggest(self, text: str, limit: int = 6) -> Suggestions:
        """How a half-typed query may go on: at most `limit` queries, categories and products."""
        return self._engine.suggest(text, limit).wait()

    def search_image(
        self,
        photo: Photo,
        timeout: float = 60.0,
        on_progress: Callable[[str], object] | None = None,
        *,
        query: str | None = None,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
    ) -> ImageAnswer:
        """Products by a photo, which never leaves this process; the model computes without holding the interpreter.

        `query` are words that the products must be found by too; the other keywords filter them as in `search_text`.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock))
        return self._engine.search_image(photo_bytes(photo), narrowed, timeout).wait(on_progress)

    def search_prediction(
        self,
        categories: Iterable[tuple[int, float]] = (),
        labels: Iterable[tuple[str, float]] = (),
        embedding: Embedding | None = None,
        *,
        query: str | None = None,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
    ) -> ImageAnswer:
        """Products for a photo that was recognised elsewhere: the shop's categories or the model's labels, with scores.

        The keywords narrow the products as those of `search_image` do.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock))
        seen = embedding_bytes(embedding)
        return self._engine.search_prediction(list(categories), list(labels), seen, narrowed).wait()


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a product holds text and numbers, not {type(value).__name__}")


def _default_model() -> Path | None:
    """The model that MODEL_PATH names, or that of the checkout which this package was built in."""
    named = os.environ.get("MODEL_PATH")
    if named:
        return Path(named)
    name = "efficientnet_lite0"
    folders = (above / "data" / "models" / name for above in Path(__file__).resolve().parents)
    return next((folder for folder in folders if (folder / f"{name}.onnx").is_file()), None)


def _onnxruntime() -> Path | None:
    """The library inside the package `onnxruntime`, unless ORT_DYLIB_PATH names another; the package is not imported."""
    # The library of the package would keep a log of events for its makers.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    package = importlib.util.find_spec("onnxruntime")
    if os.environ.get("ORT_DYLIB_PATH") or package is None or package.origin is None:
        return None
    capi = Path(package.origin).parent / "capi"
    libraries = sorted(
        file
        for pattern in ("libonnxruntime.so*", "libonnxruntime.*.dylib", "onnxruntime.dll")
        for file in capi.glob(pattern)
    )
    return libraries[-1] if libraries else None
