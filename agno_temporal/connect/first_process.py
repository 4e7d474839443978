"""The first process of a container, and the signals that it is not given.

Linux hands the first process of a container no signal that it has no handler for, and Python comes without one for
SIGTERM. An app takes seconds to load; told to stop in these, the process would load on, begin to work, and be killed
when its grace is over, with what it has begun. Elsewhere the same signal ends it at once. So it does here, until the
command has handlers of its own.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn

SIGNALS = ("SIGTERM", "SIGHUP")


def end_at_signals() -> None:
    """Let signals end this process, if it is the first one: what comes first in a command."""
    if os.getpid() != 1:
        return
    for name in SIGNALS:
        number: signal.Signals = getattr(signal, name)
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
