"""Search by words at several sizes: cold and warm, few and many clients, few and many results; import and start-up."""

from __future__ import annotations

import os

from .bench import Bench
from .meilisearch import Meilisearch
from .plan import PAGE
from .python_stack import PythonStack
from .systems import System
from .vitrina import Vitrina


def measure(bench: Bench) -> None:
    for size in bench.plan.sizes:
        with bench.step(f"words among {size:,} products"):
            at_size(bench, size)


def makers(bench: Bench, folder) -> dict:
    makers = {
        "Vitrina": lambda: Vitrina("Vitrina", bench.binary, folder / "vitrina", "int8", False),
        "Python": lambda: PythonStack("Python", folder / "python", "int8", False, "1G"),
    }
    if binary := os.environ.get("VITRINA_MEILISEARCH"):
        makers["Meilisearch"] = lambda: Meilisearch(binary, folder / "meilisearch")
    return makers


def at_size(bench: Bench, size: int) -> None:
    systems: list[System] = []
    file = bench.products(size)
    try:
        for name, make in makers(bench, bench.work / f"words-{size}").items():
            with bench.step(f"import of {size:,} products, {name}"):
                system = make()
                systems.append(system)
                seconds = system.load_products(file)
                bench.record.add("import", system=name, products=size, seconds=seconds, per_second=size / seconds)
                bench.say(f"import: {size:,} products, {name}: {seconds:.1f} s")
                if isinstance(system, Vitrina):
                    system.forget_index()
                    seconds = system.start_to_first_answer()
                    ready = seconds + system.wait_until_ready()
                    bench.record.add("start", system=name, products=size, state="without an index", seconds=seconds, ready_seconds=ready,
                                     mb=system.size_mb())
                    bench.say(f"start: {size:,} products, {name}: first answer after {seconds:.2f} s, index complete after {ready:.2f} s")
                    system.stop_serving()
        for at, system in bench.rounds(systems):
            with bench.step(f"words among {size:,} products, {system.name}"):
                one_round(bench, system, size, at)
    finally:
        for system in systems:
            system.stop()


def one_round(bench: Bench, system: System, size: int, at: int) -> None:
    """From the start of the server to its end."""
    seconds = bench.plan.text_seconds
    try:
        started = system.start_to_first_answer()
        idle = system.usage()
        bench.record.add("start", system=system.name, products=size, state="with its data", seconds=started, round=at,
                         memory={name: {"rss_mb": of["rss_mb"], "pss_mb": of["pss_mb"]} for name, of in idle.items()})

        def ask(cache: str, limit: int, clients: int, rate: float | None = None, of: str | None = None) -> None:
            repeated = cache == "repeated"
            first = 0 if repeated else bench.fresh(system)
            result = bench.load.searches(system, bench.bodies(system, limit, repeated), first, 256 if rate else clients, seconds, rate)
            if not repeated:
                bench.asked(system, result)
            where = {"rate": rate, "of": of} if rate else {"clients": clients}
            bench.keep("words open" if rate else "words", result, system=system.name, products=size, cache=cache, limit=limit, **where, round=at)

        ask("cold", PAGE, 1)
        for clients in bench.plan.clients:
            ask("distinct", PAGE, clients)
        for clients in bench.plan.clients if isinstance(system, Vitrina) else (16,):
            ask("distinct", 1, clients)
        # Once each, so that whoever remembers answers has them.
        bench.load.searches(system, bench.bodies(system, PAGE, True), 0, 16, seconds)
        ask("repeated", PAGE, 16)
        own = bench.record.median("words", "per_second", system=system.name, products=size, cache="distinct", limit=PAGE, clients=16)
        for of, share in (("half of its own", 0.5), ("four fifths of its own", 0.8)):
            if own and own * share * seconds >= 20:
                ask("distinct", PAGE, 0, own * share, of)
    finally:
        system.stop_serving()
