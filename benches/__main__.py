"""Runs the bench.

    make bench                          twenty minutes; writes docs/performance.md
    make bench BENCH=--quick            three minutes; writes nothing but target/bench
    make bench BENCH=--full             with 1,000,000 products, about an hour
    make bench BENCH="--only words"     parts: loops, photos, workers, words
    make bench BENCH="--report FILE"    docs/performance.md anew from what was measured before
    make bench-compare BASE=main~5      two revisions by turns

Everything that is measured is kept at once in target/bench, a JSON object a line, and so is the report of a run that was interrupted.
`VITRINA_BENCH_PHOTOS` names a folder of other photos, `VITRINA_MEILISEARCH` the binary of a Meilisearch to compare with.
"""

from __future__ import annotations

import argparse
import hashlib
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import catalog, compare, machine, measure_photos, measure_text, photos, plan, report
from .bench import Bench
from .catalog import ROOT
from .plan import FULL, NORMAL, QUICK
from .processes import Failed, stop_all
from .record import Record

PARTS = {"loops": measure_photos.loops, "photos": measure_photos.measure, "workers": measure_photos.workers, "words": measure_text.measure}
DOCUMENT = ROOT / "docs/performance.md"
TARGET = ROOT / "target/bench"
PEERS = ("Python stack: FastAPI, uvicorn with uvloop, Celery with two processes of one thread, Redis, MariaDB (`benches/python-stack`). Vitrina: server "
         "and a worker of two threads on Redis and MariaDB; \"alone\" is one process with SQLite. By words: Vitrina on SQLite.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/vitrina", help="the vitrina command")
    parser.add_argument("--load", type=Path, default=ROOT / "target/release/vitrina-load", help="the load generator")
    parser.add_argument("--quick", dest="plan", action="store_const", const=QUICK, default=NORMAL)
    parser.add_argument("--full", dest="plan", action="store_const", const=FULL)
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be given several times")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md after --quick or --only too")
    parser.add_argument("--report", type=Path, metavar="FILE", help="measure nothing: write docs/performance.md from this record")
    parser.add_argument("--base", type=Path, help="compare with this build of the vitrina command")
    parser.add_argument("--base-revision", default="base", help="what it was built from")
    options = parser.parse_args()
    if options.report:
        report.write(Record.read(options.report), DOCUMENT)
        return 0
    for program in filter(None, (options.binary, options.load, options.base)):
        if not program.is_file():
            parser.error(f"{program} is not there: `make bench` builds it")
    # Ends as an interrupted run does: with programs stopped and a report of what there is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return run(options)


def run(options: argparse.Namespace) -> int:
    kind = "compare" if options.base else "bench"
    TARGET.mkdir(parents=True, exist_ok=True)
    record = Record(TARGET / f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}.jsonl")
    work = Path(tempfile.mkdtemp(prefix="run-", dir=TARGET))
    whole = False
    try:
        bench = Bench(options.plan, record, inputs(), work, options.binary.resolve(), options.load.resolve())
        record.add("about", command=command(options), plan=options.plan.name, rounds=options.plan.rounds, photos=photos.described(bench.photos),
                   peers=PEERS, base=options.base_revision, this=machine.revision(), **machine.description())
        if options.base:
            compare.measure(bench, options.base.resolve())
        else:
            for name in options.only or PARTS:
                with bench.step(name):
                    PARTS[name](bench)
        whole = True
    except KeyboardInterrupt:
        print("interrupted: what was measured so far is kept", file=sys.stderr)
    except Failed as error:
        print(error, file=sys.stderr)
    finally:
        stop_all()
        shutil.rmtree(work, ignore_errors=True)
    failures = record.select("error")
    if not record.select("about"):
        return 1
    text = compare.report(record) if options.base else report.text(record)
    target = record.file.with_suffix(".md")
    target.write_text(text + "\n", encoding="utf-8")
    if options.base:
        print(text)
    print(f"\n{target.relative_to(ROOT)} and {record.file.name} beside it; {len(failures)} measurements failed")
    if not options.base and whole and (options.write or not (options.only or options.plan is QUICK)):
        report.write(record, DOCUMENT)
        print(f"{DOCUMENT.relative_to(ROOT)} is written")
    return int(not whole or bool(failures))


def inputs() -> Path:
    """The folder of generated products, queries and photos: another one when what generates them changes."""
    sources = b"".join(Path(module.__file__).read_bytes() for module in (catalog, plan, photos))
    return TARGET / f"inputs-{hashlib.sha256(sources).hexdigest()[:8]}"


def command(options: argparse.Namespace) -> str:
    flags = [] if options.plan is NORMAL else [f"--{options.plan.name}"]
    flags += [f"--only {part}" for part in options.only or []]
    return "make bench" + (f" BENCH={shlex.quote(' '.join(flags))}" if flags else "")


if __name__ == "__main__":
    sys.exit(main())
