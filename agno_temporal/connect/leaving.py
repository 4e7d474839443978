"""Leaving: why a command that used Temporal does not end by itself.

Temporal's client works on threads of its own, and they hand results over to Python. One that does so while Python is
taken down aborts the process: 4 of 156 commands that had done their work and said so ended with SIGABRT
(temporalio 1.35, "PyGILState_Release ... must be current when releasing"), and an exit code that means something cannot
be left to that. Python also waits for its threads, and a step that nobody can stop may still run in one.

So what is registered to run at the exit runs, what was written is flushed, and the process ends.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End this process with an exit code, now."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
