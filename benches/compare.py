"""`make bench-compare`: two builds of Vitrina by turns, and their ratios."""

from __future__ import annotations

from pathlib import Path

from . import photos
from .bench import Bench
from .plan import PAGE, PLANS
from .record import Record, spread
from .systems import System
from .tables import ratios, table
from .vitrina import Vitrina

BASE, THIS = "base", "this"


def measure(bench: Bench, base: Path) -> None:
    builds = {BASE: base, THIS: bench.binary}
    classify(bench, builds)
    systems: list[System] = []
    try:
        for name, binary in builds.items():
            with bench.step(f"start of {name}"):
                system = Vitrina(name, binary, bench.work / name, "int8", False)
                systems.append(system)
                file = bench.products(bench.plan.sizes[-1])
                seconds = system.load_products(file)
                bench.record.add("import", system=name, round=0, seconds=seconds)
                system.forget_index()
                first = system.start_to_first_answer()
                bench.record.add("index", system=name, round=0, seconds=first + system.wait_until_ready())
                system.stop_serving()
                bench.record.add("start", system=name, round=0, seconds=system.start_to_first_answer())
                bench.load.photos(system, bench.photos, 2, 2)
        for at, system in bench.rounds(systems):
            for clients, limit in ((1, PAGE), (16, PAGE), (16, 1)):
                with bench.step(f"words, {system.name}"):
                    bodies = bench.bodies(system, limit)
                    result = bench.load.searches(system, bodies, bench.fresh(system), clients, bench.plan.text_seconds)
                    bench.keep("words", bench.asked(system, result), system=system.name, limit=limit, clients=clients, round=at)
            for clients in (1, 16):
                with bench.step(f"photos, {system.name}"):
                    result = bench.load.photos(system, bench.photos, clients, bench.plan.photo_seconds)
                    bench.keep("photos", result, system=system.name, clients=clients, round=at)
    finally:
        for system in systems:
            system.stop()


def classify(bench: Bench, builds: dict[str, Path]) -> None:
    programs = [Vitrina(name, binary, bench.work / "loop", "int8", False) for name, binary in builds.items()]
    for precision in ("fp32", "int8"):
        for at, program in bench.rounds(programs):
            with bench.step(f"classify, {program.name}, {precision}"):
                program.env["VITRINA_PRECISION"] = precision
                result = program.classify(photos.files(bench.photos), bench.plan.loops)
                bench.record.add("classify", system=program.name, precision=precision, round=at, **result)
                bench.say(f"classify: {program.name}, {precision}: {result['processor_ms']:.1f} ms a photo")


def report(record: Record) -> str:
    about = record.select("about")[0]
    products = PLANS[about["plan"]].sizes[-1]
    measures = [("classify", "processor_ms", f"`classify`, {precision}: processor ms a photo", {"precision": precision}) for precision in ("fp32", "int8")]
    for clients in (1, 16):
        measures += [("photos", value, f"photos, {clients} clients: {what}", {"clients": clients})
                     for value, what in (("per_second", "a second"), ("p50_ms", "p50 ms"), ("p99_ms", "p99 ms"), ("processor_ms", "processor ms"))]
    for clients, limit in ((1, PAGE), (16, PAGE), (16, 1)):
        measures += [("words", value, f"words, {products:,} products, {limit} results, {clients} clients: {what}", {"clients": clients, "limit": limit})
                     for value, what in (("per_second", "a second"), ("p50_ms", "p50 ms"), ("p99_ms", "p99 ms"), ("processor_ms", "processor ms"))]
    measures += [(name, "seconds", what, {}) for name, what in
                 (("import", "import s"), ("index", "start with an index to build s"), ("start", "start to first answer s"))]
    rows = [[what, *(spread(record.values(measure, value, system=system, **wanted)) for system in (BASE, THIS)),
             spread(ratios(record, measure, value, THIS, BASE, **wanted))]
            for measure, value, what, wanted in measures if record.select(measure, **wanted)]
    lines = [f"# {about['this']} against {about['base']}", "", f"{about['date']}, {about['processor']}; {about['rounds']} rounds by turns; median (least–most).", "",
             *table(["", f"base {about['base']}", f"this {about['this']}", "this / base, round by round"], rows)]
    lines += [f"Not measured: {row['what']}: {row['error'].splitlines()[0]}" for row in record.select("error")]
    return "\n".join(lines)
