"""What a search is called: the heading above its products, and the title of its page."""

from __future__ import annotations

from .categories import Tree
from .search import Found, Listing
from .texts import Lang, text

NAME = "Vitrina"


def heading(lang: Lang, found: Found) -> str:
    """The heading above the products."""
    query = found.listing.query
    if found.kind == "all":
        return text(lang, "all_products")
    if found.kind == "words":
        return text(lang, "results_for", query=query)
    if found.kind == "both" and found.words_fit:
        return text(lang, "results_both", query=query)
    nearest = found.kind == "photo" and not found.predictions
    return text(lang, "results_nearest" if nearest else "results_photo")


def title(lang: Lang, listing: Listing, tree: Tree) -> str:
    """The title of the page: the query, or the categories, and the name of the shop."""
    subject = listing.query or tree.names(lang, listing.filters.categories)
    if not subject and listing.photo:
        subject = text(lang, "results_photo")
    return f"{subject} – {NAME}" if subject else f"{NAME}: {text(lang, 'tagline')}"
