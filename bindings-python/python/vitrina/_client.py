"""The client that waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from . import _vitrina
from ._arguments import CategoryName, Embedding, Price, Sort, draft, embedding_bytes, filtering, listing, narrowing
from ._errors import VitrinaError
from ._photo import Photo, photo_bytes
from ._types import Category, ImageAnswer, Product, ProductPage, Readiness, Suggestions, TextAnswer


class Client:
    """A connection to a Vitrina server; any number of threads may share it.

    Every method blocks until the answer is there, without holding the interpreter, and can be interrupted.
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

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets the connections go; the client cannot be used any more."""
        self._open = None

    @property
    def _remote(self) -> _vitrina.Remote:
        if self._open is None:
            raise VitrinaError("the client is closed: make a new one")
        return self._open

    def health(self) -> bool:
        """Whether the server serves."""
        return self._remote.health().wait()

    def ready(self) -> Readiness:
        """Whether the server can do its work, dependency by dependency."""
        return self._remote.ready().wait()

    def categories(self) -> list[Category]:
        """All categories, by number."""
        return self._remote.categories().wait()

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
        return self._remote.products(asked).wait()

    def product(self, id: int) -> Product:
        """One product."""
        return self._remote.product(id).wait()

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
        return self._remote.similar(id, wanted, limit).wait()

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
        return self._remote.search_text(query, asked).wait()

    def suggest(self, text: str, limit: int = 6) -> Suggestions:
        """How a half-typed query may go on: at most `limit` queries, categories and products."""
        return self._remote.suggest(text, limit).wait()

    def submit_image(self, photo: Photo) -> str:
        """Hands a photo in and answers its task's id, for `result`."""
        return self._remote.submit_image(photo_bytes(photo)).wait()

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
    ) -> ImageAnswer | None:
        """A task's result, or None while it is pending; the server is asked to wait up to `wait` seconds for it.

        The keywords narrow the products as those of `search_image` do; one task can be asked for in many ways, and its
        photo is not recognised anew.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock))
        return self._remote.result(task_id, narrowed, wait).wait()

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
        """Products by a photo: hands it in and waits for the result, `timeout` seconds at most in all.

        `on_progress` hears "queued" once the server has the photo and "started" once a worker looks at it; quick workers
        are done before that is seen. It is called on this thread, and what it raises ends the call.

        `query` are words that the products must be found by too; the other keywords filter them as in `search_text`.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock))
        return self._remote.search_image(photo_bytes(photo), narrowed, timeout).wait(on_progress)

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
        """Products for a photo that was recognised elsewhere.

        `categories` are the shop's, by number; `labels` are the model's, such as WordNet ids; each with its score.
        The keywords narrow the products as those of `search_image` do.
        """
        narrowed = narrowing(query, filtering(category, brand, min_price, max_price, in_stock))
        seen = embedding_bytes(embedding)
        return self._remote.search_prediction(list(categories), list(labels), seen, narrowed).wait()

    def put_category(self, id: int, name: str) -> Category:
        """Makes a category, or renames it. Like all methods from here on it needs `admin_key`."""
        return self._remote.put_category(id, name).wait()

    def put_product(
        self,
        id: int,
        name: str,
        price: Price,
        *,
        description: str = "",
        brand: str | None = None,
        category: str | int | None = None,
        stock: int | None = None,
    ) -> Product:
        """Makes a product of this number, or replaces it whole but for its photo; searches find it at once.

        `category` is one that there is, by name or number; without `stock` its pieces are not counted.
        """
        written = draft(name, price, id, description, brand, category, stock)
        return self._remote.put_product(id, written).wait()

    def put_products(self, products: Iterable[Mapping[str, Any]]) -> list[int]:
        """Makes or replaces up to 1,000 products, all of them or none, and answers their numbers in order.

        A product is a dictionary with `name` and `price`, and `id`, `description`, `brand`, `category`, `stock` where there
        are such. One without an `id` is new; one that is replaced keeps its photo.
        """
        return self._remote.put_products([draft(**product) for product in products]).wait()

    def delete_product(self, id: int) -> None:
        """Removes a product."""
        self._remote.delete_product(id).wait()

    def put_photo(self, id: int, photo: Photo) -> Product:
        """Gives a product its photo, in place of the one it had; searches by photo find it at once."""
        return self._remote.put_photo(id, photo_bytes(photo)).wait()
