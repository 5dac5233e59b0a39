"""What the systems have in common: programs, an address, an import, the body of a search."""

from __future__ import annotations

import http.client
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from .catalog import ROOT
from .processes import Failed, Program, usage

MODEL = ROOT / "data/models/efficientnet_lite0"
LABELS = ROOT / "data/models/imagenet_labels.json"
MODEL_FILES = {"fp32": "efficientnet_lite0.onnx", "int8": "efficientnet_lite0_int8.onnx"}
READY_SECONDS = 600


class System:
    """A system that is measured. `name` is that of the tables."""

    name = ""
    search_path = "/search/text"

    def __init__(self, folder: Path):
        self.folder = folder
        self.services: list[Program] = []
        self.programs: list[Program] = []
        self.port = 0

    @staticmethod
    def body(query: str, limit: int) -> dict:
        """The body of a search."""
        return {"query": query, "limit": limit}

    def load_products(self, file: Path) -> float:
        """Imports the products while nothing is served, and returns how many seconds that took."""
        raise NotImplementedError

    def start(self) -> None:
        """Starts what serves; services and data are there already."""
        raise NotImplementedError

    def start_to_first_answer(self) -> float:
        """Starts, and returns the seconds until a search that has products is answered with some."""
        begin = time.monotonic()
        self.start()
        self.programs[0].wait_for(lambda: self.finds("camiseta"), READY_SECONDS, 0.01)
        return time.monotonic() - begin

    def finds(self, query: str) -> bool:
        status, answer = self.request("POST", self.search_path, self.body(query, 24))
        return status == 200 and bool(answer.get("products") or answer.get("hits"))

    def request(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        """The status and the JSON of an answer; status 0 where there is none."""
        with suppress(OSError, http.client.HTTPException, ValueError):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read() or b"{}")
            finally:
                connection.close()
        return 0, {}

    def usage(self, memory: bool = True) -> dict[str, dict[str, float]]:
        return usage(self.programs + self.services, memory)

    def stop_serving(self) -> None:
        while self.programs:
            self.programs.pop().stop()

    def stop(self) -> None:
        self.stop_serving()
        while self.services:
            self.services.pop().stop()


def environment(**more: str) -> dict[str, str]:
    """This process' environment without what would change the systems."""
    foreign = ("VITRINA_", "STACK_", "MODEL_PATH", "DATABASE_URL", "REDIS_URL", "ORT_", "WEBHOOK_", "BACKEND_", "INFERENCE_", "OTEL_", "MEILI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "ORT_DISABLE_TELEMETRY": "1", **more}


def onnxruntime_library() -> Path:
    """The library in the Python package that the Python stack uses too."""
    import onnxruntime

    found = sorted((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))
    if not found:
        raise Failed("the Python package onnxruntime has no libonnxruntime.so")
    return found[0]
