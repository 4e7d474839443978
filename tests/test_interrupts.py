"""A signal is acted on whichever thread the system hands it to.

Python's handlers run in the main thread. One that sleeps, in a lock or in an event loop, is not woken by a signal that
came to another, and Ctrl-C would be lost. Here another thread sends it to itself, so that none of it is chance.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.processes import Process

ANOTHER_THREAD = """
import asyncio, signal, threading, time
from agno_temporal.connect.loops import call
from agno_temporal.worker import Stop

def interrupt():
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), {number})

another_thread = threading.Thread(target=interrupt)
"""

A_CALL = """
async def never():
    another_thread.start()
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned up", flush=True)

call(never(), "never")
"""

A_PROCESS_THAT_STOPS = """
async def main():
    stop = Stop()
    another_thread.start()
    await stop.wait()
    print("stopped", flush=True)

asyncio.run(main())
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows sends signals to no thread")


def interrupted(tmp_path: Path, script: str, number: int = signal.SIGINT) -> Process:
    """The script, while whose main thread sleeps another is sent a signal."""
    return Process("-c", ANOTHER_THREAD.format(number=int(number)) + script, directory=tmp_path)


async def test_a_synchronous_call_is_interrupted_and_cleans_up(tmp_path: Path):
    process = interrupted(tmp_path, A_CALL)
    assert await process.ended() == -signal.SIGINT
    assert "cleaned up\n" in process.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_process_stops(tmp_path: Path, number: int):
    process = interrupted(tmp_path, A_PROCESS_THAT_STOPS, number)
    assert await process.ended() == 0
    assert "stopped\n" in process.said
