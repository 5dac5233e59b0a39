"""Photos over HTTP, tight loops beside it, photos and words at a time, and what a further worker brings."""

from __future__ import annotations

from . import photos, python_stack
from .bench import Bench
from .plan import PAGE
from .processes import Failed
from .python_stack import PythonStack
from .systems import System
from .vitrina import Vitrina

PRECISIONS = ("fp32", "int8")
# Clients of photos and of words when both come at a time.
MIXED = (4, 8)
ALONE = "Vitrina alone int8"


def photo_systems(bench: Bench) -> list[System]:
    """Each on services of its own, with the same products; those that do not start are left out, and said."""
    makers = {f"Python {precision}": lambda name, precision=precision: PythonStack(name, bench.work / name, precision, True, "128M")
              for precision in PRECISIONS}
    makers |= {f"Vitrina {precision}": lambda name, precision=precision: Vitrina(name, bench.binary, bench.work / name, precision, True)
               for precision in PRECISIONS}
    makers[ALONE] = lambda name: Vitrina(name, bench.binary, bench.work / name, "int8", False)
    systems: list[System] = []
    for name, make in makers.items():
        with bench.step(f"start of {name}"):
            system = make(name)
            systems.append(system)
            try:
                system.load_products(bench.products(bench.plan.photo_products))
                system.start_to_first_answer()
                bench.load.photos(system, bench.photos, 2, 2)  # what is opened at the first photo is open now
            except BaseException:
                systems.remove(system)
                system.stop()
                raise
    return systems


def measure(bench: Bench) -> None:
    systems = photo_systems(bench)
    try:
        for at, system in bench.rounds(systems):
            for clients in bench.plan.clients:
                with bench.step(f"photos, {system.name}, {clients} clients"):
                    result = bench.load.photos(system, bench.photos, clients, bench.plan.photo_seconds)
                    bench.keep("photos", result, system=system.name, clients=clients, round=at)
            if isinstance(system, Vitrina):
                with bench.step(f"waiting for photos, {system.name}"):
                    result = bench.load.photos(system, bench.photos, 1, bench.plan.photo_seconds, wait=True)
                    bench.keep("waiting", result, system=system.name, clients=1, round=at)
        for at, system in bench.rounds(systems):
            with bench.step(f"photos and words, {system.name}"):
                bodies, first = bench.bodies(system, PAGE), bench.fresh(system)
                by_photo, by_words = bench.load.mixed(system, bench.photos, bodies, first, MIXED, bench.plan.photo_seconds)
                bench.asked(system, by_words)
                bench.keep("mixed photos", by_photo, system=system.name, clients=MIXED[0], round=at)
                bench.keep("mixed words", by_words, system=system.name, clients=MIXED[1], round=at)
        open_loop(bench, systems)
    finally:
        for system in systems:
            system.stop()


def open_loop(bench: Bench, systems: list[System]) -> None:
    """At rates that the system itself and the Python stack can just serve: latency counts from the planned start."""
    of = {system.name: bench.record.median("photos", "per_second", system=system.name, clients=16) for system in systems}
    python = of.get("Python fp32")
    for at, system in bench.rounds(systems):
        own = of[system.name]
        rates = {"four fifths of its own": own and own * 0.8, "four fifths of Python fp32's": python and python * 0.8}
        for of_what, rate in rates.items():
            if rate is None:
                continue
            with bench.step(f"photos in open loop, {system.name}"):
                result = bench.load.photos(system, bench.photos, 256, bench.plan.photo_seconds, rate=rate)
                bench.keep("photos open", result, system=system.name, rate=rate, of=of_what, round=at)


def loops(bench: Bench) -> None:
    """`vitrina classify` and Python's loop over the same photos, by turns."""
    vitrina = Vitrina("loop", bench.binary, bench.work / "loop", "int8", False)
    files = photos.files(bench.photos)
    ways = [(way, precision) for precision in PRECISIONS for way in ("Python", "Vitrina")]
    for at, (way, precision) in bench.rounds(ways):
        with bench.step(f"loop of {way}, {precision}"):
            vitrina.env["VITRINA_PRECISION"] = precision
            rounds = bench.plan.loops
            result = python_stack.loop(precision, files, rounds) if way == "Python" else vitrina.classify(files, rounds)
            bench.record.add("loop", way=way, precision=precision, round=at, **result)
            bench.say(f"loop: {way}, {precision}: {result['processor_ms']:.1f} ms a photo")
    # What single photos cost, for the kinds of JPEG apart.
    for file, kind in zip(files, photos.described(bench.photos)):
        for way in ("Python", "Vitrina"):
            with bench.step(f"loop of {way}, {kind}"):
                vitrina.env["VITRINA_PRECISION"] = "int8"
                rounds = 8 * bench.plan.loops
                result = python_stack.loop("int8", [file], rounds) if way == "Python" else vitrina.classify([file], rounds)
                bench.record.add("loop of one", way=way, photo=kind, **result)


def workers(bench: Bench) -> None:
    """1, 2 and more worker processes of one thread each, at the same load."""
    for count in bench.plan.workers:
        with bench.step(f"{count} workers"):
            name = f"{count} workers"
            system = Vitrina(name, bench.binary, bench.work / name, "int8", True, workers=count, lanes=1)
            with bench.running(system):
                system.load_products(bench.products(1_000))
                system.start_to_first_answer()
                bench.load.photos(system, bench.photos, 2, 2)
                for at in range(bench.plan.rounds):
                    result = bench.load.photos(system, bench.photos, 16, bench.plan.photo_seconds)
                    if result["failed"]:
                        raise Failed(f"photos failed: {result['failed']}")
                    bench.keep("workers", result, workers=count, round=at)
