"""What `vocabulary.json` must keep, whoever edits it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent
IMAGENET = DATA / "models" / "imagenet_labels.json"
LANGUAGES = ("es", "en")
COURSE = ("tshirts", "phones", "trousers", "shoes", "laptops", "other")

DOCUMENT: dict[str, Any] = json.loads((DATA / "vocabulary.json").read_text(encoding="utf-8"))
CONCEPTS: list[dict[str, Any]] = DOCUMENT["concepts"]
BY_KEY = {concept["key"]: concept for concept in CONCEPTS}
POSITION = {concept["key"]: place for place, concept in enumerate(CONCEPTS)}


def fold(text: str) -> str:
    """Lower case, no accents, no simple plural: about as coarse as the matcher."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"(?<=..[^aeiou])es$|s$", "", word) for word in re.split(r"[\s-]+", plain))


def lineage(key: str) -> Iterator[str]:
    """The concept and all that it nests in."""
    yield key
    for parent in BY_KEY[key]["parents"]:
        yield from lineage(parent)


def owners(field: str, language: str) -> dict[str, set[str]]:
    """Which concepts hold each folded word of `field`."""
    found: dict[str, set[str]] = defaultdict(set)
    for concept in CONCEPTS:
        for word in concept[field][language]:
            found[fold(word)].add(concept["key"])
    return found


def test_document_has_the_schema() -> None:
    assert set(DOCUMENT) == {"version", "concepts"}
    assert DOCUMENT["version"] == 1
    for concept in CONCEPTS:
        assert set(concept) - {"fallback"} == {"key", "parents", "names", "keywords", "labels"}
        assert re.fullmatch(r"[a-z][a-z_]*", concept["key"])
        assert concept.get("fallback", True) is True
        for field in ("names", "keywords"):
            assert tuple(concept[field]) == LANGUAGES
            for language in LANGUAGES:
                # A concept that only groups others may have no keywords of its own.
                assert concept[field][language] or field == "keywords", (concept["key"], field, language)


def test_keys_are_unique() -> None:
    assert len(BY_KEY) == len(CONCEPTS)


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept["key"])
def test_words_are_clean_and_not_repeated(concept: dict[str, Any]) -> None:
    for field in ("names", "keywords"):
        for language in LANGUAGES:
            words = concept[field][language]
            for word in words:
                assert word == unicodedata.normalize("NFC", word.lower()), word
                assert re.fullmatch(r"[^\W_]+(?:[ '-][^\W_]+)*", word), word
            assert len({w.lower() for w in words}) == len(words), "a word twice"
    for language in LANGUAGES:
        folded = [fold(word) for word in concept["keywords"][language]]
        assert len(set(folded)) == len(folded), "a keyword twice, but for its accents or its plural"


def test_exactly_one_fallback_and_it_is_last() -> None:
    assert [c["key"] for c in CONCEPTS if c.get("fallback")] == ["other"]
    assert CONCEPTS[-1]["key"] == "other"


def test_parents_exist_and_come_later() -> None:
    """Earlier is more specific; that parents come later also rules cycles out."""
    for concept in CONCEPTS:
        assert len(set(concept["parents"])) == len(concept["parents"])
        for parent in concept["parents"]:
            assert parent in BY_KEY, (concept["key"], parent)
            assert not BY_KEY[parent].get("fallback")
            assert POSITION[concept["key"]] < POSITION[parent], (concept["key"], parent)


def test_labels_are_wordnet_ids_in_one_concept_each() -> None:
    labels = [label for concept in CONCEPTS for label in concept["labels"]]
    assert all(re.fullmatch(r"n\d{8}", label) for label in labels)
    assert len(set(labels)) == len(labels), "list a label once: parents give it to the general concepts"


@pytest.mark.skipif(not IMAGENET.exists(), reason="the model's labels are not set up")
def test_labels_are_imagenets() -> None:
    known = set(re.findall(r"n\d{8}", IMAGENET.read_text(encoding="utf-8")))
    if not known:
        pytest.skip("the label file holds no WordNet ids")
    for concept in CONCEPTS:
        assert set(concept["labels"]) <= known, concept["key"]


@pytest.mark.parametrize("field", ["names", "keywords"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_belongs_to_one_concept(field: str, language: str) -> None:
    assert {w: keys for w, keys in owners(field, language).items() if len(keys) > 1} == {}


def test_languages_do_not_contradict_each_other() -> None:
    """`pan` is bread; were it English for a frying pan too, one would answer for the other."""
    spanish, english = owners("keywords", "es"), owners("keywords", "en")
    shared = spanish.keys() & english.keys()
    assert {w: (spanish[w], english[w]) for w in shared if spanish[w] != english[w]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_keyword_agrees_with_the_name_it_equals(language: str) -> None:
    names, keywords = owners("names", language), owners("keywords", language)
    for word in names.keys() & keywords.keys():
        (name,), (keyword,) = names[word], keywords[word]
        assert name in lineage(keyword) or keyword in lineage(name), word


def test_course_concepts_do_not_overlap() -> None:
    for key in COURSE:
        assert set(lineage(key)) & set(COURSE) == {key}
    for language in LANGUAGES:
        for word, keys in owners("keywords", language).items():
            roots = {root for key in keys for root in lineage(key) if root in COURSE}
            assert len(roots) <= 1, (word, roots)


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("n03595614", "tshirts"),
        ("n04370456", "tshirts"),
        ("n02992529", "phones"),
        ("n03594734", "trousers"),
        ("n04120489", "shoes"),
        ("n03124043", "shoes"),
        ("n03642806", "laptops"),
        ("n03832673", "laptops"),
        ("n03642806", "electronics"),
        ("n03124043", "clothes"),
    ],
)
def test_photos_reach_the_expected_concepts(label: str, key: str) -> None:
    (holder,) = [c["key"] for c in CONCEPTS if label in c["labels"]]
    assert key in lineage(holder)


def test_course_product_names_lead_to_their_category() -> None:
    """The demo's names, each read word by word: its own category and no other of the course."""
    names = {fold(name): c["key"] for c in CONCEPTS for name in c["names"]["es"]}
    keywords = owners("keywords", "es")
    for line in (DATA / "demo" / "products_es.jsonl").read_text(encoding="utf-8").splitlines():
        product = json.loads(line)
        words = f" {fold(product['name'])} "
        found = {key for word, keys in keywords.items() if f" {word} " in words for key in keys}
        assert found, product["name"]
        reached = {up for key in found for up in lineage(key)} & set(COURSE)
        assert reached == {names[fold(product["category"])]} - {"other"}, product["name"]
