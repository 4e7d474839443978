"""The worker process: ``agno-temporal worker module:workflow``, or ``python -m agno_temporal.worker``.

A deploy, a container's stop and Ctrl-C all come as a signal, with seconds to go. The first one takes no new steps on
and lets those in flight finish; what does not finish in time is run again by another worker. The second one ends the
process at once. It must be able to, whatever the user's code does, so the handlers are plain ones that run even while
a step blocks the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from types import FrameType, TracebackType
from typing import Any, TypeVar

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker, WorkerDeploymentConfig

from agno_temporal.agno_bridge.refusals import PlanError
from agno_temporal.connect.first_process import end_at_signals
from agno_temporal.connect.leaving import leave
from agno_temporal.connect.loading import CannotLoad, is_users, load_workflows
from agno_temporal.connect.settings import BadSetting, Settings
from agno_temporal.connect.tracing import TelemetryMissing
from agno_temporal.connect.versioning import BEHAVIOURS, deployment_from, how_to_use
from agno_temporal.contract.errors import ErrorType
from agno_temporal.plugin import AgnoPlugin
from agno_temporal.webhooks import WebhookError, webhooks_from_environment

T = TypeVar("T")

GRACE = timedelta(seconds=10)
"""How long steps in flight have to finish after the first signal."""

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))

logger = logging.getLogger("agno_temporal.worker")


class WorkerFailed(ConnectionError):
    """The worker cannot go on. Temporal refused it, or is gone for good."""


def work(
    settings: Settings,
    references: Sequence[str],
    max_concurrent_steps: int | None = None,
    deployment: WorkerDeploymentConfig | None = None,
) -> None:
    """Run the workflows behind `references` until a signal comes.

    Raises:
        CannotLoad, PlanError: They are not there, or cannot be run as they are written.
        WebhookError: The webhooks of this process are not configured well (AGNO_TEMPORAL_WEBHOOKS).
        TelemetryMissing: Traces are asked for, and what they need is not installed.
        CannotConnect, WorkerFailed: No server takes this worker.
    """
    log_to_stderr()
    plugin = AgnoPlugin(load_workflows(references), webhooks=webhooks_from_environment())
    asyncio.run(_work(settings, plugin, max_concurrent_steps, deployment))


async def _work(
    settings: Settings,
    plugin: AgnoPlugin,
    max_concurrent_steps: int | None,
    deployment: WorkerDeploymentConfig | None,
) -> None:
    stop = Stop()
    client = await stop.unless_first(settings.connect())
    if client is None:
        return
    async with working(client, plugin, settings.queue, max_concurrent_steps, deployment):
        await stop.wait()


@asynccontextmanager
async def working(
    client: Client,
    plugin: AgnoPlugin,
    task_queue: str,
    max_concurrent_steps: int | None = None,
    deployment: WorkerDeploymentConfig | None = None,
) -> AsyncIterator[None]:
    """A worker for the length of a block; its steps in flight have `GRACE` to finish at the end.

    Raises:
        WorkerFailed: Temporal refused it.
    """
    worker = Worker(
        client,
        task_queue=task_queue,
        plugins=[plugin],
        max_concurrent_activities=max_concurrent_steps,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
    )
    of_the_block: BaseException | None = None
    try:
        async with worker:
            names = ", ".join(plugin.registry.names())
            logger.info("ready: %s on task queue %r at %s", names, task_queue, client.service_client.config.target_host)
            if deployment is not None:
                logger.info("%s", how_to_use(deployment))
            try:
                yield
            except RuntimeError as error:
                of_the_block = error
                raise
    except RuntimeError as error:
        if error is of_the_block:
            raise
        raise WorkerFailed(f"The worker on task queue {task_queue!r} failed: {error}") from error


class Stop:
    """The process's signals, from now on: the first one ends `wait`, the second one the process.

    The system may hand a signal to any thread. Python acts on it in the main one, which sleeps in its loop; a handler
    of the loop's own, for whichever signal, has each of them wake it.

    Args:
        says_so: Whether the log has a word about it.
    """

    def __init__(self, *, says_so: bool = True) -> None:
        self._says_so = says_so
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._came = False
        self._children: list[int] = []
        self.listen()

    def listen(self) -> None:
        """Take the signals over, also from whoever took them since."""
        if not self._event.is_set():
            with suppress(NotImplementedError):  # On Windows every signal wakes the loop.
                self._loop.add_signal_handler(SIGNALS[0], _wake)
            for number in SIGNALS:
                signal.signal(number, self._on_signal)

    def stop(self) -> None:
        """End `wait`, as a signal does."""
        self._event.set()

    def ends_too(self, process: int) -> None:
        """A child that must not outlive this process."""
        self._children.append(process)

    def forgets(self, process: int) -> None:
        """A child that has ended."""
        self._children.remove(process)

    async def unless_first(self, awaited: Coroutine[Any, Any, T]) -> T | None:
        """What is awaited; None where a signal comes before it. A server that takes a call and says nothing is waited
        for half a minute, and whoever sends the signal kills before."""
        awaiting, stopping = asyncio.create_task(awaited), asyncio.create_task(self._event.wait())
        await asyncio.wait((awaiting, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if awaiting.done():
            return await awaiting
        awaiting.cancel()
        return None

    async def wait(self) -> None:
        await self._event.wait()
        if self._says_so:
            logger.info("stopping: steps in flight have %d s; once more to end at once", GRACE.total_seconds())

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Counted here too: uvicorn, which ends after the first, puts back the handlers that it had found."""
        if self._came:
            self._end_at_once(number, frame)
        self._came = True
        for every in SIGNALS:
            signal.signal(every, self._end_at_once)
        self._loop.call_soon_threadsafe(self._event.set)

    def _end_at_once(self, number: int, frame: FrameType | None) -> None:
        for process in self._children:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        os._exit(128 + number)


