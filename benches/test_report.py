"""The report, from a record of two rounds."""

import pytest

from . import catalog, report
from .record import Record, number, spread

DOCUMENT = "# Title\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nbetween\n<!-- scale:begin -->\nold\n<!-- scale:end -->\nend\n"


def words(system: str, products: int, limit: int, at: int, per_second: float) -> dict:
    return {"system": system, "products": products, "cache": "distinct", "limit": limit, "clients": 16, "round": at, "per_second": per_second,
            "p50_ms": 1.5, "p95_ms": 2.0, "p99_ms": 3.0, "processor_ms": 0.5 + products / 1e6, "failed": {}, "other_cores": 0.01,
            "memory": {"server": {"rss_mb": 100.0, "pss_mb": 90.0}}}


@pytest.fixture
def record(tmp_path):
    record = Record(tmp_path / "record.jsonl")
    record.add("about", command="make bench", date="today", processor="P", memory="8 GB", system="S", revision="abc", rounds=2, photos=["one"], peers="")
    for products in (1_000, 10_000):
        for at, rate in enumerate([900.0, 1100.0]):
            record.add("words", **words("Vitrina", products, 24, at, rate))
            record.add("words", **words("Vitrina", products, 1, at, rate * 1.2))
    return record


def test_a_record_that_is_read_again_gives_the_same_report(record):
    assert report.text(Record.read(record.file)) == report.text(record)


def test_medians_come_with_their_spread_and_ratios_by_round(record):
    text = report.text(record)
    assert "1,000 (900–1,100)" in text
    assert "| 10,000 products | 1.20 |" in text
    assert "Not measured" not in text


def test_failures_are_said(record):
    record.add("error", what="photos", error="Failed: no redis-server\nat length")
    assert "Not measured: photos: Failed: no redis-server" in report.text(record)


def test_costs_are_drawn_on_as_a_line(record):
    # 0.5 ms and a microsecond for each thousand products; 10,000 queries a second on cores that are busy 60 % of the time.
    assert "| 10,000,000 | 10.5 | 175 |" in report.text(record)


def test_only_what_is_between_the_markers_is_written(record, tmp_path):
    document = tmp_path / "performance.md"
    document.write_text(DOCUMENT)
    report.write(record, document)
    text = document.read_text()
    assert text.startswith("# Title\n<!-- bench:begin -->\n") and "\nbetween\n" in text and text.endswith("<!-- scale:end -->\nend\n")
    assert "old" not in text and "1,000 (900–1,100)" in text
    report.write(record, document)
    assert document.read_text() == text
    document.write_text("# Title\n")
    with pytest.raises(ValueError, match="bench:begin"):
        report.write(record, document)


def test_numbers():
    assert [number(value) for value in (0.123, 12.34, 1234.5)] == ["0.12", "12.3", "1,234"]
    assert (spread([]), spread([1.0]), spread([1, 2, 9])) == ("–", "1.00", "2.00 (1.00–9.00)")


def test_products_and_queries_are_the_same_every_time_and_all_different():
    assert list(catalog.products(50)) == list(catalog.products(60))[:50]
    queries = catalog.queries(5_000, "distinct")
    assert queries == catalog.queries(5_000, "distinct") and len(set(queries)) == 5_000
