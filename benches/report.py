"""Writes what was measured into docs/performance.md, between markers."""

from __future__ import annotations

from pathlib import Path

from . import scale, tables
from .record import Record


def measured(record: Record) -> str:
    about = record.select("about")[0]
    lines = [f"`{about['command']}` on {about['date']}: {about['processor']}, {about['memory']}, {about['system']}; revision {about['revision']}; "
             f"{about['rounds']} rounds by turns, medians with the least and the most.", "",
             f"Photos: {'; '.join(about['photos'])}. {about['peers']}", ""]
    parts = [("photos", tables.photos), ("photos", tables.programs), ("loop", tables.loops), ("workers", tables.workers), ("words", tables.words),
             ("mixed photos", tables.mixed), ("import", tables.starts)]
    for measure, part in parts:
        if record.select(measure):
            lines += part(record)
    return "\n".join(lines + tables.noise(record))


def scaled(record: Record) -> str:
    about = record.select("about")[0]
    return "\n".join([f"Measured on {about['date']}, revision {about['revision']}:", "", *scale.unit_costs(record), *scale.extrapolated(record)])


def write(record: Record, document: Path) -> None:
    """Puts the figures into a document, in place of those between `<!-- NAME:begin -->` and `<!-- NAME:end -->`."""
    text = document.read_text(encoding="utf-8")
    for name, part in (("bench", measured), ("scale", scaled)):
        before, begin, rest = text.partition(f"<!-- {name}:begin -->\n")
        _, end, after = rest.partition(f"<!-- {name}:end -->")
        if not begin or not end:
            raise ValueError(f"{document} has no lines <!-- {name}:begin --> and <!-- {name}:end -->")
        text = f"{before}{begin}\n{part(record).strip()}\n\n{end}{after}"
    document.write_text(text, encoding="utf-8")


def text(record: Record) -> str:
    """The same, by itself."""
    return f"# Measured\n\n{measured(record)}\n## Scale\n\n{scaled(record)}"
