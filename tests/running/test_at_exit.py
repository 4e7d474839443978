"""A script that is done lets the threads of Temporal's client end what they hand over, before Python is taken down."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, threading, time

from agno_temporal.connect import loops

def hand_over():
    time.sleep(0.01)
    os.write(1, b"handed over")

{client}
threading.Thread(target=hand_over, daemon=True).start()
"""


def script(client: str) -> str:
    command = [sys.executable, "-c", SCRIPT.format(client=client)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_python_waits_for_a_thread_that_is_still_handing_over() -> None:
    assert script("loops.has_client()") == "handed over"


def test_python_waits_where_a_worker_ran() -> None:
    assert script("loops.worker_starts(None)") == "handed over"


def test_a_process_that_has_no_client_ends_at_once() -> None:
    assert script("") == ""
