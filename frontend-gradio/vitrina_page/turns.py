"""Cancellation and ordering: one running search per visitor, the latest wins."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

# How many seconds an answer waits for the one before it, should that never end.
PATIENCE = 5.0


class _Answer:
    """A search that sends its answer while it holds `speaking`."""

    def __init__(self, speaking: asyncio.Lock) -> None:
        self.speaking = speaking


class Turns:
    """One running search per visitor: a new one cancels the one before it.

    Requests may arrive out of order; a visitor's choices are numbered, and the highest number is the latest.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._running: OrderedDict[str, asyncio.Task[Any]] = OrderedDict()
        self._latest: OrderedDict[str, int] = OrderedDict()
        self._newest: dict[str, _Answer] = {}
        self._capacity = capacity

    def take(self, visitor: str, task: asyncio.Task[Any]) -> None:
        """Registers `task` as the visitor's search, which `stop` and the next answer cancel."""
        self._running[visitor] = task
        while len(self._running) > self._capacity:
            self._running.popitem(last=False)
        task.add_done_callback(lambda ended: self._forget(visitor, ended))

    def is_latest(self, visitor: str, turn: int) -> bool:
        """Returns whether no later choice of the visitor has arrived."""
        latest = self._latest.pop(visitor, turn)
        self._latest[visitor] = max(latest, turn)
        while len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return turn >= latest

    @asynccontextmanager
    async def answering(self, visitor: str) -> AsyncIterator[bool]:
        """Serializes answers: cancels the visitor's search and waits until it has ended.

        Gradio may deliver the updates of concurrent handlers in any order, so a late update could overwrite a
        newer one. Yields whether this answer is the newest; one that is not must send nothing.
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
        """The number of running searches."""
        return len(self._running)
