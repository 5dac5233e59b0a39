"""What was measured: kept at once, a JSON object a line, and summed up as medians with their spread."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Record:
    def __init__(self, file: Path, rows: list[dict] | None = None):
        self.file, self.rows = file, rows or []
        file.parent.mkdir(parents=True, exist_ok=True)

    @classmethod
    def read(cls, file: Path) -> Record:
        return cls(file, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])

    def add(self, measure: str, **row: Any) -> dict:
        """Keeps a row; `measure` says of what."""
        row = {"measure": measure, **row}
        self.rows.append(row)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        return row

    def select(self, measure: str, **wanted: Any) -> list[dict]:
        return [row for row in self.rows if row["measure"] == measure and all(row.get(name) == value for name, value in wanted.items())]

    def values(self, measure: str, value: str | Callable[[dict], float | None], **wanted: Any) -> list[float]:
        of = value if callable(value) else lambda row: row.get(value)
        return [found for row in self.select(measure, **wanted) if (found := of(row)) is not None]

    def median(self, measure: str, value: str | Callable[[dict], float | None], **wanted: Any) -> float | None:
        values = self.values(measure, value, **wanted)
        return statistics.median(values) if values else None

    def distinct(self, measure: str, name: str, **wanted: Any) -> list:
        """The values that a field has, in the order in which they came."""
        return list({row[name]: None for row in self.select(measure, **wanted) if name in row})


def number(value: float) -> str:
    """Three significant digits, with commas."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values: list[float]) -> str:
    """The median, with the least and the most where they are told apart."""
    if not values:
        return "–"
    median, least, most = (number(value) for value in (statistics.median(values), min(values), max(values)))
    return median if least == most else f"{median} ({least}–{most})"