def _wake() -> None:
    """What the loop does about a signal, beside waking up."""


def log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("temporalio.activity").addFilter(_shorten)


def _shorten(record: logging.LogRecord) -> bool:
    """Leave the user's part of a failure's traceback, and of a blocked step only the reason: it is tried every half
    minute, for days perhaps."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, ApplicationError) and activity.in_activity():
        own = error.__cause__ if error.type in (ErrorType.STEP_RAISED, ErrorType.STEP_FAILED) else None
        task = activity.info()
        record.msg, record.args = "run %s, %s: %s", (task.workflow_id, task.activity_id, error)
        record.exc_info = (type(own), own, _users_part(own.__traceback__)) if own else None
    return True


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from the first frame of the user's code on; all of it, where there is none."""
    part = trace
    while part is not None and not is_users(part.tb_frame.f_code.co_filename):
        part = part.tb_next
    return part or trace


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m agno_temporal.worker``. Returns 2 for a wrong reference or workflow, 3 where no server answers."""
    end_at_signals()
    given = _parser().parse_args(arguments)
    settings = Settings(given.address, given.namespace, given.profile, given.task_queue)
    try:
        deployment = deployment_from(given.deployment, given.build_id, given.versioning)
        work(settings, given.app, given.max_concurrent_steps, deployment)
    except (BadSetting, CannotLoad, PlanError, TelemetryMissing, WebhookError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except ConnectionError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agno_temporal.worker", description="Run agno workflows' steps.")
    parser.add_argument("app", nargs="+", help="module:object, app.py:object, or app.py for every workflow in it")
    parser.add_argument("--address", help="host:port of Temporal (TEMPORAL_ADDRESS; localhost:7233)")
    parser.add_argument("--namespace", help="Temporal namespace (TEMPORAL_NAMESPACE; default)")
    parser.add_argument("--profile", help="profile of Temporal's configuration file (TEMPORAL_PROFILE)")
    parser.add_argument("--task-queue", help="queue to work on (AGNO_TEMPORAL_TASK_QUEUE; agno-temporal)")
    parser.add_argument("--deployment", help="name of the deployment whose version this is (TEMPORAL_DEPLOYMENT_NAME)")
    parser.add_argument("--build-id", help="version of the code (TEMPORAL_WORKER_BUILD_ID)")
    parser.add_argument("--versioning", choices=tuple(BEHAVIOURS), help="(AGNO_TEMPORAL_VERSIONING; auto-upgrade)")
    parser.add_argument("--max-concurrent-steps", type=_at_least_one, help="steps that run here at once (100)")
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


if __name__ == "__main__":
    leave(main())
