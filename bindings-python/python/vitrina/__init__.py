"""Vitrina: find a shop's products by words or by a photo.

    import vitrina

    client = vitrina.Client("http://127.0.0.1:8000")
    for product in client.search_image("shoe.jpg").products:
        print(product.name, product.price)

`Client` and `AsyncClient` talk to a Vitrina server; `Shop` is the engine in this process. Every error is a `VitrinaError`.
"""

from ._async_client import AsyncClient
from ._client import Client
from ._errors import (
    Busy,
    Conflict,
    InvalidRequest,
    NotFound,
    PhotoTooLarge,
    PhotoUnreadable,
    ServerError,
    TaskExpired,
    Timeout,
    Unauthorized,
    Unavailable,
    UnsupportedPhoto,
    VitrinaError,
)
from ._photo import Photo
from ._shop import Shop
from ._types import (
    AttributeCounts,
    BrandCount,
    Category,
    CategoryCount,
    Codes,
    Facets,
    Highlights,
    ImageAnswer,
    ImportReport,
    OffersUpdated,
    Prediction,
    PriceCount,
    Product,
    ProductPage,
    Readiness,
    Suggestions,
    TextAnswer,
    Texts,
    UnderstoodPart,
    ValueCount,
    Variant,
)
from ._vitrina import __version__

__all__ = [
    "AsyncClient",
    "AttributeCounts",
    "BrandCount",
    "Busy",
    "Category",
    "CategoryCount",
    "Client",
    "Codes",
    "Conflict",
    "Facets",
    "Highlights",
    "ImageAnswer",
    "ImportReport",
    "InvalidRequest",
    "NotFound",
    "OffersUpdated",
    "Photo",
    "PhotoTooLarge",
    "PhotoUnreadable",
    "Prediction",
    "PriceCount",
    "Product",
    "ProductPage",
    "Readiness",
    "ServerError",
    "Shop",
    "Suggestions",
    "TaskExpired",
    "TextAnswer",
    "Texts",
    "Timeout",
    "Unauthorized",
    "Unavailable",
    "UnderstoodPart",
    "ValueCount",
    "UnsupportedPhoto",
    "Variant",
    "VitrinaError",
    "__version__",
]
