"""Serves the pages of the example, on a port of this machine: `python3 serve.py [--port 8080] [--server URL]`.

`vitrina/` is the built package and `device/` the classifier for browsers, both from `bindings-js/dist`; a shop copies these folders.
"""

from __future__ import annotations

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "bindings-js" / "dist"
# The server that the pages name.
NAMED = b"http://127.0.0.1:8000"


class Pages(SimpleHTTPRequestHandler):
    """The pages, with the server's URL put in; one that lies elsewhere than the pages name is put in its place."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}

    def __init__(self, *args: object, server_url: str, folder: Path = HERE) -> None:
        self.server_url = server_url
        super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """The file of a URL's path."""
        parts = urlsplit(path).path.split("/")
        if len(parts) > 1 and parts[1] in ("vitrina", "device") and ".." not in parts:
            folder = PACKAGE if parts[1] == "vitrina" else PACKAGE / "device"
            return str(folder.joinpath(*parts[2:]))
        return super().translate_path(path)

    def do_GET(self) -> None:
        """Answers with a file."""
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if file.suffix not in (".html", ".js") or not file.is_file():
            super().do_GET()
            return
        content = file.read_bytes().replace(NAMED, self.server_url.encode())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--server", default=NAMED.decode(), help="the URL of the Vitrina server")
    given = parser.parse_args()
    with ThreadingHTTPServer(("127.0.0.1", given.port), partial(Pages, server_url=given.server)) as server:
        print(f"shop on http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
