"""Tables of what was measured."""

from __future__ import annotations

from collections.abc import Callable

from .record import Record, number, spread

DASH = "–"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def counted(clients: int) -> str:
    return f"{clients} client{'s' if clients > 1 else ''}"


def total(row: dict, what: str) -> float:
    """The memory of all programs of a system."""
    return sum(of[what] for of in row["memory"].values())


def memory(record: Record, measure: str, **wanted) -> str:
    rss = record.median(measure, lambda row: total(row, "rss_mb"), **wanted)
    pss = record.median(measure, lambda row: total(row, "pss_mb"), **wanted)
    return f"{rss:.0f} / {pss:.0f}" if rss is not None and pss is not None else DASH


def latencies(record: Record, measure: str, **wanted) -> list[str]:
    return [spread(record.values(measure, name, **wanted)) for name in ("p50_ms", "p95_ms", "p99_ms")]


def ratios(record: Record, measure: str, value: str | Callable[[dict], float], one: str, other: str, **wanted) -> list[float]:
    """One system's figure over the other's, round by round."""
    figure = value if callable(value) else lambda row: row[value]
    of = [{row["round"]: figure(row) for row in record.select(measure, system=name, **wanted)} for name in (one, other)]
    return [of[0][at] / of[1][at] for at in of[0] if of[1].get(at)]


def photos(record: Record) -> list[str]:
    lines = ["### Photos, from upload to result", ""]
    for clients in record.distinct("photos", "clients"):
        lines += [f"{counted(clients)} in closed loop:", ""]
        rows = []
        for system in record.distinct("photos", "system", clients=clients):
            wanted = {"system": system, "clients": clients}
            rows.append([system, spread(record.values("photos", "per_second", **wanted)), *latencies(record, "photos", **wanted),
                         spread(record.values("photos", "processor_ms", **wanted)), memory(record, "photos", **wanted)])
        lines += table(["", "photos a second", "p50 ms", "p95 ms", "p99 ms", "processor ms a photo, all processes", "memory MB, RSS / PSS"], rows)
    rows = []
    for precision in ("fp32", "int8"):
        one, other = f"Vitrina {precision}", f"Python {precision}"
        figures = [("per_second", "photos a second"), ("p99_ms", "p99"), ("processor_ms", "processor time a photo"),
                   (lambda row: total(row, "rss_mb"), "memory, RSS")]
        for value, what in figures:
            rows.append([f"{precision}: {what}", *(spread(ratios(record, "photos", value, one, other, clients=clients))
                                                 for clients in record.distinct("photos", "clients"))])
    lines += ["Vitrina's figure over the Python stack's, round by round:", ""]
    lines += table(["", *(counted(clients) for clients in record.distinct("photos", "clients"))], rows)
    if record.select("waiting"):
        lines += ["One client that waits (`Prefer: wait`) in place of polling:", ""]
        lines += table(["", "p50 ms", "p95 ms", "p99 ms"],
                       [[system, *latencies(record, "waiting", system=system)] for system in record.distinct("waiting", "system")])
    if record.select("photos open"):
        lines += ["In open loop, latency from the planned start:", ""]
        rows = []
        for system in record.distinct("photos open", "system"):
            for of in record.distinct("photos open", "of", system=system):
                wanted = {"system": system, "of": of}
                rows.append([system, f"{record.median('photos open', 'rate', **wanted):.1f} ({of})", *latencies(record, "photos open", **wanted)])
        lines += table(["", "photos a second, on average", "p50 ms", "p95 ms", "p99 ms"], rows)
    return lines


def programs(record: Record) -> list[str]:
    """Each process at 16 clients."""
    rows = []
    for system in record.distinct("photos", "system", clients=16):
        for name in record.select("photos", system=system, clients=16)[0]["memory"]:
            wanted = {"system": system, "clients": 16}
            rows.append([system, name,
                         spread(record.values("photos", lambda row: row["processor_seconds"].get(name, 0) * 1e3 / row["done"], **wanted)),
                         *(spread(record.values("photos", lambda row: row["memory"][name][what], **wanted)) for what in ("rss_mb", "pss_mb"))])
    return ["Each program at 16 clients, its children included:", "", *table(["", "", "processor ms a photo", "RSS MB", "PSS MB"], rows)]


def loops(record: Record) -> list[str]:
    rows = []
    for precision in record.distinct("loop", "precision"):
        of = {way: {row["round"]: row["processor_ms"] for row in record.select("loop", way=way, precision=precision)} for way in ("Vitrina", "Python")}
        ratio = [of["Vitrina"][at] / of["Python"][at] for at in of["Vitrina"] if at in of["Python"]]
        rows.append([precision, spread(list(of["Vitrina"].values())), spread(list(of["Python"].values())), spread(ratio)])
    lines = ["### Tight loops", "", "Processor time of a photo without any server, decoding and model, in milliseconds:", ""]
    lines += table(["", "`vitrina classify`", "Pillow with `draft()` + ONNX Runtime", "ratio"], rows)
    rows = []
    for photo in record.distinct("loop of one", "photo"):
        ours, theirs = (record.median("loop of one", "processor_ms", photo=photo, way=way) for way in ("Vitrina", "Python"))
        if ours and theirs:
            rows.append([photo, number(ours), number(theirs), f"{ours / theirs:.2f}"])
    lines += ["The photos one by one, int8:", ""]
    return lines + table(["", "`vitrina classify`", "Python", "ratio"], rows)


