"""Unit costs, and what they come to at a size that no one machine here has."""

from __future__ import annotations

from .record import Record, number
from .tables import table, total

PRODUCTS, QUERIES, PHOTOS = 100_000_000, 10_000, 1_000
CORES_USED = 0.6  # of a core's time, so that queues stay short


def unit_costs(record: Record) -> list[str]:
    rows = []
    for size in record.distinct("words", "products", system="Vitrina"):
        wanted = {"system": "Vitrina", "products": size}
        distinct = {**wanted, "cache": "distinct", "limit": 24}
        rss = record.median("start", lambda row: total(row, "rss_mb"), state="with its data", **wanted)
        build = record.median("start", "ready_seconds", state="without an index", **wanted)
        disk = record.median("start", "mb", state="without an index", **wanted)
        load = record.median("import", "seconds", **wanted)
        cells = [record.median("words", "p50_ms", clients=1, **distinct), record.median("words", "processor_ms", clients=16, **distinct), rss,
                 disk and disk * 1e6 / size, build and build * 1e3 / size, load and load * 1e3 / size]
        rows.append([f"{size:,}", *("–" if cell is None else number(cell) for cell in cells)])
    return table(["products", "p50 ms, one client", "processor ms a query", "memory MB after the start", "bytes a product on disk", "index ms a product",
                  "import ms a product"], rows)


def extrapolated(record: Record) -> list[str]:
    """From the largest two sizes: the part of a query's cost that grows with the products, drawn on as a straight line."""
    sizes = record.distinct("words", "products", system="Vitrina")[-2:]
    if len(sizes) < 2:
        return []

    def line(value, measure: str, **wanted) -> tuple[float, float] | None:
        low, high = (record.median(measure, value, system="Vitrina", products=size, **wanted) for size in sizes)
        if low is None or high is None:
            return None
        slope = max(0.0, (high - low) / (sizes[1] - sizes[0]))
        return high - slope * sizes[1], slope

    query = line("processor_ms", "words", cache="distinct", limit=24, clients=16)
    memory = line(lambda row: total(row, "rss_mb"), "start", state="with its data")
    disk = record.median("start", "mb", system="Vitrina", products=sizes[1], state="without an index")
    build = record.median("start", "ready_seconds", system="Vitrina", products=sizes[1], state="without an index")
    photo = record.median("photos", "processor_ms", system="Vitrina int8", clients=16)
    rows = []
    for products in (1_000_000, 10_000_000, PRODUCTS):
        cells = ["–"] * 5
        if query:
            cost = query[0] + query[1] * products
            cells[0], cells[1] = number(cost), f"{QUERIES * cost / 1e3 / CORES_USED:,.0f}"
        if memory:
            cells[2] = f"{(memory[0] + memory[1] * products) / 1e3:,.1f}"
        if disk:
            cells[3] = f"{disk * products / sizes[1] / 1e3:,.0f}"
        if build:
            cells[4] = f"{build * products / sizes[1] / 3600:,.1f}"
        rows.append([f"{products:,}", *cells])
    lines = [f"Drawn on from {sizes[0]:,} and {sizes[1]:,} products as straight lines, for {QUERIES:,} queries a second on cores that are busy "
             f"{CORES_USED:.0%} of the time:", ""]
    lines += table(["products", "processor ms a query", "cores for the queries", "memory of a server GB", "disk of a server GB", "hours to build its index"], rows)
    if photo:
        lines += [f"A photo costs {number(photo)} ms of processor, whatever the shop's size before the search: {PHOTOS:,} photos a second need "
                  f"{PHOTOS * photo / 1e3 / CORES_USED:,.0f} cores of workers.", ""]
    return lines
