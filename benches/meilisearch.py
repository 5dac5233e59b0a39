"""Meilisearch, where `VITRINA_MEILISEARCH` names its binary. Untested where this was written: there was none."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path

from .processes import Failed, Program, free_port
from .systems import System, environment

BATCH_BYTES = 20_000_000
TIMEOUT_SECONDS = 7200


class Meilisearch(System):
    name = "Meilisearch"
    search_path = "/indexes/products/search"

    def __init__(self, binary: str, folder: Path):
        super().__init__(folder)
        self.binary = binary

    @staticmethod
    def body(query: str, limit: int) -> dict:
        return {"q": query, "limit": limit}

    def start(self) -> None:
        self.port = free_port()
        command = [self.binary, "--no-analytics", "--http-addr", f"127.0.0.1:{self.port}", "--db-path", str(self.folder / "data.ms")]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.programs.append(Program("meilisearch", command, self.folder / "meilisearch.log", environment(), self.folder))
        self.programs[0].wait_for(lambda: self.request("GET", "/health")[0] == 200, 60)

    def load_products(self, file: Path) -> float:
        begin = time.monotonic()
        self.start()
        batch, size, task = [], 0, -1
        with file.open("rb") as lines:
            for line in lines:
                batch.append(line)
                size += len(line)
                if size > BATCH_BYTES:
                    task = self._post(b"".join(batch))
                    batch, size = [], 0
        if batch:
            task = self._post(b"".join(batch))
        self._wait(task)
        took = time.monotonic() - begin
        self.stop_serving()
        return took

    def _post(self, lines: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", "/indexes/products/documents?primaryKey=id", lines, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 202:
            raise Failed(f"Meilisearch takes no products: {answer.status} {text[:200]!r}")
        return json.loads(text)["taskUid"]

    def _wait(self, task: int) -> None:
        def done() -> bool:
            status = self.request("GET", f"/tasks/{task}")[1].get("status")
            if status in ("failed", "canceled"):
                raise Failed(f"Meilisearch's import {status}; see {self.programs[0].log}")
            return status == "succeeded"

        self.programs[0].wait_for(done, TIMEOUT_SECONDS, 0.1)
