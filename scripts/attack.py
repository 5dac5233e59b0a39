#!/usr/bin/env python3
"""Attacks a Vitrina server of its own from one address while another client shops, and prints what that client notices.

    scripts/attack.py target/release/vitrina             every attack alone, then three at a time
    scripts/attack.py --short target/debug/vitrina       each for a moment; only answers and memory must be right
    scripts/attack.py --only webp --only filters BINARY  these alone

The server listens on a free port of 127.0.0.1, with the demo products and the in-process worker, and may open 256 files.
The attackers come from 127.0.0.2. The customer, from 127.0.0.1, searches by words 10 times a second, sends an ordinary
photo every second (each of other bytes), and asks /health on a new connection 5 times a second. Standard library only.
"""

import argparse
import functools
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

ATTACKER = "127.0.0.2"
ADMIN_KEY = "attack-" + "0123456789abcdef" * 2
ROOT = Path(__file__).resolve().parent.parent
# What the customer may notice: milliseconds, and MB of the server.
WORDS_MEDIAN, WORDS_99, PHOTO, HEALTH, MEMORY = 200, 1000, 5000, 100, 400


class Connection:
    """HTTP/1.1 from a given address, over one socket for as long as the server does not say that it closes it."""

    def __init__(self, port, source="127.0.0.1", timeout=30):
        self.to = ("127.0.0.1", port), timeout, (source, 0)
        self.open()

    def open(self):
        self.socket = socket.create_connection(*self.to)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest, self.closes = b"", False

    def request(self, method, path, body=b"", headers=()):
        if self.closes:
            self.close()
            self.open()
        lines = [f"{method} {path} HTTP/1.1", "Host: shop", f"Content-Length: {len(body)}", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return self.answer()

    def answer(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
        while len(self.rest) < length:
            self.more()
        body, self.rest = self.rest[:length], self.rest[length:]
        self.closes = "connection: close" in lines
        return int(lines[0].split()[1]), body

    def more(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("closed")
        self.rest += part

    def close(self):
        self.socket.close()


def json_request(connection, path, body):
    return connection.request("POST", path, json.dumps(body).encode(), ["Content-Type: application/json"])


def photo_request(connection, path, photo, method="POST", headers=()):
    form = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + photo + b"\r\n--XX--\r\n"
    return connection.request(method, path, form, ["Content-Type: multipart/form-data; boundary=XX", *headers])


# Photos

def ordinary():
    """A JPEG whose bytes nobody has seen: a comment is put behind its start."""
    comment = os.urandom(16)
    return BASE[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + BASE[2:]


def webp(behind=400):
    """A lossy WebP of 7100 x 7100 pixels with random bytes in place of the picture; the sizes in it are right."""
    data = os.urandom(behind)
    frame = struct.pack("<I", (100 << 5) | 0x10)[:3] + b"\x9d\x01\x2a" + struct.pack("<HH", 7100, 7100) + data
    frame += b"\0" * (len(frame) % 2)
    chunk = b"VP8 " + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def webp_30_bytes(behind=12):
    """The same as in the report: a header and twelve random bytes."""
    return webp(400)[:30] + os.urandom(behind)


@functools.cache
def pixels(width, height, depth, samples):
    """The compressed rows of a black picture."""
    row, packer = b"\0" * (1 + width * samples * depth // 8), zlib.compressobj(9)
    return b"".join([packer.compress(row) for _ in range(height)] + [packer.flush()])


def png(width, height, depth):
    """A black PNG in colour whose bytes nobody has seen."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tEXt", b"n\0" + os.urandom(8).hex().encode()), (b"IDAT", pixels(width, height, depth, 3))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in [*parts, (b"IEND", b"")])


# Attacks: each runs until `over` is set, and swallows what the server does to it.

def until(over, attack):
    while not over.is_set():
        try:
            attack()
        except OSError:
            time.sleep(0.02)


def threads(count, over, attack):
    crowd = [threading.Thread(target=until, args=(over, attack), daemon=True) for _ in range(count)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()


def filters(port, over):
    """120,000 values of a filter, three at a time"""
    body = {"query": "", "filter": {"categories": ["2"] * 120_000}}
    threads(3, over, lambda: json_request(Connection(port, ATTACKER), "/search/text", body))


def many_filters(port, over):
    """100 values of a filter, by eight clients without a pause"""
    query = "&".join(["category=2"] * 100 + ["brand=x"] * 100)
    threads(8, over, lambda: Connection(port, ATTACKER).request("GET", f"/products?{query}"))


def slow_bodies(port, over):
    """60 connections that announce 10 MB and send nothing"""
    def attack():
        crowd = []
        for _ in range(60):
            connection = Connection(port, ATTACKER, timeout=10)
            head = "POST /search/image HTTP/1.1\r\nHost: shop\r\nContent-Length: 10000000\r\n\r\n"
            connection.socket.sendall(head.encode())
            crowd.append(connection)
        over.wait(20)
    until(over, attack)


def half_open(port, over):
    """300 connections with half a head"""
    def attack():
        crowd = []
        for _ in range(300):
            try:
                connection = Connection(port, ATTACKER, timeout=1)
                connection.socket.sendall(b"GET /health HTTP/1.1\r\nHost: s")
                crowd.append(connection)
            except OSError:
                pass
        over.wait(15)
    until(over, attack)


def webp_bombs(port, over):
    """42-byte and whole WebPs of 7100 x 7100 pixels with random bytes, four at a time"""
    def attack():
        connection = Connection(port, ATTACKER)
        for _ in range(20):
            photo_request(connection, "/search/image", random.choice([webp, webp_30_bytes])())
    threads(4, over, attack)


def costly_photos(port, over):
    """Whole PNGs of 20 megapixels, four at a time"""
    def attack():
        connection = Connection(port, ATTACKER)
        photo_request(connection, "/search/image", png(5000, 4000, 8))
    threads(4, over, attack)


def photo_flood(port, over):
    """Ordinary photos without a pause, eight at a time"""
    def attack():
        connection = Connection(port, ATTACKER)
        while not over.is_set():
            photo_request(connection, "/search/image", ordinary())
    threads(8, over, attack)


def word_flood(port, over):
    """Searches by misspelt words without a pause, eight at a time"""
    def attack():
        connection = Connection(port, ATTACKER)
        while not over.is_set():
            words = " ".join("".join(random.choices("aeioumnlrst", k=7)) for _ in range(60))
            json_request(connection, "/search/text", {"query": words, "facets": True})
    threads(8, over, attack)


def product_photos(port, over):
    """PUT of 16-bit PNGs of 15.8 megapixels as photos of products, twelve at a time"""
    key = f"Authorization: Bearer {ADMIN_KEY}"
    attack = lambda: photo_request(Connection(port, ATTACKER), "/products/1/photo", png(4000, 3950, 16), "PUT", [key])
    threads(12, over, attack)


ATTACKS = [filters, many_filters, slow_bodies, half_open, webp_bombs, costly_photos, photo_flood, word_flood, product_photos]


# The customer

class Customer:
    def __init__(self, port):
        self.port, self.over = port, threading.Event()
        self.times = {"words": [], "photo": [], "health": []}
        self.failures = {name: 0 for name in self.times}
        tasks = [("words", self.words, 0.1), ("photo", self.photo, 1.0), ("health", self.health, 0.2)]
        self.threads = [threading.Thread(target=self.repeat, args=task, daemon=True) for task in tasks]

    def repeat(self, name, act, pause):
        while not self.over.is_set():
            begin = time.monotonic()
            try:
                if not act():
                    self.failures[name] += 1
            except OSError:
                self.failures[name] += 1
            self.times[name].append((time.monotonic() - begin) * 1e3)
            self.over.wait(max(0.0, pause - (time.monotonic() - begin)))

    def words(self):
        connection = Connection(self.port)
        status, _ = json_request(connection, "/search/text", {"query": random.choice(["camara", "teclado", "zapato rojo"])})
        connection.close()
        return status == 200

    def photo(self):
        connection = Connection(self.port)
        status, body = photo_request(connection, "/search/image", ordinary())
        if status != 200:
            return False
        task = json.loads(body)["task_id"]
        status, _ = connection.request("GET", f"/tasks/{task}/result", headers=["Prefer: wait=25"])
        connection.close()
        return status == 200

    def health(self):
        connection = Connection(self.port, timeout=5)
        status, _ = connection.request("GET", "/health")
        connection.close()
        return status == 200


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else float("inf")


# The server

class Server:
    def __init__(self, binary, flags, folder):
        environment = {"PATH": os.environ["PATH"], "VITRINA_LOG": "error", "VITRINA_ADMIN_KEY": ADMIN_KEY}
        environment |= {name: os.environ[name] for name in ("ORT_DYLIB_PATH", "MODEL_PATH") if name in os.environ}
        command = [binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir", folder, *flags]
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, preexec_fn=limit, cwd=ROOT)
        self.port = int(self.child.stdout.readline().decode().split(":")[-1])
        # The photos of the demo are embedded first: that is no attack.
        while self.processor() > 0.05:
            pass

    def processor(self):
        """The processor time of one second."""
        ticks = lambda: sum(map(int, Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
        before = ticks()
        time.sleep(1)
        return (ticks() - before) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        lines = Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()


def attack(server, names, seconds):
    """Runs these attacks together, and returns what the customer noticed."""
    customer, over, peak = Customer(server.port), threading.Event(), [0.0]

    def watch():
        while not over.is_set():
            peak[0] = max(peak[0], server.memory())
            over.wait(0.02)

    crowd = [threading.Thread(target=one, args=(server.port, over), daemon=True) for one in names]
    crowd.append(threading.Thread(target=watch, daemon=True))
    for thread in crowd:
        thread.start()
    time.sleep(min(1.0, seconds / 4))
    for thread in customer.threads:
        thread.start()
    time.sleep(seconds)
    customer.over.set()
    for thread in customer.threads:
        thread.join(60)
    over.set()
    for thread in crowd:
        thread.join(30)
    words, photo, health = (customer.times[name] for name in ("words", "photo", "health"))
    figures = [percentile(words, 0.5), percentile(words, 0.99), max(photo, default=0), max(health, default=0), peak[0]]
    return figures, sum(customer.failures.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--short", action="store_true", help="two seconds an attack; times are printed, not judged")
    parser.add_argument("--seconds", type=float, help="how long each attack takes")
    parser.add_argument("--only", action="append", metavar="NAME", help=", ".join(one.__name__ for one in ATTACKS))
    parser.add_argument("--flag", action="append", default=[], help="a flag for the server: --flag=--max-connections=50")
    arguments = parser.parse_args()
    seconds = arguments.seconds or (2.0 if arguments.short else 20.0)
    alone = [one for one in ATTACKS if not arguments.only or one.__name__ in arguments.only]
    groups = [[one] for one in alone]
    if not arguments.short and not arguments.only:
        groups += [ATTACKS[start::3] for start in range(3)]
    print(f"{'attack':44} {'words p50':>9} {'p99':>7} {'photo':>7} {'health':>7} {'memory':>7} {'failed':>6}")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        server = Server(arguments.binary, arguments.flag, folder)
        try:
            for names in [[], *groups, []]:
                figures, failures = attack(server, names, seconds)
                name = " + ".join(one.__name__ for one in names) or "peace"
                columns = [f"{value:{width}.0f}" for value, width in zip(figures, (9, 7, 7, 7, 7))]
                limits = [WORDS_MEDIAN, WORDS_99, PHOTO, HEALTH, MEMORY]
                over = [value > limit for value, limit in zip(figures, limits)]
                wrong = failures > 0 or (over[4] if arguments.short else any(over))
                bad += wrong
                print(f"{name:44} {' '.join(columns)} {failures:6}{'  <-' if wrong else ''}", flush=True)
                while server.processor() > 0.1 and not arguments.short:
                    pass
        finally:
            server.stop()
    print(f"{len(groups) + 2} rows, {bad} beyond the limits (milliseconds; MB)")
    return 1 if bad else 0


def base_photo():
    photos = sorted((ROOT / "data/demo/vendure").glob("**/*.jpg"))
    if not photos:
        sys.exit("no demo photos: run `make setup` first")
    return photos[0].read_bytes()


if __name__ == "__main__":
    BASE = base_photo()
    for size in [(4000, 3950, 16), (5000, 4000, 8)]:
        pixels(*size, 3)  # compressed before anything is measured
    sys.exit(main())
