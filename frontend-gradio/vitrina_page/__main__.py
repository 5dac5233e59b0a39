"""`python -m vitrina_page`: serves the page."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import sys
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The flags; each has an environment variable beside it."""
    flags = argparse.ArgumentParser(prog="vitrina_page", description="The shop page of Vitrina.")
    flags.add_argument(
        "--server",
        metavar="URL",
        default=os.environ.get("BACKEND_URL", "http://127.0.0.1:8000"),
        help="the server that `vitrina serve` runs (BACKEND_URL; default %(default)s)",
    )
    flags.add_argument(
        "--listen",
        metavar="ADDR",
        default=os.environ.get("PAGE_LISTEN", "127.0.0.1:7860"),
        help="address and port of the page; port 0 takes a free one (PAGE_LISTEN; default %(default)s)",
    )
    flags.add_argument(
        "--photo-origin",
        metavar="ORIGIN",
        action="append",
        default=os.environ.get("PHOTO_ORIGINS", "").split(),
        help="another place that product photos may come from, as https://cdn.example.com (PHOTO_ORIGINS)",
    )
    flags.add_argument(
        "--examples",
        metavar="DIR",
        type=Path,
        default=os.environ.get("PAGE_EXAMPLES"),
        help="a folder of photos to try, which are not the shop's own (PAGE_EXAMPLES)",
    )
    return flags


def bind(listen: str) -> socket.socket:
    """The listening socket for `host:port` or `[v6]:port`."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"--listen wants HOST:PORT, not {listen!r}")
    return socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def main() -> int:
    """Serves the page until a signal stops it."""
    args = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        listener = bind(args.listen)
    except (OSError, ValueError) as error:
        print(f"error: cannot listen on {args.listen}: {error}", file=sys.stderr)
        return 1

    # Gradio takes seconds to import; a wrong flag or a port in use is reported before that.
    import uvicorn

    from .app import create_app

    app = create_app(args.server, args.photo_origin, os.environ.get("VITRINA_API_KEY"), args.examples)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"page on http://{shown}:{port} (shop: {args.server})", flush=True)
    config = uvicorn.Config(app, log_level="warning", proxy_headers=True, timeout_graceful_shutdown=3)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
