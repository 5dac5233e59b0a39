"""The shop embedded in the process."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, cast

from . import _vitrina
from ._arguments import Price, ProductName, named_product
from ._blocking import Blocking
from ._errors import NotFound
from ._photo import Photo, photo_bytes
from ._types import ImportReport, Product

PathName = Union[str, "os.PathLike[str]"]

_log = logging.getLogger("vitrina")


class Shop(Blocking[_vitrina.Engine]):
    """A shop in this process, over a data folder: no server, no network.

        shop = vitrina.Shop.open("vitrina-data")
        shop.put_product(1, "Zapatilla roja", "59.90", category="Zapatos", photo="zapatilla.jpg")
        shop.search_text("zapatillas rojas").products
        shop.search_image("zapatilla.jpg").products

    The folder is that of `vitrina serve --data-dir`. Photos need a model and ONNX Runtime: `pip install vitrina-models
    onnxruntime`. Any number of threads may share a shop. Methods are those of `Client`, and need no key.
    """

    _closed = "the shop is closed: open it again"

    def __init__(self, engine: _vitrina.Engine, path: PathName) -> None:
        """Use `Shop.open`."""
        super().__init__(engine)
        self._path = os.fspath(path)

    @classmethod
    def open(cls, path: PathName, model: PathName | None = None, *, create: bool | None = None) -> Shop:
        """Opens the shop in the folder `path`.

        A folder that does not exist is created, with a warning in the log `vitrina`; `create=True` creates it without one, and
        `create=False` raises `NotFound` instead.

        `model` is the folder of a model; None uses the one that MODEL_PATH names, that the package `vitrina-models` brings, or
        that is in the checkout which this package was built in. Without a model the shop is searched by words, and searches
        by photo say what is missing.
        """
        folder = Path(path)
        if not folder.is_dir():
            if create is False:
                raise NotFound(f"there is no folder {folder}: correct the path, or leave out create=False")
            if create is None:
                _log.warning("there was no folder %s: created it, with an empty shop", folder.absolute())
        chosen = _default_model() if model is None else Path(model)
        return cls(_vitrina.Engine.open(folder, chosen, _onnxruntime()).wait(), path)

    def __repr__(self) -> str:
        return f"Shop.open({self._path!r})"

    def import_products(
        self, products: PathName | Iterable[Mapping[str, Any]], photos: PathName | None = None
    ) -> ImportReport:
        """Writes products into the catalogue and embeds their photos: all of them, or none if one is wrong.

        `products` is a file of any format that `vitrina import` reads, or dictionaries with `name` and `price`, and `id`, `key`,
        `description`, `brand`, `category` or `categories`, `stock`, `photo` or `photos`, `attributes`, `variants`, `sale`,
        `codes`, `tags`, `url` where there are such; `photos` is the folder that `photo` names files in. A product replaces
        the one with its `id` or `key`; without either it is known by its SKU or its name.
        """
        folder = None if photos is None else Path(photos)
        if isinstance(products, (str, os.PathLike)):
            return self._calls.import_file(Path(products), folder).wait()
        lines = "\n".join(json.dumps(dict(product), default=_plain) for product in products)
        return self._calls.import_lines(lines, folder).wait()

    def import_source(
        self,
        file: PathName,
        *,
        photos: PathName | None = None,
        format: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        prune: bool = False,
        max_removals: float = 0.2,
    ) -> dict[str, Any]:
        """Imports a file of any format that `vitrina import` reads, and returns what came of it.

        Products are known by their keys: those that are as they are stay untouched. The result has `new`, `changed`,
        `unchanged`, `gone`, `removed`, `refused`, `left_out`, `notes`, `examples`, and `error` if the import ended early.
        `prune` removes products that the file no longer has, at most the part `max_removals` of the catalogue.
        """
        options: dict[str, Any] = {"dry_run": dry_run, "prune": prune, "max_removals": max_removals}
        if format is not None:
            options["format"] = format
        if mapping is not None:
            options["mapping"] = dict(mapping)
        folder = None if photos is None else Path(photos)
        run = self._calls.import_source(Path(file), folder, json.dumps(options)).wait()
        return cast("dict[str, Any]", json.loads(run))

    def put_product(
        self,
        id: ProductName,
        name: str,
        price: Price,
        *,
        description: str = "",
        brand: str | None = None,
        category: str | int | None = None,
        stock: int | None = None,
        photo: Photo | None = None,
        if_version: str | None = None,
        **fields: Any,
    ) -> Product:
        """Creates or replaces the product of this ID or key, with its photo; searches find it at once.

        A category that does not exist is created. Without photos a product that is replaced keeps those that it has; without
        `stock` its pieces are not counted.

        `if_version` is the `version` of the product that this replaces, as `product` and all writes return it. Where it has
        another one, or is gone, this raises `Conflict` and writes nothing.

        `fields` are any others: `key` (the shop's own), `url`, `codes` (`sku`, `gtin`, `mpn`, `others`), `categories` (paths
        such as `[["Hogar", "Cocina"]]`, in place of `category`), `attributes` (`{"color": ["rojo"]}`), `photos` (URLs),
        `sale_price` with `sale_from` and `sale_until`, `availability`, `tags`, `popularity`, `translations`
        (`{"en": {"name": "Boot"}}`), `updated_at`, `variants` (dictionaries of the same kind). Times are seconds since 1970, or
        `datetime`.
        """
        given = {"name": name, "price": price, "description": description, "brand": brand, "category": category, "stock": stock}
        written = named_product(id, {**given, **fields})
        encoded = None if photo is None else photo_bytes(photo)
        return self._calls.put_product(written, encoded, if_version).wait()

    def restore(self, file: PathName) -> int:
        """Brings back what `export` wrote, and returns how many products were written.

        Categories are those of the same path, products those of the same key, or of the same ID where they have none; others
        are created. Products that are as they are in the file stay untouched.
        """
        return self._calls.restore(Path(file)).wait()

    def embed_photos(self) -> int:
        """Embeds the photos of products that have no embedding of this model yet, and returns how many."""
        return self._calls.embed_photos().wait()

    def embed_in_background(self) -> None:
        """Starts `embed_photos` on a thread of its own, until it is done or the shop is closed."""
        self._calls.embed_in_background().wait()


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a product holds text and numbers, not {type(value).__name__}")


def _default_model() -> Path | None:
    """The model that MODEL_PATH names, that of the package `vitrina-models`, or that of the checkout of this package."""
    named = os.environ.get("MODEL_PATH")
    if named:
        return Path(named)
    models = importlib.util.find_spec("vitrina_models")
    installed = [Path(models.origin).parent] if models is not None and models.origin is not None else []
    checkout = [above / "data" / "models" for above in Path(__file__).resolve().parents]
    members = ("efficientnet_lite1", "efficientnet_lite2")
    found = (
        folder
        for folder in installed + checkout
        if all((folder / name / f"{name}.onnx").is_file() for name in members)
    )
    return next((folder / "efficientnet_lite1_lite2" for folder in found), None)


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
