"""Measures one system under the load of `vitrina-load`."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from .plan import OPEN_POLL, POLL
from .processes import Failed, busy_seconds
from .systems import System

TIMEOUT_SECONDS = 60


class Load:
    def __init__(self, binary: Path):
        self.binary = binary

    def searches(self, system: System, bodies: Path, first: int, clients: int, seconds: float, rate: float | None = None,
                 requests: int | None = None) -> dict:
        more = ["--requests", str(requests)] if requests else []
        command = ["searches", "--bodies", str(bodies), "--path", system.search_path, "--first", str(first), *more]
        return self._measure(system, [command], clients, seconds, rate)[0]

    def photos(self, system: System, photos: Path, clients: int, seconds: float, rate: float | None = None, wait: bool = False) -> dict:
        poll = OPEN_POLL if rate else closed_poll(clients)
        return self._measure(system, [photo_command(photos, poll, wait)], clients, seconds, rate)[0]

    def mixed(self, system: System, photos: Path, bodies: Path, first: int, clients: tuple[int, int], seconds: float) -> tuple[dict, dict]:
        """Photos and searches at a time, each with clients of its own."""
        commands = [photo_command(photos, closed_poll(clients[0]), False),
                    ["searches", "--bodies", str(bodies), "--path", system.search_path, "--first", str(first)]]
        first_load, second_load = self._measure(system, commands, clients, seconds, None)
        return first_load, second_load

    def _measure(self, system: System, commands: list[list[str]], clients, seconds: float, rate: float | None) -> list[dict]:
        each = clients if isinstance(clients, tuple) else (clients,)
        server = ["--server", f"127.0.0.1:{system.port}", "--seconds", str(seconds), "--timeout", str(TIMEOUT_SECONDS)]
        pace = ["--rate", f"{rate:.3f}"] if rate else []
        before, busy, begin = system.usage(memory=False), busy_seconds(), time.monotonic()
        running = [subprocess.Popen([str(self.binary), *command, *server, *pace, "--clients", str(count)],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for command, count in zip(commands, each)]
        try:
            outputs = [child.communicate(timeout=2 * seconds + 3 * TIMEOUT_SECONDS) for child in running]
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{system.name}: the load did not end after {error.timeout:.0f} s") from None
        finally:
            for child in running:
                child.kill()
                child.wait()
        took, busy = time.monotonic() - begin, busy_seconds() - busy
        for child, (_, errors) in zip(running, outputs):
            if child.returncode:
                raise Failed(f"vitrina-load failed: {errors.strip()[-300:]}")
        results = [json.loads(output) for output, _ in outputs]
        after = system.usage()
        used = {name: of["processor_seconds"] - before.get(name, {}).get("processor_seconds", 0.0) for name, of in after.items()}
        load = sum(result["load_processor_seconds"] for result in results)
        for result in results:
            result.update(
                processor_seconds=used,
                memory={name: {"rss_mb": of["rss_mb"], "pss_mb": of["pss_mb"]} for name, of in after.items()},
                # How many cores others used meanwhile: with more than a few hundredths the figures are worth less.
                other_cores=max(0.0, (busy - sum(used.values()) - load) / took),
            )
            done = result["done"]
            if not done:
                raise Failed(f"{system.name}: no request succeeded: {result['failed']}")
            result["processor_ms"] = sum(used.values()) * 1e3 / done
        return results


def closed_poll(clients: int) -> int:
    return next((pause for most, pause in sorted(POLL.items()) if clients <= most), max(POLL.values()))


def photo_command(photos: Path, poll: int, wait: bool) -> list[str]:
    return ["photos", "--photos", str(photos), "--poll", str(poll), *(["--wait"] if wait else [])]
