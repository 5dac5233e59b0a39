"""What all measures share: the plan, the record, the programs, and steps that may fail without ending the rest."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from . import catalog, photos
from .load_generator import Load
from .plan import DISTINCT, REPEATED, Plan
from .record import Record, number
from .systems import System

T = TypeVar("T")


class Bench:
    """`inputs` keeps what is sent for the next run; `work` is this run's alone."""

    def __init__(self, plan: Plan, record: Record, inputs: Path, work: Path, binary: Path, load: Path):
        self.plan, self.record, self.inputs, self.work, self.binary = plan, record, inputs, work, binary
        self.load = Load(load)
        self.begin = time.monotonic()
        self.photos = photos.prepare(inputs / "photos")
        self._sent: dict[str, int] = {}

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.begin:6.0f} s  {text}", flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A part that may fail: the failure is kept and said, and the bench goes on."""
        try:
            yield
        except Exception as error:
            self.record.add("error", what=what, error=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
            self.say(f"FAILED {what}: {error}")

    @contextmanager
    def running(self, system: System) -> Iterator[System]:
        try:
            yield system
        finally:
            system.stop()

    def rounds(self, systems: Sequence[T]) -> Iterator[tuple[int, T]]:
        """Each system once a round, every other round backwards, so that what changes meanwhile changes for all."""
        for at in range(self.plan.rounds):
            for system in systems if at % 2 == 0 else reversed(systems):
                yield at, system

    def products(self, count: int) -> Path:
        return catalog.write_products(self.inputs / f"products-{count}.jsonl", count)

    def bodies(self, system: System, limit: int, repeated: bool = False) -> Path:
        """Requests of searches: all different, or few that come again."""
        kind = "repeated" if repeated else "distinct"
        shape = "meilisearch" if "q" in system.body("", 1) else "vitrina"
        file = self.inputs / f"searches-{shape}-{limit}-{kind}.jsonl"
        if not file.exists():
            catalog.write_bodies(file, REPEATED if repeated else DISTINCT, kind, lambda query: system.body(query, limit))
        return file

    def fresh(self, system: System) -> int:
        """The first query that this system was not asked yet."""
        return self._sent.get(system.name, 0)

    def asked(self, system: System, result: dict) -> dict:
        self._sent[system.name] = self.fresh(system) + result["done"] + sum(result["failed"].values())
        return result

    def keep(self, measure: str, result: dict, **row) -> None:
        self.record.add(measure, **row, **result)
        where = ", ".join(f"{value:,} {name}" if isinstance(value, int) else str(value) for name, value in row.items() if name != "round")
        failed = f", FAILED {result['failed']}" if result["failed"] else ""
        self.say(f"{measure}: {where}: {number(result['per_second'])} a second, p50 {number(result['p50_ms'])}, p99 {number(result['p99_ms'])} ms, "
                 f"{number(result['processor_ms'])} ms of processor{failed}")
