"""Programs that live no longer than the bench, and what they use: processor time and memory, from /proc."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
# What was started and not stopped yet.
_running: list[Program] = []


class Failed(Exception):
    """A program or a measurement that did not do what it should; the text says what to look at."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """A program with its children, in a session of its own; its output goes to a log."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str] | None = None, folder: Path | None = None):
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=folder,
                start_new_session=True, preexec_fn=_die_with_parent,
            )
        _running.append(self)

    def alive(self) -> bool:
        return self.child.poll() is None

    def wait_for(self, ready, seconds: float, pause: float = 0.02) -> None:
        """Returns once `ready()` is true."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise Failed(f"{self.name} ended with {self.child.returncode}; its last words are in {self.log}")
            if time.monotonic() > end:
                raise Failed(f"{self.name} is not ready after {seconds:.0f} s; see {self.log}")
            time.sleep(pause)

    def stop(self) -> None:
        """Asks it to end, and ends whatever of its session is left after ten seconds."""
        if self.alive():
            self.child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        if self in _running:
            _running.remove(self)


def stop_all() -> None:
    """Stops what is left, whoever started it."""
    for program in list(_running):
        program.stop()


def _stat(pid: str) -> tuple[int, float] | None:
    """The session of a process, and its processor time with that of its dead children, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[3]), sum(int(field) for field in fields[11:15]) / TICKS


def _memory(pid: str) -> tuple[float, float]:
    """Resident and proportional set size in MB."""
    sizes = {"Rss": 0.0, "Pss": 0.0}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in sizes:
                sizes[name] = int(value.split()[0]) / 1024
    return sizes["Rss"], sizes["Pss"]


def usage(programs: list[Program], memory: bool = True) -> dict[str, dict[str, float]]:
    """What each program uses, its children included: `processor_seconds` since it started, `rss_mb`, `pss_mb`."""
    names = {program.child.pid: program.name for program in programs}
    used = {name: {"processor_seconds": 0.0, "rss_mb": 0.0, "pss_mb": 0.0} for name in names.values()}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        stat = _stat(pid)
        if stat is None or stat[0] not in names:
            continue
        of = used[names[stat[0]]]
        of["processor_seconds"] += stat[1]
        if memory:
            rss, pss = _memory(pid)
            of["rss_mb"] += rss
            of["pss_mb"] += pss
    return used


def busy_seconds() -> float:
    """The processor time of the whole machine since it started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS
