"""Vitrina: the server and a worker on Redis and MariaDB, or one process with all of it."""

from __future__ import annotations

import json
import os
import re
import resource
import secrets
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from .processes import Failed, Program
from .services import MariaDb, Redis
from .systems import MODEL, READY_SECONDS, System, environment, onnxruntime_library

# The load comes from one address, which a shop's customers do not: without limits of its own. Older revisions have none.
UNLIMITED = ["--trusted-proxies", "127.0.0.1"]
# How often the start of `vitrina classify` is measured, of which the median is subtracted.
STARTS = 3


class Vitrina(System):
    """`services` puts products into MariaDB and photos into Redis, with `workers` processes of `lanes` threads each."""

    def __init__(self, name: str, binary: Path, folder: Path, precision: str, services: bool, workers: int = 1, lanes: int = 2):
        super().__init__(folder)
        self.name, self.binary, self.with_services, self.workers, self.lanes = name, binary, services, workers, lanes
        self.env = environment(MODEL_PATH=str(MODEL), VITRINA_PRECISION=precision, ORT_DYLIB_PATH=str(onnxruntime_library()),
                               VITRINA_LOG="warn")
        self.shop = ["--data-dir", str(folder / "data")]
        if services:
            self.database, self.redis = MariaDb(folder, "128M"), Redis(folder)
            self.services += [self.database, self.redis]
            self.database.create("vitrina")
            self.shop += ["--catalog", self.database.url("vitrina")]

    def load_products(self, file: Path) -> float:
        begin = time.monotonic()
        command = [str(self.binary), "import", str(file), *self.shop]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=7200)
        if done.returncode:
            raise Failed(f"vitrina import failed: {done.stderr.strip()[-500:]}")
        return time.monotonic() - begin

    def start(self) -> None:
        queue = ["--queue", self.redis.url] if self.with_services else []
        self.port = self._listen("server", ["serve", *self.shop, *queue, *self._unlimited()])
        if self.with_services:
            for number in range(self.workers):
                self._listen(f"worker {number + 1}" if self.workers > 1 else "worker", ["worker", *queue, "--lanes", str(self.lanes)])

    def _unlimited(self) -> list[str]:
        flags = subprocess.run([str(self.binary), "serve", "--help"], env=self.env, capture_output=True, text=True, timeout=60).stdout
        return UNLIMITED if UNLIMITED[0] in flags else []

    def _listen(self, name: str, arguments: list[str]) -> int:
        log = self.folder / f"{name}-{secrets.token_hex(4)}.log"
        program = Program(name, [str(self.binary), *arguments, "--listen", "127.0.0.1:0"], log, self.env)
        self.programs.append(program)
        port = re.compile(r"listening on http://[^:]+:(\d+)")
        program.wait_for(lambda: port.search(log.read_text(errors="replace")), 120, 0.005)
        return int(port.search(log.read_text(errors="replace")).group(1))

    def forget_index(self) -> None:
        """The next start builds the index anew, as that of a further server on the same catalogue does."""
        shutil.rmtree(self.folder / "data/index", ignore_errors=True)

    def wait_until_ready(self) -> float:
        """Returns the seconds until the index has caught up with the catalogue."""
        begin = time.monotonic()
        self.programs[0].wait_for(lambda: self.request("GET", "/ready")[0] == 200, READY_SECONDS, 0.05)
        return time.monotonic() - begin

    def size_mb(self) -> float:
        """The data folder on disk."""
        return sum(file.stat().st_size for file in (self.folder / "data").rglob("*") if file.is_file()) / 1e6

    def classify(self, photos: list[Path], rounds: int) -> dict[str, float]:
        """`vitrina classify` over the photos, each with bytes of its own, start-up subtracted: processor time of one."""
        folder = self.folder / "classify"
        folder.mkdir(parents=True, exist_ok=True)
        copies = []
        for number in range(rounds):
            for photo in photos:
                copies.append(folder / f"{number}-{photo.name}")
                copies[-1].write_bytes(photo.read_bytes() + os.urandom(16))
        try:
            # A start takes as much as ten photos, and not always the same.
            once = statistics.median(self._classify_seconds(copies[:len(photos)]) for _ in range(STARTS))
            whole = self._classify_seconds(copies)
        finally:
            shutil.rmtree(folder)
        return {"processor_ms": (whole - once) * 1e3 / (len(copies) - len(photos))}

    def _classify_seconds(self, files: list[Path]) -> float:
        def used() -> float:
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            return children.ru_utime + children.ru_stime

        before = used()
        done = subprocess.run([str(self.binary), "classify", *map(str, files), "--json"], env=self.env, capture_output=True, text=True, timeout=600)
        if done.returncode or not json.loads(done.stdout.splitlines()[-1]).get("labels"):
            raise Failed(f"vitrina classify failed: {done.stderr.strip()[-300:]}")
        return used() - before
