"""The tree of categories, and names in the visitor's language."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
import vitrina
from vitrina import Category, CategoryCount, Highlights, Prediction, Product, Texts

from vitrina_page.categories import Branch, Categories, Tree
from vitrina_page.filters import NO_FILTERS, Filters
from vitrina_page.photo_search import facets, narrowed

CATEGORIES = [
    Category(1, "Hogar", None, {"en": "Home"}),
    Category(2, "Cocina", 1, {"en": "Kitchen"}),
    Category(3, "Hornos", 2, {"en": "Ovens", "ca": "Forns"}),
    Category(4, "Menaje", 2),
    Category(5, "Textil", 1),
    # Another kitchen, further down: the name alone means the first.
    Category(6, "Juguetes"),
    Category(7, "Casitas", 6),
    Category(8, "Cocina", 7),
]
TREE = Tree(CATEGORIES)
COUNTED = [
    CategoryCount(1, "Hogar", 5),
    CategoryCount(2, "Cocina", 4),
    CategoryCount(3, "Hornos", 2),
    CategoryCount(4, "Menaje", 2),
    CategoryCount(5, "Textil", 1),
]


def oven(number: int, *path: str, **changes: object) -> Product:
    plain = Product(number, "Horno", "Grande.", None, Decimal(300), path[-1], None, True, None, None)
    return replace(plain, categories=[list(path)], **changes)  # type: ignore[arg-type]


def shown(*chosen: str) -> list[tuple[str, int, str]]:
    """The branches as name, depth and how they are marked."""
    marks = {(True, False): "chosen", (False, True): "open", (False, False): ""}
    branches = TREE.branches(COUNTED, chosen)
    return [(TREE.name("es", one.path), one.depth, marks[one.is_chosen, one.is_open]) for one in branches]


def test_branches_open_where_something_is_chosen() -> None:
    assert shown() == [("Hogar", 0, "")]
    assert shown("Hogar") == [("Hogar", 0, "chosen"), ("Cocina", 1, ""), ("Textil", 1, "")]
    deepest = [("Hogar", 0, "open"), ("Cocina", 1, "open"), ("Hornos", 2, ""), ("Menaje", 2, "chosen")]
    assert shown("Hogar > Cocina > Menaje") == [*deepest, ("Textil", 1, "")]
    assert shown("Menaje") == [*deepest, ("Textil", 1, "")], "a name alone is found in the tree"


def test_what_is_chosen_can_be_taken_back_though_nothing_is_in_it() -> None:
    gone = Branch("Juguetes > Casitas", 0, 0, True, False)
    assert TREE.branches(COUNTED, ["Juguetes > Casitas"])[-1] == gone
    assert Tree().branches([], ["Muebles"]) == [Branch("Muebles", 0, 0, True, False)]


def test_of_categories_of_a_name_the_nearest_to_the_root_is_meant() -> None:
    assert TREE.resolved("Cocina") == "Hogar > Cocina"
    assert TREE.resolved("Juguetes > Casitas > Cocina") == "Juguetes > Casitas > Cocina"
    assert TREE.resolved("Zapatos") == "Zapatos"


def test_categories_are_called_as_they_are_translated() -> None:
    assert TREE.names("en", ["Hornos", "Hogar > Cocina > Menaje", "Zapatos"]) == "Ovens, Menaje, Zapatos"
    assert TREE.name("es", "Hogar > Cocina > Hornos") == "Hornos"
    assert TREE.prediction("en", Prediction(3, "Hornos", 0.5)) == Prediction(3, "Ovens", 0.5)


def test_products_are_shown_in_the_visitors_language() -> None:
    texts = {"en": Texts("Oven", "Large.")}
    product = oven(1, "Hogar", "Cocina", "Hornos", translations=texts, highlights=Highlights([(0, 5)], []))
    english = TREE.product("en", product)
    assert (english.name, english.description) == ("Oven", "Large.")
    assert (english.category, english.categories) == ("Ovens", [["Home", "Kitchen", "Ovens"]])
    assert english.highlights is None, "the positions are those of another text"
    assert TREE.product("es", product) == product


def test_a_translation_may_leave_the_description_out() -> None:
    product = oven(1, "Hogar", translations={"en": Texts("Oven")})
    assert TREE.product("en", product).description == "Grande."


def test_a_circle_of_categories_has_an_end() -> None:
    circle = Tree([Category(1, "A", 2), Category(2, "B", 1)])
    assert circle.name("es", circle.path(1, "")) == "A"


def test_a_photos_products_are_counted_and_filtered_by_the_tree() -> None:
    products = [
        oven(1, "Hogar", "Cocina", "Hornos"),
        oven(2, "Hogar", "Cocina", "Menaje"),
        oven(3, "Hogar", "Textil"),
    ]
    counted = {one.category: one.count for one in facets(products, NO_FILTERS).categories}
    assert counted["Hogar"] == 3
    assert counted["Hogar > Cocina"] == 2
    assert counted["Hogar > Cocina > Hornos"] == 1
    for chosen, found in (("Hogar > Cocina", [1, 2]), ("Menaje", [2]), ("Hogar > Hornos", [])):
        filters = Filters(categories=(chosen,))
        assert [one.id for one in narrowed(products, filters, "relevance")] == found


class PlayedShop:
    """Sends its categories, or fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def categories(self) -> list[Category]:
        self.asked += 1
        if self.error:
            raise self.error
        return CATEGORIES


def test_the_shop_is_asked_once_by_many() -> None:
    shop = PlayedShop()

    async def play() -> list[Tree]:
        categories = Categories(shop)
        return await asyncio.gather(*(categories.tree() for _ in range(20)))

    assert {tree.name("en", "Hogar") for tree in asyncio.run(play())} == {"Home"}
    assert shop.asked == 1


@pytest.mark.parametrize("error", [vitrina.Unavailable("down"), vitrina.Busy("many")])
def test_a_shop_that_is_down_is_asked_again(error: Exception) -> None:
    shop = PlayedShop()

    async def play() -> tuple[str, str]:
        categories = Categories(shop)
        shop.error = error
        before = (await categories.tree()).name("en", "Hogar")
        shop.error = None
        return before, (await categories.tree()).name("en", "Hogar")

    assert asyncio.run(play()) == ("Hogar", "Home")
