"""The client that waits."""

from __future__ import annotations

from typing import Any

from . import _vitrina
from ._arguments import Price, ProductName, named_product
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
