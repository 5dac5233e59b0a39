"""Threads, interrupts, forks, and event loops."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BOOT, DONE, Reply, Request, Scripted, photo_script

import vitrina

PENDING = Reply(202, {"status": "pending", "stage": "started"}, {"retry-after": "1"})


def test_other_threads_run_during_a_call(server: Scripted) -> None:
    server.always(200, {"categories": []}, delay=0.5)
    beats = 0
    stop = threading.Event()

    def beat() -> None:
        nonlocal beats
        while not stop.wait(0.01):
            beats += 1

    thread = threading.Thread(target=beat)
    thread.start()
    vitrina.Client(server.url).categories()
    stop.set()
    thread.join()
    assert beats > 10


def test_one_client_serves_many_threads(server: Scripted) -> None:
    all_are_here = threading.Barrier(8, timeout=20)

    def together(number: int, request: Request) -> Reply:
        all_are_here.wait()
        return Reply(200, BOOT)

    server.script = together
    client = vitrina.Client(server.url)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(client.product, range(8)))
    assert len(found) == 8


def test_an_interrupt_ends_a_call(server: Scripted) -> None:
    server.always(200, {}, delay=20)
    # A program started in the background ignores interrupts unless it says otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            vitrina.Client(server.url).categories()
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - start < 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_after_use_is_told_rather_than_left_hanging(server: Scripted) -> None:
    server.always(200, {"categories": []})
    program = f"""
import os, vitrina
client = vitrina.Client({server.url!r})
def child(expected):
    pid = os.fork()
    if pid == 0:
        try:
            reported = repr(client.categories())
        except vitrina.VitrinaError as error:
            reported = str(error)
        os._exit(0 if expected in reported else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, expected
child("[]")
client.categories()
child("spawn")
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_leaving_while_a_call_runs_does_not_hang(server: Scripted) -> None:
    server.always(200, {}, delay=20)
    program = f"""
import threading, time, vitrina
threading.Thread(target=vitrina.Client({server.url!r}).categories, daemon=True).start()
time.sleep(0.3)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=10)


def test_a_program_ends_well_while_a_thread_still_hands_over_its_answer(server: Scripted) -> None:
    """As under load: the event loop has the answer and the program is over before the thread that brought it goes on."""
    server.always(200, {"categories": []})
    program = f"""
import asyncio, sys, time, vitrina
class Loaded(asyncio.SelectorEventLoop):
    def call_soon_threadsafe(self, *arguments, **context):
        handle = super().call_soon_threadsafe(*arguments, **context)
        time.sleep(0.3)
        return handle
class LastsLong:
    def __del__(self, sleep=time.sleep):
        sleep(0.6)
sys.finalized_late = LastsLong()
loop = Loaded()
print(loop.run_until_complete(vitrina.AsyncClient({server.url!r}).categories()))
loop.close()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "[]\n", "")


def test_no_answer_reaches_a_program_that_is_over(server: Scripted) -> None:
    server.always(200, {"categories": []}, delay=0.5)
    program = f"""
import asyncio, sys, time, vitrina
class LastsLong:
    def __del__(self, sleep=time.sleep):
        sleep(1)
sys.finalized_late = LastsLong()
loop = asyncio.new_event_loop()
async def begin():
    global call
    call = asyncio.ensure_future(vitrina.AsyncClient({server.url!r}).categories())
    await asyncio.sleep(0.1)
loop.run_until_complete(begin())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr


def test_a_call_that_comes_too_late_raises_rather_than_hangs(server: Scripted) -> None:
    server.always(200, {"categories": []})
    program = f"""
import asyncio, atexit
@atexit.register
def registered_before_the_import():
    print(vitrina.Client({server.url!r}).categories())
    try:
        asyncio.run(vitrina.AsyncClient({server.url!r}).categories())
    except vitrina.VitrinaError as error:
        print(error)
import vitrina
@atexit.register
def registered_after_it():
    print(asyncio.run(vitrina.AsyncClient({server.url!r}).categories()))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr
    first, second, third = ended.stdout.splitlines()
    assert first == second == "[]" and "the program is ending" in third


def test_an_answer_to_a_loop_that_was_closed_is_dropped(server: Scripted) -> None:
    server.always(200, {"categories": []}, delay=0.3)

    async def begin(client: vitrina.AsyncClient) -> None:
        asyncio.ensure_future(client.categories())  # noqa: RUF006
        await asyncio.sleep(0.1)

    async def whole(client: vitrina.AsyncClient) -> list[vitrina.Category]:
        return await client.categories()

    client = vitrina.AsyncClient(server.url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin(client))
    loop.close()
    assert asyncio.run(whole(client)) == []


def test_a_call_needs_an_event_loop_that_runs(server: Scripted) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        vitrina.AsyncClient(server.url).categories().send(None)


def test_the_async_client_does_the_same(server: Scripted) -> None:
    async def main() -> None:
        heard: list[str] = []
        async with vitrina.AsyncClient(server.url) as client:
            server.script = photo_script(PENDING, Reply(200, DONE))
            answer = await client.search_image(b"photo", on_progress=heard.append)
            assert answer.predictions[0].category == "Zapatos" and heard == ["queued", "started"]
            server.always(200, {"products": [BOOT], "next_cursor": None})
            pages = await asyncio.gather(*(client.products(limit=5, in_stock=True) for _ in range(5)))
            assert {page.products[0].name for page in pages} == {"Bota"}
            assert [found.id for found in await client.similar(7)] == [7]
            server.always(404, {"title": "no such product", "detail": "look again"})
            with pytest.raises(vitrina.NotFound, match="look again"):
                await client.product(9)
            assert await client.health() is False
        with pytest.raises(vitrina.VitrinaError, match="closed"):
            await client.categories()

    asyncio.run(main())


def test_cancelling_ends_the_request_and_the_loop_goes_on(server: Scripted) -> None:
    server.script = photo_script(PENDING)

    async def main() -> None:
        client = vitrina.AsyncClient(server.url)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.search_image(b"photo", timeout=60), 0.5)
        asked = len(server.requests)
        await asyncio.sleep(1.5)
        assert len(server.requests) == asked

    asyncio.run(main())


def test_many_loops_one_after_the_other(server: Scripted) -> None:
    server.always(200, {"categories": []})
    client = vitrina.AsyncClient(server.url)
    for _ in range(3):
        assert asyncio.run(client.categories()) == []
