"""The client that waits."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from . import _vitrina
from ._arguments import Price, ProductName, import_options, named_product
from ._blocking import Blocking
from ._types import Product, Readiness


class Client(Blocking[_vitrina.Remote]):
    """A connection to a Vitrina server; any number of threads may share it.

    Every method blocks until the answer is there, without holding the interpreter, and can be interrupted.
    """

    _closed = "the client is closed: make a new one"

    def __init__(
        self, base_url: str, *, timeout: float = 30.0, api_key: str | None = None, admin_key: str | None = None
    ) -> None:
        """`timeout` is how many seconds any one request may take; nothing is sent yet.

        `admin_key` is the key of the server's administration (`vitrina serve --admin-key`). It is sent with the methods
        that write and with no other, and shown nowhere. `api_key` is sent with every request, for whoever stands before
        the server and asks for one.
        """
        super().__init__(_vitrina.Remote(base_url, timeout, api_key, admin_key))
        self._base_url = base_url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    def health(self) -> bool:
        """Whether the server serves."""
        return self._calls.health().wait()

    def ready(self) -> Readiness:
        """Whether the server can do its work, dependency by dependency."""
        return self._calls.ready().wait()

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
        if_version: str | None = None,
        **fields: Any,
    ) -> Product:
        """Makes a product of this number or key, or replaces it whole but for its photos; searches find it at once.

        `category` is one that there is, by name or number; without `stock` its pieces are not counted.

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
        return self._calls.put_product(id, written, if_version).wait()

    def import_file(
        self,
        file: str | os.PathLike[str],
        *,
        format: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        prune: bool = False,
        max_removals: float = 0.2,
        replace_demo: bool | None = None,
    ) -> str:
        """Hands in a file of any format that `vitrina import` reads, which the server imports in the background.

        What `export` wrote is brought back whole. Returns what the server takes the file for; `imports` says how far it is and
        what came of it. `prune` removes products that the file no longer has, at most the part `max_removals` of the
        catalogue. A shop that holds the demo products raises `Conflict` unless `replace_demo` says whether they go.
        """
        options = import_options(format, mapping, prune, max_removals, replace_demo)
        return self._calls.import_file(Path(file), options).wait()

    def imports(self, limit: int = 20) -> dict[str, Any]:
        """The import that goes on in the server (`running`, None if there is none), and the last that ended (`imports`).

        Each has `source`, those that ended `new`, `changed`, `unchanged`, `gone`, `removed`, `refused`, `left_out`, `notes`,
        `problems`, and `error` if it ended early.
        """
        return cast("dict[str, Any]", json.loads(self._calls.imports(limit).wait()))