def workers(record: Record) -> list[str]:
    rows = [[str(count), spread(record.values("workers", "per_second", workers=count)), spread(record.values("workers", "p50_ms", workers=count)),
             spread(record.values("workers", "processor_ms", workers=count)), memory(record, "workers", workers=count)]
            for count in record.distinct("workers", "workers")]
    return ["Worker processes of one thread each, int8, 16 clients:", "",
            *table(["workers", "photos a second", "p50 ms", "processor ms a photo", "memory MB, RSS / PSS"], rows)]


def words(record: Record) -> list[str]:
    lines = ["### Search by words", ""]
    for size in record.distinct("words", "products"):
        rows = []
        for system in record.distinct("words", "system", products=size):
            for row in record.select("words", system=system, products=size, round=0):
                wanted = {name: row[name] for name in ("system", "products", "cache", "limit", "clients")}
                rows.append([system, row["cache"], str(row["limit"]), str(row["clients"]), spread(record.values("words", "per_second", **wanted)),
                             *latencies(record, "words", **wanted), spread(record.values("words", "processor_ms", **wanted))])
        lines += [f"{size:,} products:", ""]
        lines += table(["", "queries", "results", "clients", "a second", "p50 ms", "p95 ms", "p99 ms", "processor ms a query"], rows)
        if record.select("words open", products=size):
            rows = []
            for system in record.distinct("words open", "system", products=size):
                for of in record.distinct("words open", "of", system=system, products=size):
                    wanted = {"system": system, "of": of, "products": size}
                    rows.append([system, f"{record.median('words open', 'rate', **wanted):,.0f} ({of})", *latencies(record, "words open", **wanted)])
            lines += ["In open loop, latency from the planned start:", ""]
            lines += table(["", "queries a second, on average", "p50 ms", "p95 ms", "p99 ms"], rows)
    return lines + limits(record)


def limits(record: Record) -> list[str]:
    """One result in place of 24."""
    rows = []
    for size in record.distinct("words", "products"):
        cells = []
        for clients in record.distinct("words", "clients", limit=1, system="Vitrina"):
            wanted = {"system": "Vitrina", "products": size, "cache": "distinct", "clients": clients}
            of = [{row["round"]: row["per_second"] for row in record.select("words", limit=limit, **wanted)} for limit in (1, 24)]
            cells.append(spread([of[0][at] / of[1][at] for at in of[0] if at in of[1]]))
        rows.append([f"{size:,} products", *cells])
    head = ["", *(counted(clients) for clients in record.distinct("words", "clients", limit=1, system="Vitrina"))]
    return ["Queries a second with one result over those with 24, Vitrina, distinct queries:", "", *table(head, rows)]


def mixed(record: Record) -> list[str]:
    rows = []
    for system in record.distinct("mixed photos", "system"):
        rows.append([system, *(cell for measure in ("mixed photos", "mixed words")
                               for cell in (spread(record.values(measure, "per_second", system=system)), spread(record.values(measure, "p50_ms", system=system)),
                                            spread(record.values(measure, "p99_ms", system=system))))])
    return ["### Photos and words at a time", "", "4 clients send photos while 8 search by words:", "",
            *table(["", "photos a second", "p50 ms", "p99 ms", "queries a second", "p50 ms", "p99 ms"], rows)]


def starts(record: Record) -> list[str]:
    rows = []
    for size in record.distinct("import", "products"):
        for system in record.distinct("import", "system", products=size):
            wanted = {"system": system, "products": size}
            first = record.median("start", "ready_seconds", state="without an index", **wanted)
            rows.append([f"{size:,}", system, spread(record.values("import", "seconds", **wanted)), spread(record.values("import", "per_second", **wanted)),
                         number(first) if first is not None else DASH, spread(record.values("start", "seconds", state="with its data", **wanted)),
                         memory(record, "start", state="with its data", **wanted)])
    return ["### Import, start-up, memory", "",
            *table(["products", "", "import s", "products a second", "start without an index, until it is complete s", "start to first answer s", "memory MB after it, RSS / PSS"], rows)]


def noise(record: Record) -> list[str]:
    others = [row["other_cores"] for row in record.rows if "other_cores" in row]
    failed = sum(sum(row["failed"].values()) for row in record.rows if "failed" in row)
    lines = [f"Other programs used {spread(others)} cores meanwhile (median over all measurements, least and most); {failed} requests failed."]
    lines += [f"Not measured: {row['what']}: {row['error'].splitlines()[0]}" for row in record.select("error")]
    return [line for part in lines for line in (part, "")]
