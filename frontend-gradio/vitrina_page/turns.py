"""One search at a time for each visitor, and one answer after the other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

# How long an answer waits for the one before it, should that have been given up without a word.
PATIENCE = 5.0


class _Answer:
    """A search that has something to say once `speaking` is its own."""

    def __init__(self, speaking: asyncio.Lock) -> None:
        self.speaking = speaking


class Turns:
    """One running search for each visitor: a new one cancels the one before it.

    Requests may overtake each other on their way: the numbers of a visitor's choices tell the latest.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._running: OrderedDict[str, asyncio.Task[Any]] = OrderedDict()
        self._latest: OrderedDict[str, int] = OrderedDict()
        self._newest: dict[str, _Answer] = {}
        self._capacity = capacity

    def take(self, visitor: str, task: asyncio.Task[Any]) -> None:
        """Makes `task` the visitor's search, which `stop` and the next answer cancel."""
        self._running[visitor] = task
        while len(self._running) > self._capacity:
            self._running.popitem(last=False)
        task.add_done_callback(lambda ended: self._forget(visitor, ended))

    def is_latest(self, visitor: str, turn: int) -> bool:
        """Whether no later choice of the visitor has come before this one."""
        latest = self._latest.pop(visitor, turn)
        self._latest[visitor] = max(latest, turn)
        while len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return turn >= latest

    @asynccontextmanager
    async def answering(self, visitor: str) -> AsyncIterator[bool]:
        """One answer after the other: cancels the visitor's search and waits until it has said its last.

        Gradio sends what handlers yield side by side in the order in which it is done with them, so an answer
        that is still on its way could land on top of a newer one. Gives whether this one is the newest when
        its time has come; one that is not must say nothing.
        """
        self.stop(visitor)
        former = self._newest.get(visitor)
        mine = _Answer(former.speaking if former else asyncio.Lock())
        self._newest[visitor] = mine
        speaks = False
        try:
            with suppress(asyncio.TimeoutError):
                speaks = await asyncio.wait_for(mine.speaking.acquire(), PATIENCE)
            current = self._newest.get(visitor) is mine
            if speaks and not current:
                mine.speaking.release()
                speaks = False
            yield current
        finally:
            if speaks:
                mine.speaking.release()
            if self._newest.get(visitor) is mine:
                del self._newest[visitor]

    def stop(self, visitor: str) -> None:
        """Cancels the visitor's search, if one runs."""
        former = self._running.pop(visitor, None)
        if former is not None:
            former.cancel()

    def _forget(self, visitor: str, ended: asyncio.Task[Any]) -> None:
        if self._running.get(visitor) is ended:
            del self._running[visitor]

    def __len__(self) -> int:
        """How many searches run."""
        return len(self._running)
