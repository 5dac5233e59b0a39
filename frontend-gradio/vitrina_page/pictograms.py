"""Line pictograms for products without a photo, chosen by Spanish or English words in the category."""

from __future__ import annotations

import re
import unicodedata

# SVG paths in a 24 x 24 box. Beginnings of words, without accents and case; the first that matches is taken.
_PICTOGRAMS: tuple[tuple[str, str], ...] = (
    ("camiset|camisa|ropa|shirt|clothing|apparel", "M8 3 3 6l2 4 2-1v12h10V9l2 1 2-4-5-3a4 4 0 0 1-8 0z"),
    ("pantalon|vaquer|trouser|pants|jeans", "M7 3h10l2 18h-5l-2-11-2 11H5zM7 6h10"),
    ("zapat|calzado|bota|shoe|footwear|boot", "M3 8v9h18v-2c0-2-2-3-5-3.5l-5-4.5-2 2c-2 1-4 .5-6-1zM3 20h18"),
    ("telefon|movil|smartphone|phone|mobile", "M7 2h10v20H7zM11 19h2"),
    (
        "ordenador|portatil|informatic|computer|laptop|electronic",
        "M5 5h14v10H5zM2 18h20l-2 2H4z",
    ),
    ("camara|foto|camera|photo", "M3 7h4l2-3h6l2 3h4v13H3zM12 9.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7"),
    ("mueble|sofa|silla|hogar|furniture|chair|home", "M5 12V6h14v6M3 11h2v4h14v-4h2v8H3zM6 19v2m12-2v2"),
    (
        "planta|jardin|flor|plant|garden|flower",
        "M7 14h10l-2 7H9zM12 14V8M12 10C8 10 6 8 6 4c4 0 6 2 6 6zM12 9c0-3 2-5 6-5c0 4-2 6-6 5z",
    ),
    (
        "deport|sport|fitness|balon|ball",
        "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c4 5 4 13 0 18M12 3c-4 5-4 13 0 18",
    ),
    ("bolso|mochila|bag|equipaje|luggage", "M5 8h14l1 13H4zM8 8a4 4 0 0 1 8 0"),
    ("reloj|watch", "M12 6a6 6 0 1 0 0 12a6 6 0 1 0 0-12M9 6l.5-4h5l.5 4M9 18l.5 4h5l.5-4M12 9v3l2 1"),
    ("cocina|menaje|kitchen|cookware", "M4 9h13v9H4zM17 11h4M7 6V3m4 3V3"),
    ("libro|papeler|book|stationery", "M12 6C9 4 6 4 3 5v14c3-1 6-1 9 1c3-2 6-2 9-1V5c-3-1-6-1-9 1zM12 6v14"),
)
_ANY = "M3 8l9-5 9 5v8l-9 5-9-5zM3 8l9 5 9-5M12 13v8"


def pictogram(category: str) -> str:
    """Returns the SVG path for a category; a parcel where no word of its name is known."""
    letters = unicodedata.normalize("NFD", category.casefold())
    name = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return next((path for words, path in _PICTOGRAMS if re.search(rf"\b(?:{words})", name)), _ANY)
