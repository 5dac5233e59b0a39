"""The client for asyncio."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from . import _vitrina
from ._arguments import (
    Attributes,
    CategoryName,
    Embedding,
    Price,
    ProductName,
    Sort,
    dictionaries,
    dictionary,
    embedding_bytes,
    filtering,
    import_options,
    listing,
    named_product,
    narrowing,
)
from ._errors import VitrinaError
from ._photo import Photo, photo_bytes
from ._types import Category, ImageAnswer, OffersUpdated, Product, ProductPage, Readiness, Suggestions, TextAnswer


class AsyncClient:
    """A connection to a Vitrina server for asyncio: `Client`, awaitable.

    Cancelling what is awaited ends the request.
    """

    def __init__(
        self, base_url: str, *, timeout: float = 30.0, api_key: str | None = None, admin_key: str | None = None
    ) -> None:
        """`timeout` is how many seconds any one request may take; nothing is sent yet.

        `admin_key` is the key of the server's administration (`vitrina serve --admin-key`). It is sent with the methods
        that write and with no other, and shown nowhere. `api_key` is sent with every request, for whoever stands before
        the server and asks for one.
        """
        self._open: _vitrina.Remote | None = _vitrina.Remote(base_url, timeout, api_key, admin_key)
        self._base_url = base_url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Lets the connections go; the client cannot be used any more."""
        self._open = None

    @property
    def _remote(self) -> _vitrina.Remote:
        if self._open is None:
            raise VitrinaError("the client is closed: make a new one")
        return self._open

    async def health(self) -> bool:
        """Whether the server serves."""
        return await self._remote.health().start()

    async def ready(self) -> Readiness:
        """Whether the server can do its work, dependency by dependency."""
        return await self._remote.ready().start()

    async def categories(self) -> list[Category]:
        """All categories, by number."""
        return await self._remote.categories().start()

    async def products(
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
        return await self._remote.products(asked).start()

    async def product(self, id: ProductName) -> Product:
        """One product, by its number or the shop's own key."""
        return await self._remote.product(id).start()

    async def similar(
        self,
        id: int,
        limit: int = 12,
        *,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
        attributes: Attributes | None = None,
    ) -> list[Product]:
        """The products that look most like this one, of those that pass the filter."""
        wanted = filtering(category, brand, min_price, max_price, in_stock, attributes)
        return await self._remote.similar(id, wanted, limit).start()

    async def search_text(
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
        attributes: Attributes | None = None,
        sort: Sort | None = None,
        facets: bool | Sequence[str] = False,
        ignore: Sequence[str] = (),
        page: int | None = None,
    ) -> TextAnswer:
        """Products by words; no words list all products. `facets` counts what the answer can be narrowed down by: all, or
        the facets named: `category`, `brand`, `price`, or an attribute's. `limit=0` returns the counts alone; `page` numbers
        the pages from 1 on, within the first 1,000 products, in place of `cursor`. `attributes` are values by name, such as
        `{"color": ["rojo", "azul"]}`; products have one of the values of each.

        `ignore` holds tokens of `understood` whose words are to be looked for instead.
        """
        wanted = filtering(category, brand, min_price, max_price, in_stock, attributes)
        asked = listing(wanted, limit, cursor, sort, facets, ignore, page)
        return await self._remote.search_text(query, asked).start()

    async def suggest(self, text: str, limit: int = 6) -> Suggestions:
        """How a half-typed query may go on: at most `limit` queries, categories and products."""
        return await self._remote.suggest(text, limit).start()

    async def submit_image(self, photo: Photo) -> str:
        """Hands a photo in and answers its task's id, for `result`."""
        return await self._remote.submit_image(await asyncio.to_thread(photo_bytes, photo)).start()

    async def result(
        self,
        task_id: str,
        wait: float = 0.0,
        *,
        query: str | None = None,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
        attributes: Attributes | None = None,
    ) -> ImageAnswer | None:
        """A task's result, or None while it is pending; the server is asked to wait up to `wait` seconds for it.

        The keywords narrow the products as those of `search_image` do; one task can be asked for in many ways, and its
        photo is not classified anew.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock, attributes))
        return await self._remote.result(task_id, narrowed, wait).start()

    async def search_image(
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
        attributes: Attributes | None = None,
    ) -> ImageAnswer:
        """Products by a photo: hands it in and waits for the result, `timeout` seconds at most in all.

        `on_progress` hears "queued" once the server has the photo and "started" once a worker looks at it; quick workers
        are done before that is seen. It is called on the event loop.

        `query` are words that the products must be found by too; the other keywords filter them as in `search_text`.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock, attributes))
        content = await asyncio.to_thread(photo_bytes, photo)
        return await self._remote.search_image(content, narrowed, timeout).start(on_progress)

    async def search_prediction(
        self,
        categories: Iterable[tuple[int, float]] = (),
        labels: Iterable[tuple[str, float]] = (),
        embedding: Embedding | None = None,
        *,
        model: str | None = None,
        query: str | None = None,
        category: CategoryName | None = None,
        min_price: Price | None = None,
        max_price: Price | None = None,
        in_stock: bool | None = None,
        brand: str | Sequence[str] | None = None,
        attributes: Attributes | None = None,
    ) -> ImageAnswer:
        """Products for a photo that was classified elsewhere.

        `categories` are the shop's, by number; `labels` are the model's, such as WordNet ids; each with its score.
        `model` is the one that made the embedding, such as `efficientnet_lite0/1`; the shop's own unless given. Where it
        is another, the labels alone count. The other keywords narrow the products as those of `search_image` do.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock, attributes))
        seen = embedding_bytes(embedding)
        return await self._remote.search_prediction(list(categories), list(labels), seen, model, narrowed).start()

    async def put_category(self, id: int, name: str) -> Category:
        """Makes a category, or renames it. Like all methods from here on it needs `admin_key`."""
        return await self._remote.put_category(id, name).start()

    async def put_product(
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
        return await self._remote.put_product(id, written, if_version).start()

    async def update_category(self, id: int, **changes: Any) -> Category:
        """Changes a category's `name`, `parent` (the number of another one, or None for the root) or `translations`.

        It keeps its products and all categories below it. What is not named stays as it is.
        """
        return await self._remote.update_category(id, dictionary(changes)).start()

    async def delete_category(self, id: int, move_to: int | None = None) -> None:
        """Deletes a category. One that has products or categories in it raises `Conflict` unless these move to `move_to`."""
        await self._remote.delete_category(id, move_to).start()

    async def put_products(self, products: Iterable[Mapping[str, Any]]) -> list[int]:
        """Creates or replaces up to 1,000 products atomically, and returns their numbers in order.

        A product is a dictionary with `name` and `price`, and optionally `id` or `key`, and any other field of `put_product`.
        One without an `id` or a known `key` is new; one that is replaced keeps its photos where it brings none.
        After a broken connection a client sends them again, and the server writes them once.
        """
        return await self._remote.put_products(dictionaries(products)).start()

    async def update_product(self, product: ProductName, *, if_version: str | None = None, **changes: Any) -> Product:
        """Changes fields of a product, by its number or key, and leaves all others as they are: see `Client.update_product`."""
        return await self._remote.update_product(product, dictionary(changes), if_version).start()

    async def update_offers(self, changes: Iterable[Mapping[str, Any]]) -> OffersUpdated:
        """Changes prices, sales and stock of up to 10,000 products, atomically: see `Client.update_offers`."""
        return await self._remote.update_offers(dictionaries(changes)).start()

    async def delete_product(self, id: ProductName, *, if_version: str | None = None) -> None:
        """Removes a product, by its number or key; with `if_version` only if it has this version, else this raises `Conflict`."""
        await self._remote.delete_product(id, if_version).start()

    async def export(self, file: str | os.PathLike[str]) -> int:
        """Writes every category and product to a file of JSON Lines, and returns how many products there are.

        `vitrina import` and `Shop.restore` bring all of it back; the photos themselves are not in it.
        """
        return await self._remote.export(Path(file)).start()

    async def import_file(
        self,
        file: str | os.PathLike[str],
        *,
        format: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        prune: bool = False,
        max_removals: float = 0.2,
        replace_demo: bool | None = None,
    ) -> str:
        """Hands in a file of products, which the server imports in the background: see `Client.import_file`."""
        options = import_options(format, mapping, prune, max_removals, replace_demo)
        return await self._remote.import_file(Path(file), options).start()

    async def imports(self, limit: int = 20) -> dict[str, Any]:
        """The import that goes on in the server, and the last that ended: see `Client.imports`."""
        return cast("dict[str, Any]", json.loads(await self._remote.imports(limit).start()))

    async def put_photo(self, id: int, photo: Photo) -> Product:
        """Gives a product its photo, in place of the one it had; searches by photo find it at once."""
        return await self._remote.put_photo(id, await asyncio.to_thread(photo_bytes, photo)).start()
