"""What `Client` and `Shop` have in common: the methods that block."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Generic, TypeVar

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
    listing,
    narrowing,
)
from ._errors import VitrinaError
from ._photo import Photo, photo_bytes
from ._types import Category, ImageAnswer, OffersUpdated, Product, ProductPage, Suggestions, TextAnswer

_Native = TypeVar("_Native", _vitrina.Remote, _vitrina.Engine)
_Self = TypeVar("_Self", bound="Blocking[Any]")


class Blocking(Generic[_Native]):
    """Searches and writes through the native module; any number of threads may share it.

    Every method blocks until the answer is there, without holding the interpreter, and can be interrupted.
    """

    _closed: ClassVar[str]
    """The message of the error after `close`."""

    def __init__(self, native: _Native) -> None:
        self._open: _Native | None = native

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases the connections, or the folder and the model; no other method can be called any more."""
        self._open = None

    @property
    def _calls(self) -> _Native:
        if self._open is None:
            raise VitrinaError(self._closed)
        return self._open

    def categories(self) -> list[Category]:
        """All categories, by number."""
        return self._calls.categories().wait()

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
        return self._calls.products(asked).wait()

    def product(self, id: ProductName) -> Product:
        """One product, by its number or the shop's own key."""
        return self._calls.product(id).wait()

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
        attributes: Attributes | None = None,
    ) -> list[Product]:
        """The products that look most like this one, of those that pass the filter."""
        wanted = filtering(category, brand, min_price, max_price, in_stock, attributes)
        return self._calls.similar(id, wanted, limit).wait()

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
        return self._calls.search_text(query, asked).wait()

    def suggest(self, text: str, limit: int = 6) -> Suggestions:
        """How a half-typed query may go on: at most `limit` queries, categories and products."""
        return self._calls.suggest(text, limit).wait()

    def submit_image(self, photo: Photo) -> str:
        """Submits a photo and returns its task's ID, for `result`; it is classified in the background."""
        return self._calls.submit_image(photo_bytes(photo)).wait()

    def result(
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
        """A task's result, or None while it is pending after `wait` seconds.

        The keywords narrow the products as those of `search_image` do. One task can be asked for with any words and
        filters, and its photo is classified once.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock, attributes))
        return self._calls.result(task_id, narrowed, wait).wait()

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
        attributes: Attributes | None = None,
    ) -> ImageAnswer:
        """Products by a photo: submits it and waits for the result, `timeout` seconds at most in all.

        `on_progress` is called with "queued" once the photo is submitted and with "started" once a worker classifies it,
        unless a server is done before that is seen. It is called on this thread, and what it raises ends the call. The
        photo of a `Shop` never leaves this process.

        `query` are words that the products must be found by too; the other keywords filter them as in `search_text`.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock, attributes))
        return self._calls.search_image(photo_bytes(photo), narrowed, timeout).wait(on_progress)

    def search_prediction(
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
        return self._calls.search_prediction(list(categories), list(labels), seen, model, narrowed).wait()

    def put_category(self, id: int, name: str) -> Category:
        """Creates a category, or renames it. A `Client` needs `admin_key` for this and for all methods that write."""
        return self._calls.put_category(id, name).wait()

    def update_category(self, id: int, **changes: Any) -> Category:
        """Changes a category's `name`, `parent` (the number of another one, or None for the root) or `translations`.

        It keeps its products and all categories below it. What is not named stays as it is.
        """
        return self._calls.update_category(id, dictionary(changes)).wait()

    def delete_category(self, id: int, move_to: int | None = None) -> None:
        """Deletes a category. One that has products or categories in it raises `Conflict` unless these move to `move_to`."""
        self._calls.delete_category(id, move_to).wait()

    def put_products(self, products: Iterable[Mapping[str, Any]]) -> list[int]:
        """Creates or replaces products, and returns their IDs in order.

        A `Client` takes up to 1,000 products, atomically; a `Shop` any number, every 1,000 of them atomically.

        A product is a dictionary with `name` and `price`, and optionally `id` or `key`, and any other field of `put_product`.
        One without an `id` or a known `key` is new; one that is replaced keeps its photos where it brings none.
        After a broken connection a client sends them again, and the server writes them once.
        """
        return self._calls.put_products(dictionaries(products)).wait()

    def update_product(self, product: ProductName, *, if_version: str | None = None, **changes: Any) -> Product:
        """Changes fields of a product, by its number or key, and leaves all others as they are.

            client.update_product(7, price="9.90", stock=12)
            client.update_product("REF-7", brand=None)

        The fields are `name`, `description`, `brand`, `price`, `sale_price`, `sale_from`, `sale_until`, `stock`,
        `availability`, `category`, `categories`, `key`, `url`, `codes`, `attributes`, `photos`, `tags`, `popularity`,
        `translations`, `updated_at` and `variants`; None clears one that is optional. Lists and dictionaries are replaced
        whole. Times are seconds since 1970, or `datetime`.

        Who reads a product, computes and writes it back names the version that was read, and loses nothing that others have
        written meanwhile:

            seen = client.product(7)
            client.update_product(7, price=seen.price * 2, if_version=seen.version)

        Where the product has another version this raises `Conflict` and writes nothing: read it again. Products in lists
        have no version, and None writes whatever there is: read the product with `product`.
        """
        return self._calls.update_product(product, dictionary(changes), if_version).wait()

    def update_offers(self, changes: Iterable[Mapping[str, Any]]) -> OffersUpdated:
        """Changes prices, sales and stock of products in batches, and nothing else of them.

            client.update_offers([{"id": 7, "price": "9.90"}, {"key": "REF-8", "stock": 0}])

        A change is a dictionary with `id` or `key`, and any of `price`, `sale_price`, `sale_from`, `sale_until`, `stock` and
        `availability`. A `Client` takes up to 10,000 of them, atomically; a `Shop` any number, every 10,000 of them
        atomically. Products that do not exist are passed over and named in the answer.
        """
        return self._calls.update_offers(dictionaries(changes)).wait()

    def delete_product(self, id: ProductName, *, if_version: str | None = None) -> None:
        """Deletes a product, by its number or key; searches do not find it any more.

        With `if_version` only if it has this version; else this raises `Conflict`.
        """
        self._calls.delete_product(id, if_version).wait()

    def export(self, file: str | os.PathLike[str]) -> int:
        """Writes every category and product to a file of JSON Lines, and returns how many products there are.

        `vitrina import` and `Shop.restore` bring all of it back; the photos themselves are not in it.
        """
        return self._calls.export(Path(file)).wait()

    def put_photo(self, id: int, photo: Photo) -> Product:
        """Sets the photo of a product, in place of the one it had; searches by photo find it at once."""
        return self._calls.put_photo(id, photo_bytes(photo)).wait()
