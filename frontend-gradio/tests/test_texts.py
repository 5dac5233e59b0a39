"""The sentences: complete in both languages, used, and the formats of each language."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from vitrina_page.filters import SORTS
from vitrina_page.texts import TEXTS, browser_texts, count, language, percent, price, price_span, text

SOURCES = Path(__file__).parent.parent / "vitrina_page"


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_every_sentence_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    spanish, english = TEXTS[key]
    assert spanish.strip()
    assert english.strip()
    assert spanish != english
    assert names(spanish) == names(english)


@pytest.mark.parametrize("key", TEXTS)
def test_every_sentence_is_used(key: str) -> None:
    used = "".join(
        file.read_text(encoding="utf-8")
        for file in SOURCES.rglob("*")
        if file.suffix in (".py", ".html") and file.name != "texts.py"
    )
    used += "plain".join(
        re.findall(r'text\(lang, "(\w+)"', (SOURCES / "texts.py").read_text(encoding="utf-8"))
    )
    stem = re.sub(r"_(title|do)$", "", key)
    kinds = ("", "_all", "_photo", "_filters")
    composed = {f"empty_{part}{kind}" for part in ("title", "hint") for kind in kinds}
    composed |= {f"sort_{one}" for one in SORTS}
    composed |= {f"filter_{one}" for one in ("category", "brand", "price")}
    composed |= {f"count_{one}{more}" for one in ("some", "many") for more in ("", "_more")}
    intents = ("max_price", "min_price", "price_range", "cheap", "expensive", "best")
    composed |= {f"understood_{one}" for one in intents}
    assert key in composed or f'"{key}"' in used or f"[[{key}]]" in used or f'"{stem}"' in used or key in used


def test_the_browser_gets_the_same_sentences_for_all_who_read_spanish() -> None:
    sent = browser_texts()
    assert sent["es"]["search"] == sent["ca"]["search"] == text("es", "search")
    assert sent["en"]["search"] == text("en", "search")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("es-ES,es;q=0.9,en;q=0.8", "es"),
        ("es-MX", "es"),
        ("en-GB,en;q=0.9,es;q=0.8", "en"),
        ("ca,es;q=0.8", "es"),
        ("fr-FR,fr;q=0.9", "en"),
        ("en;q=0.4, es;q=0.9", "es"),
        ("*", "es"),
        ("", "es"),
        (None, "es"),
        (";;;q=,,,=", "es"),
        ("de;q=nonsense, en", "en"),
    ],
)
def test_language_follows_the_first_choice(header: str | None, expected: str) -> None:
    assert language(header) == expected


@pytest.mark.parametrize(
    ("amount", "spanish", "english"),
    [
        ("12.99", "12,99\u00a0€", "€12.99"),
        ("1299", "1.299,00\u00a0€", "€1,299.00"),
        ("0.5", "0,50\u00a0€", "€0.50"),
        ("1234567.891", "1.234.567,89\u00a0€", "€1,234,567.89"),
        ("-3", "-3,00\u00a0€", "-€3.00"),
    ],
)
def test_price(amount: str, spanish: str, english: str) -> None:
    assert price("es", Decimal(amount)) == spanish
    assert price("en", Decimal(amount)) == english


def test_percent() -> None:
    assert percent("es", 0.934) == "93\u00a0%"
    assert percent("en", 0.934) == "93%"
    assert percent("en", 0.001) == "<1%"
    assert percent("en", 0.0) == "0%"
    assert percent("en", 1.7) == "100%"


def test_count() -> None:
    assert count("es", 1) == "1 producto"
    assert count("en", 24, 60) == "24 of 60 products"
    assert count("es", 60, 60) == "60 productos"
    assert count("es", 24, 1299) == "24 de 1.299 productos"


def test_count_says_where_there_may_be_more() -> None:
    assert count("es", 24, 60, exact=False) == "24 de más de 60 productos"
    assert count("en", 24, 60, exact=False) == "24 of more than 60 products"
    assert count("es", 9, 9, exact=False) == "Más de 9 productos"


def test_price_span() -> None:
    assert price_span("es", Decimal("20.00"), Decimal("49.99")) == "20\u00a0€ – 49,99\u00a0€"
    assert price_span("en", Decimal("1000.00"), Decimal("1999.99")) == "€1,000 – €1,999.99"
    assert price_span("es", Decimal("5000.00"), None) == "Desde 5.000\u00a0€"


def test_what_was_chosen_on_the_page_goes_before_what_the_browser_asks_for() -> None:
    assert language("es-ES", "en") == "en"
    assert language("en-GB", "es") == "es"
    assert language("en-GB", "fr") == "en"
    assert language("es-ES", "") == "es"
