#!/usr/bin/env python3
"""Random load with faults on a Vitrina server of its own, and whether its memory, descriptors and threads stay flat.

    scripts/soak.py target/release/vitrina                 30 minutes
    scripts/soak.py --minutes 2 --seed 7 BINARY            shorter, and the same choices again

Six clients search by words and by photo, list, read and write products, upload photos of them, follow tasks, send what is broken,
too large or half, and hang up at random. Every answer must be one that the API documents. Samples are taken twice a second; at the end
the medians of the second and the last quarter of the time are compared. Standard library only.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import attack
from attack import ADMIN_KEY, Connection, Server, json_request, ordinary, photo_request, png, webp

CLIENTS = 6
KEY = [f"Authorization: Bearer {ADMIN_KEY}"]
WORDS = "camara teclado zapato rojo raton portatil guitarra planta silla lampara bicicleta negro barato de para".split()
# Products that the load writes and removes, beside those of the demo.
OWN = range(10_000, 10_200)
# How much more than in the second quarter the last one may have: a share of the memory, MB, descriptors, threads.
GROWTH, SLACK_MB, SLACK_DESCRIPTORS, SLACK_THREADS = 0.05, 12, 8, 4


def query(choice):
    return " ".join(choice.choices(WORDS, k=choice.randint(0, 4)))


# What a client does: each returns the status that it got, or None where it hung up itself.

def search(connection, choice):
    body = {"query": query(choice), "facets": choice.random() < 0.3, "limit": choice.randint(1, 100)}
    return json_request(connection, "/search/text", body)[0]


def suggest(connection, choice):
    return connection.request("GET", f"/search/suggest?q={choice.choice(WORDS)[:choice.randint(1, 6)]}")[0]


def browse(connection, choice):
    path = choice.choice(["/products", "/products?limit=5&sort=price_asc", "/categories", "/products/3/similar", "/metrics", "/ready"])
    return connection.request("GET", path)[0]


def photo(connection, choice):
    status, body = photo_request(connection, "/search/image", ordinary())
    if status != 200:
        return status
    task = json.loads(body)["task_id"]
    if choice.random() < 0.2:
        return status  # nobody asks for the result
    return connection.request("GET", f"/tasks/{task}/result", headers=["Prefer: wait=20"])[0]


def bad_photo(connection, choice):
    photo = choice.choice([os.urandom(2000), ordinary()[:900], webp(), png(3000, 2000, 8), b""])
    return photo_request(connection, "/search/image", photo)[0]


def write(connection, choice):
    product = {"name": f"Artículo {query(choice)}x", "description": query(choice) * 20, "price": choice.randint(1, 9999) / 100}
    return connection.request("PUT", f"/products/{choice.choice(OWN)}", json.dumps(product).encode(), [*KEY, "Content-Type: application/json"])[0]


def remove(connection, choice):
    return connection.request("DELETE", f"/products/{choice.choice(OWN)}", headers=KEY)[0]


def product_photo(connection, choice):
    return photo_request(connection, f"/products/{choice.choice(OWN)}/photo", ordinary(), "PUT", KEY)[0]


def nonsense(connection, choice):
    body = choice.choice([b"{", b"[]", b'{"query": 7}', b'{"query": "' + b"x" * 2000 + b'"}', b'{"query": "", "sort": "up"}', os.urandom(64)])
    return connection.request("POST", "/search/text", body, ["Content-Type: application/json"])[0]


def wrong_key(connection, choice):
    # Seldom enough that the right key is not locked out with it.
    if choice.random() < 0.95:
        return None
    return connection.request("DELETE", "/products/1", headers=["Authorization: Bearer no such key"])[0]


def hang_up(connection, choice):
    head = choice.choice([b"GET /hea", b"POST /search/image HTTP/1.1\r\nHost: s\r\nContent-Length: 500000\r\n\r\n" + os.urandom(5000)])
    connection.socket.sendall(head)
    return None


def leave_before_the_answer(connection, choice):
    body = json.dumps({"query": query(choice), "facets": True}).encode()
    connection.socket.sendall(b"POST /search/text HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return None


ACTS = {search: 30, suggest: 10, browse: 10, photo: 12, bad_photo: 4, write: 8, remove: 3, product_photo: 3, nonsense: 6, wrong_key: 1,
        hang_up: 3, leave_before_the_answer: 3}
# What the API documents for these requests; 500 and silence are never right.
RIGHT = {200, 202, 204, 400, 401, 403, 404, 408, 413, 415, 422, 429, 503}


class Load:
    def __init__(self, port, seed):
        self.port, self.over, self.counts, self.wrong = port, threading.Event(), {}, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.client, args=(random.Random(f"{seed}/{n}"),), daemon=True) for n in range(CLIENTS)]

    def client(self, choice):
        connection = None
        while not self.over.is_set():
            act = choice.choices(list(ACTS), ACTS.values())[0]
            try:
                connection = connection or Connection(self.port, timeout=40)
                status = act(connection, choice)
            except (OSError, ValueError) as error:
                status = f"{type(error).__name__}: {error}"
            # A connection that was left half-way or that the server closes, and any other now and then.
            if status is None or status not in RIGHT or connection.closes or choice.random() < 0.1:
                if connection:
                    connection.close()
                connection = None
            with self.lock:
                self.counts[act.__name__, status] = self.counts.get((act.__name__, status), 0) + 1
                if status is not None and status not in RIGHT:
                    self.wrong.append(f"{act.__name__}: {status}")


def sample(server):
    folder = Path(f"/proc/{server.child.pid}")
    return server.memory(), len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", default="soak")
    arguments = parser.parse_args()
    attack.BASE = attack.base_photo()
    with tempfile.TemporaryDirectory() as folder:
        # Results are kept for an hour otherwise, and memory would grow until there are as many as there may be.
        server = Server(arguments.binary, ["--keep-results", "120"], folder)
        try:
            idle = sample(server)
            load, samples = Load(server.port, arguments.seed), []
            for thread in load.threads:
                thread.start()
            end = time.monotonic() + arguments.minutes * 60
            while time.monotonic() < end:
                samples.append(sample(server))
                time.sleep(0.5)
            load.over.set()
            for thread in load.threads:
                thread.join(60)
            still_well = Connection(server.port).request("GET", "/health")[0] == 200
            while server.processor() > 0.1:
                pass
            after = sample(server)
        finally:
            server.stop()
    quarter = max(len(samples) // 4, 1)
    middle, last = ([statistics.median(column) for column in zip(*part)] for part in (samples[quarter:2 * quarter], samples[-quarter:]))
    print(f"{sum(load.counts.values())} requests, seed {arguments.seed}")
    for (act, status), count in sorted(load.counts.items(), key=str):
        print(f"  {act:24} {'hung up' if status is None else status!s:8} {count:8}")
    print(f"{'':14} {'idle':>8} {'2nd qu.':>8} {'last qu.':>8} {'after':>8}")
    bounds = [middle[0] * (1 + GROWTH) + SLACK_MB, middle[1] + SLACK_DESCRIPTORS, middle[2] + SLACK_THREADS]
    grown = False
    for name, *row, bound in zip(["memory, MB", "descriptors", "threads"], idle, middle, last, after, bounds):
        grown |= row[2] > bound
        print(f"{name:14} {' '.join(f'{value:8.0f}' for value in row)}{'  <- grows' if row[2] > bound else ''}")
    for wrong in load.wrong[:20]:
        print(f"wrong: {wrong}")
    print(f"{len(load.wrong)} wrong answers, {'flat' if not grown else 'not flat'}, {'well' if still_well else 'NOT well'} at the end")
    return int(grown or bool(load.wrong) or not still_well)


if __name__ == "__main__":
    sys.exit(main())
