"""A server that answers by script, in a thread, for every test that wants one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class Scripted:
    """The server; `script` answers the n-th request, counted from 0."""

    def __init__(self) -> None:
        self.script: Callable[[int, Request], Reply] = lambda number, request: Reply(404, {"detail": "no script"})
        self.requests: list[Request] = []
        self.gone = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, self.rfile.read(length))
                server.requests.append(request)
                reply = server.script(len(server.requests) - 1, request)
                server.gone.wait(reply.delay)
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    pass

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def always(self, *args: Any, **kwargs: Any) -> None:
        self.script = lambda number, request: Reply(*args, **kwargs)

    def stop(self) -> None:
        self.gone.set()
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.stop()


BOOT = {
    "id": 7,
    "name": "Bota",
    "description": "de piel",
    "brand": "Camina",
    "price": 59.9,
    "category": "Zapatos",
    "category_id": 4,
    "stock": 0,
    "in_stock": False,
    "photo": "/photos/bota.jpg",
    "similarity": 0.5,
}

DONE = {
    "status": "completed",
    "categories": ["Zapatos"],
    "products": [BOOT],
    "predictions": [{"label": 4, "category": "Zapatos", "score": 0.93}],
}


def photo_script(*polls: Reply) -> Callable[[int, Request], Reply]:
    """Takes any photo in, then answers polls in turn; the last one is repeated."""

    def script(number: int, request: Request) -> Reply:
        if request.path == "/search/image":
            return Reply(200, {"task_id": "t-1"})
        return polls[min(number, len(polls)) - 1]

    return script
