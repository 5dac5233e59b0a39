"""The client in Node.js: every call against the real server, and what it does about a server that is busy."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import stage
from visiting import Site

TESTS = stage.ROOT / "bindings-js/tests"


def run(script: str, *arguments: str) -> Any:
    """What a script of `node/` prints, as JSON."""
    done = subprocess.run(
        ["node", f"node/{script}", *arguments], cwd=TESTS, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_file_that_the_package_names_is_built() -> None:
    package = TESTS.parent
    exports = json.loads((package / "package.json").read_text())["exports"]
    named = [file for one in exports.values() for file in ([one] if isinstance(one, str) else one.values())]
    assert [file for file in named if not (package / file).is_file()] == []


def test_every_call_says_what_the_server_says(site: Site) -> None:
    said = run("calls.mjs", site.server, str(stage.shoe_photo()))
    found = site.search("camara", highlight_units="utf16")
    assert said["search"] == found["total"]
    assert said["batch"] == [found["total"], site.search("planta")["total"]]
    assert said["suggest"] == site.ask("/search/suggest?q=cam&limit=3")["queries"]
    assert said["categories"] == len(site.ask("/categories")["categories"])
    assert said["photo"]["stages"][0] == "uploading"
    assert said["photo"]["categories"] == ["Zapatos"]
    assert said["again"] == said["photo"]["products"]
    assert said["missing"] == "not_found"
    assert said["aborted"] == "AbortError"
    assert said["thumbnail"] == "image/webp"


def test_a_page_without_tls_has_ids_of_its_own(site: Site) -> None:
    said = run("insecure.mjs", site.server)
    assert len(said["queryID"]) == 32
    assert len(set(said["ids"])) == 3
    assert said["own"] > 0
    assert said["other"] == 0, "an address of before a reload does not show another photo"


def test_busy_servers_are_asked_again_and_wrong_requests_are_not() -> None:
    said = run("retries.mjs")
    assert said["busy"] == {"attempts": 3, "total": 0}
    assert said["refused"] == {"attempts": 1, "kind": "invalid"}
    assert said["unreachable"]["kind"] == "network"
    assert said["slow"]["kind"] == "timeout"
    assert said["stalled"] == {"attempts": 1, "kind": "timeout"}, "the body belongs to the answer"
    assert said["aborted"] == said["abortedPhoto"] == "own reason"
    assert said["page"] == {"attempts": 1, "kind": "failed"}
    assert said["upload"] == {"attempts": 1, "kind": "network"}, "a photo is not sent twice"


def test_a_reduced_price_counts_from_its_first_second_to_before_its_last() -> None:
    said = run("prices.mjs")
    assert said["at"] == [30, 10, 10, 30]
    assert said["endless"] == 10
    assert said["none"] == 30
    assert said["orders"] == [[3, 2, 1, 4], [4, 1, 2, 3]], "what is not on sale now has its own price"
    assert said["stats"] == {"min": 10, "max": 40}


def test_pages_are_asked_for_by_their_number() -> None:
    said = run("pages.mjs")
    assert said["first"] == {"asked": [[20, 1, ["brand"]]], "first": 0, "count": 20, "pages": 50}
    assert said["eighth"] == {"asked": [[20, 8, False]], "first": 140, "count": 20, "pages": 50}
    three = [[100, 3, True], [100, 4, False], [100, 5, False]]
    assert said["large"] == {"asked": three, "first": 250, "count": 250, "pages": 4}
    assert said["beyond"] == {"asked": [[0, None, False]], "first": None, "count": 0, "pages": 50}
    assert said["counts"]["asked"] == [[0, None, ["brand"]]]


def test_a_hit_has_the_price_the_photo_and_the_link_of_the_variant_that_matches() -> None:
    own, reduced, bare, none = run("variants.mjs")
    assert own == [25, None, 25, "https://tienda.example/polo/rojo", "/photos/rojo.jpg?w=320"]
    assert reduced == [35, 35, 40, "https://tienda.example/polo", "/photos/polo.jpg?w=320"]
    assert bare == none == [20, 20, 30, "https://tienda.example/polo", "/photos/polo.jpg?w=320"]


def test_snippets_are_cut_around_what_matches() -> None:
    said = run("snippets.mjs")
    around = "…cinco seis <em>siete</em> <em>ocho</em> nueve…"
    assert said["five"] == [around, "…ocho nueve diez <em>once</em> doce", "uno dos tres cuatro cinco…"]
    whole = "uno dos tres cuatro cinco seis [siete] [ocho] nueve diez once [doce]"
    assert said["long"][0] == whole
    ten = "…dos tres cuatro cinco seis <em>siete</em> <em>ocho</em> nueve diez once…"
    assert said["none"][0] == ten, "where an engine has it in the settings of an index, the page says nothing"
    assert said["named"] == [None] * 3


def test_a_page_of_another_engine_finds_what_it_reads() -> None:
    said = run("moved.mjs")
    paths = ["Hogar", "Cocina", "Menaje", "Regalos"]
    assert said["hit"] == {"price": 20, "regular": 30, "categories": paths, "highlights": paths}
    facets = said["result"]["facets"]
    assert facets["categories"] == facets["category"] == {"Hogar": 4, "Cocina": 4}
    shown = ["hierarchicalCategories.lvl0", "categories", "brand", "price", "attributes.Color", "attributes.rating"]
    assert said["result"]["order"] == shown, "dynamic widgets show each facet once"
    assert facets["categories.lvl0"] == facets["hierarchicalCategories.lvl0"] == {"Hogar": 4}
    assert facets["Color"] == facets["attributes.Color"]
    assert said["result"]["rules"] is None, "pages draw banners of rules"
    assert "understood" in said["result"]["vitrina"]
    assert said["categories"] == {"categories": ["Cocina"]}
    assert said["counted"] == ["brand", "category", "Color"]
    assert said["orders"] == ["price_asc", "price_desc", "price_asc", "name", None, None]
    assert said["insights"] == ["undefined", "function"]
    assert said["early"] == ["results", "recommendations"], "some widgets fail where it is the other way round"


def test_a_page_has_names_of_its_own_for_attributes() -> None:
    named = run("moved.mjs")["named"]
    assert named["values"] == ["Sartén", "Fogón", "rojo", ["S", "M"]]
    assert named["title"] == named["snippet"] == "<em>Sartén</em>"
    assert named["filter"] == {"min_price": 5, "brands": ["Fogón"], "attributes": {"Color": ["rojo"]}}
    assert named["facets"] == [{"Fogón": 3}, {"rojo": 2}]
    assert named["stats"] == {"min": 1, "max": 9}
    assert named["order"] == ["maker", "cost"]
    assert named["shown"][2:5] == ["maker", "price", "attributes.Color"]


def test_filters_that_the_server_does_not_have_become_those_that_it_has() -> None:
    said = run("moved.mjs")
    assert said["rated"] == {"filter": {"attributes": {"rating": ["4.5", "5"]}}, "stats": {"min": 3, "max": 4.5}}
    assert said["unrated"]["attributes"]["stars"], "a range that no value is in finds nothing"
    assert said["one"] == {"asked": ["/products/7"], "ids": ["7"], "facets": {"brand": {"Fogón": 1}}}
    assert said["gone"] == 0
    assert said["narrowed"] == {"refused": "UnsupportedFilterError"}
    assert said["and"] == {"Fogón": 3}, "another value beside it is not asked for"
    assert said["or"] == {"Fogón": 3, "Telar": 2}
