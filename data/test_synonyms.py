"""What `synonyms.json` must keep, whoever edits it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "synonyms.json").read_text(encoding="utf-8"))
GROUPS: list[list[str]] = DOCUMENT["groups"]
ONE_WAY: list[dict[str, list[str]]] = DOCUMENT["one_way"]
# A case is a `funda` and a `carcasa`, which in Spanish are two things.
IN_TWO_GROUPS = {"case"}


def phrases() -> list[str]:
    one_way = [phrase for entry in ONE_WAY for side in ("from", "to") for phrase in entry[side]]
    return [phrase for group in GROUPS for phrase in group] + one_way


def test_the_document_has_the_schema() -> None:
    assert set(DOCUMENT) == {"version", "groups", "one_way"}
    assert DOCUMENT["version"] == 1
    assert all(set(entry) == {"from", "to"} and entry["from"] and entry["to"] for entry in ONE_WAY)


def test_a_group_has_phrases_that_stand_for_each_other() -> None:
    for group in GROUPS:
        assert len(group) >= 2 and len(set(group)) == len(group), group


def test_phrases_are_as_short_as_the_index_looks_for_them() -> None:
    for phrase in phrases():
        assert phrase == " ".join(phrase.lower().split()), phrase
        assert 1 <= len(phrase.split()) <= 3, phrase


def test_no_phrase_joins_two_groups_unawares() -> None:
    counts = Counter(phrase for group in GROUPS for phrase in group)
    assert {phrase for phrase, count in counts.items() if count > 1} == IN_TWO_GROUPS


def test_one_way_does_not_lead_to_where_both_ways_lead_already() -> None:
    together = [set(group) for group in GROUPS]
    for entry in ONE_WAY:
        for start in entry["from"]:
            for end in entry["to"]:
                assert not any({start, end} <= group for group in together), (start, end)


def test_the_words_of_the_course_and_of_latin_america_are_there() -> None:
    def joined(one: str, other: str) -> bool:
        return any({one, other} <= set(group) for group in GROUPS)

    for one, other in [("camiseta", "polera"), ("camiseta", "playera"), ("zapatillas", "tenis"), ("zapatillas", "sneakers")]:
        assert joined(one, other), (one, other)
