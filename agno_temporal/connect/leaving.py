"""Leaving: why a process that used Temporal does not end by itself.

Temporal's client works on threads of its own, and they hand results over to Python. One that is not done with that when
Python is taken down aborts the process: 9 of 200 scripts that asked a server one thing ended with SIGABRT or SIGSEGV
(temporalio 1.35, "PyGILState_Release ... must be current when releasing"). The script has its result a moment before
the thread that brought it is done, and no one can ask that thread. So Python waits for a moment at its exit: none of
900 ended so, with a fifth of it.

An exit code that means something cannot be left to a moment. Python also waits for its threads, and a step that nobody
can stop may still run in one. So our commands leave: what is registered to run at the exit runs, what was written is
flushed, and the process ends.
"""

from __future__ import annotations

import atexit
import functools
import os
import sys
import time
from contextlib import suppress
from typing import NoReturn

HAND_OVER = 0.05
"""Seconds that threads of Temporal's client are given at the exit, or before a loop is closed."""


@functools.cache
def wait_at_exit() -> None:
    """Have Python wait for the client's threads before it is taken down: once, however often this is said."""
    atexit.register(_wait)


def _wait() -> None:
    time.sleep(HAND_OVER)


def leave(code: int) -> NoReturn:
    """End this process with an exit code, now."""
    atexit.unregister(_wait)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
