"""How much is measured: `--quick` in three minutes, as a rule in twenty, `--full` in about an hour."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Plan:
    name: str
    # How often everything is measured; the median counts.
    rounds: int
    # How long one measurement of photos and one of searches takes.
    photo_seconds: float
    text_seconds: float
    clients: tuple[int, ...]
    # Products of searches by words; of photos and mixed load.
    sizes: tuple[int, ...]
    photo_products: int
    # How often each photo is classified in a tight loop.
    loops: int
    # How many workers photos are spread over, to see what a further one brings.
    workers: tuple[int, ...]


QUICK = Plan("quick", 1, 3, 2, (1, 16), (10_000,), 1_000, 3, (1, 2))
NORMAL = Plan("normal", 3, 5, 2.5, (1, 16, 64), (1_000, 10_000, 100_000), 10_000, 8, (1, 2, 4))
FULL = replace(NORMAL, name="full", sizes=(*NORMAL.sizes, 1_000_000))
PLANS = {plan.name: plan for plan in (QUICK, NORMAL, FULL)}
# Results of photos are asked for after this many milliseconds, by clients at a time: a page that polls a busy server more
# often would measure its own polls.
POLL = {1: 10, 16: 50, 64: 200}
OPEN_POLL = 20
# Different queries that are sent before any comes again, and those that come again and again.
DISTINCT, REPEATED = 300_000, 200
# Products of an answer.
PAGE = 24
