"""Everything in this process: Temporal's development server, a worker, and the workflows.

For scripts, notebooks, tests and single machines. The server, the client and the worker live on a loop and a thread of
their own, so that a caller may block, or run a loop itself. Whatever happens inside the block, all of it is taken down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from agno.workflow import Workflow
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.worker import Worker

from agno_temporal.agno_bridge.primitives import made_of
from agno_temporal.agno_bridge.refusals import PlanError, Problem
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.client import RunClient
from agno_temporal.connect import loops
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.detached import Detached
from agno_temporal.connect.dev_server import start_dev_server
from agno_temporal.connect.telemetry import telemetry_from_environment
from agno_temporal.contract import names
from agno_temporal.contract.request import RunRequest
from agno_temporal.durable import DurableWorkflow
from agno_temporal.durable.legs import View
from agno_temporal.plan import NO_OPTIONS, StepOptions
from agno_temporal.plugin import AgnoPlugin

if TYPE_CHECKING:
    from temporalio.testing import WorkflowEnvironment

    from agno_temporal.webhooks import Webhooks


class Embedded:
    """A runtime for the length of a ``with`` or ``async with`` block, or from `start` to `stop`. Made by `embedded`."""

    def __init__(
        self,
        plugin: AgnoPlugin,
        database: str | Path | None,
        port: int | None,
        binary: str | Path | None,
        task_queue: str,
        data_converter: DataConverter | None,
    ) -> None:
        self._plugin = plugin
        self._database = database
        self._port = port
        self._binary = binary
        self.task_queue = task_queue
        self._data_converter = data_converter
        self._thread: loops.LoopThread | None = None
        self._stack = AsyncExitStack()
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The Temporal client of this runtime."""
        if self._client is None:
            raise RuntimeError(
                "The runtime is not running. Use it inside `with embedded() as runtime:`, or call its start() before."
            )
        return self._client

    def durable(self, workflow: Workflow, *, step_options: Mapping[str, StepOptions] | None = None) -> DurableWorkflow:
        """A workflow that runs here. Workflows may be added at any time.

        One takes the place of an earlier one of its id that has the same plan, as a mended cell of a notebook does.
        Then the earlier one's handle starts no run any more, which would run this one's functions.

        Raises:
            PlanError: It cannot be run as it is written, or one of its id has another plan: what differs is named.
            RuntimeError: The runtime is not running.
        """
        workflow = made_of(workflow)
        self._plugin.add(workflow, step_options=step_options)
        return _Registered(workflow, self, self._plugin.registry)

    def start(self) -> Embedded:
        """Start it, for cells of a notebook, which no block holds together. Returns itself; one that runs is left as it
        is."""
        if self._thread is not None:
            return self
        loops.has_client()
        thread = loops.LoopThread("agno-temporal-embedded")
        try:
            thread.call(self._start())
        except BaseException:
            thread.stop()
            raise
        self._thread = thread
        return self

    def stop(self) -> None:
        """Take all of it down. Where that is done already, nothing."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            thread.call(self._stop())
        finally:
            thread.stop()

    def __enter__(self) -> Embedded:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Embedded:
        entering = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            return await asyncio.shield(entering)
        except asyncio.CancelledError:  # A thread is not cancelled: what it has started would be left behind.
            await asyncio.wait([entering])
            if entering.exception() is None:
                await asyncio.to_thread(self.stop)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    async def _start(self) -> None:
        try:
            with Detached(self._binary) as detached:
                self._stack.callback(detached.let_go)
                environment = await start_dev_server(port=self._port, database=self._database, binary=detached.command)
            server: WorkflowEnvironment = await self._stack.enter_async_context(environment)
            config = server.client.config()
            config["data_converter"] = self._data_converter or data_converter_from_environment()
            config["plugins"] = [self._plugin, *telemetry_from_environment()]
            self._client = Client(**config)
            await self._stack.enter_async_context(Worker(self._client, task_queue=self.task_queue))
        except BaseException:
            await self._stop()
            raise

    async def _stop(self) -> None:
        self._client = None
        await self._stack.aclose()


class _Registered(DurableWorkflow):
    """A workflow of a runtime, which knows whether that runs, and when another workflow has taken its place."""

    _reached: RunClient

    def __init__(self, workflow: Workflow, runtime: Embedded, registry: Registry) -> None:
        super().__init__(workflow, client=runtime.client, task_queue=runtime.task_queue)
        self._runtime = runtime
        self._registry = registry

    @property
    def _runs(self) -> RunClient:
        """
        Raises:
            RuntimeError: The runtime does not run. Its server is gone, and a client would look for it for ten seconds.
        """
        client = self._runtime.client
        if self._reached.client is not client:  # It was stopped, and started again.
            self._reached = RunClient(client, self._runtime.task_queue)
        return self._reached

    @_runs.setter
    def _runs(self, runs: RunClient) -> None:
        self._reached = runs

    async def _start(self, input: Any, options: dict[str, Any], view: View) -> tuple[str, RunRequest]:
        """
        Raises:
            PlanError: Another one has.
        """
        name = self.id or ""
        if not self._registry.is_of(self._workflow, name):
            text = (
                "another workflow of this id was registered here since, and its functions would run. Give each its own "
                "`id` or `name`; or where it is the same one, mended, start runs with what `durable` returned last."
            )
            raise PlanError([Problem(name, text)])
        return await super()._start(input, options, view)


def embedded(
    workflows: Sequence[Workflow] = (),
    *,
    database: str | Path | None = None,
    port: int | None = None,
    binary: str | Path | None = None,
    task_queue: str = names.TASK_QUEUE,
    webhooks: Webhooks | None = None,
    data_converter: DataConverter | None = None,
    options: StepOptions = NO_OPTIONS,
    continue_after: int | None = None,
) -> Embedded:
    """A Temporal server and a worker in this process, for the length of a block.

    Args:
        workflows: Workflows to have from the start, such as those whose runs a kept `database` still holds.
        database: A file in which the server keeps its data, so that runs outlive this process. None keeps nothing.
        port: The server's port. None takes a free one.
        binary: Temporal's command line; None looks on the PATH and beside this Python (extra ``local``).
        task_queue: The queue of the worker.
        webhooks: Whom runs tell of their questions and their end.
        data_converter: How data is written into Temporal. None is by the environment, as `Settings` has it.
        options: How Temporal runs every step, where nothing nearer says otherwise (`AgnoPlugin`).
        continue_after: After about so many events a run's history goes on in a new Temporal run (`AgnoPlugin`).

    Example:
        with embedded() as runtime:
            durable = runtime.durable(workflow)
            run = durable.run("Process user data")

        runtime = embedded().start()  # in a notebook, until runtime.stop()
    """
    plugin = AgnoPlugin(workflows, webhooks=webhooks, options=options, continue_after=continue_after)
    return Embedded(plugin, database, port, binary, task_queue, data_converter)
