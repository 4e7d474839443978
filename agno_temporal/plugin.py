"""One plugin makes a Temporal client and its workers run agno workflows.

A worker takes its client's plugins over, and Temporal refuses a worker with an activity registered twice; users attach
a plugin to both. So attaching it again changes nothing, and two different ones on one worker are refused with the way
out, since each would answer for any workflow type.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agno.workflow import Workflow
from temporalio.common import VersioningBehavior
from temporalio.plugin import SimplePlugin
from temporalio.worker import ReplayerConfig, Worker, WorkerConfig, WorkerDeploymentConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from agno_temporal.activities.cache import DEFAULT_BYTES, BodyCache
from agno_temporal.activities.carry import Carry
from agno_temporal.activities.continue_executor import ContinueExecutor
from agno_temporal.activities.evaluate import Evaluate
from agno_temporal.activities.event_time import EventTime
from agno_temporal.activities.host import Host
from agno_temporal.activities.notify import Notify
from agno_temporal.activities.open_run import OpenRun
from agno_temporal.activities.project import Project
from agno_temporal.activities.record import Record
from agno_temporal.activities.run_step import RunStep
from agno_temporal.activities.threads import Threads, widen
from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.primitives import made_of, workflow_id_of
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.connect import loops
from agno_temporal.connect.deliveries import delivering, is_for_deliveries
from agno_temporal.connect.discreet import discreet
from agno_temporal.plan import NO_OPTIONS, StepOptions
from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.uninterrupted import Uninterrupted

if TYPE_CHECKING:
    from agno_temporal.webhooks import Webhooks

STICKY_TIMEOUT = timedelta(seconds=1)
"""After a kill, a workflow task goes to the dead worker first, for so long: Temporal's 10 s would be the outage."""

HEARTBEAT_THROTTLE = timedelta(seconds=1)
"""A cancel reaches a step with its next heartbeat, and Temporal would send one in thirty seconds."""

WORKFLOW_TASKS = 10
"""How many workflow tasks a worker has in hand, where nothing says otherwise. A run that is in no worker's memory is
replayed in its task, and Python replays one at a time, however many have begun: of Temporal's 100, each is as slow as
all of them, none is done within its five seconds, and all are begun anew, for ever."""

CONTINUE_AFTER = 1_000
"""A question to a run that is in no worker's memory is answered once its history was replayed: half a second
for so many events."""


class AgnoPlugin(SimplePlugin):
    """Runs agno workflows on a client's workers.

    Args:
        workflows: The workflows, as they are. More can be added later with `add`; what `step_options` and `webhooks`
            name must be among those that are given here, unless none is.
        options: How Temporal runs every step (timeouts, retries, queue), where nothing nearer says otherwise.
        step_options: By workflow id, then by step name or path.
        cache_bytes: How much memory outputs may take that later steps are likely to ask for.
        webhooks: Whom runs tell of their questions and their end, from the next one on that is opened here.
        continue_after: After about so many events a run's history goes on in a new Temporal run, under the same id. For
            runs that are opened here from now on. 0 is "never": such a run ends at Temporal's limits. None is 1,000.

    Raises:
        PlanError: A workflow cannot be run as it is written, all of its faults are named; or two have one id.
        ValueError: An option is for a workflow that is not there, or is no number of events.

    Example:
        client = await Client.connect("localhost:7233", plugins=[AgnoPlugin(workflows=[release])])
        worker = Worker(client, task_queue="agno-temporal")
    """

    def __init__(
        self,
        workflows: Sequence[Workflow] = (),
        *,
        options: StepOptions = NO_OPTIONS,
        step_options: Mapping[str, Mapping[str, StepOptions]] | None = None,
        cache_bytes: int = DEFAULT_BYTES,
        webhooks: Webhooks | None = None,
        continue_after: int | None = None,
    ) -> None:
        continue_after = CONTINUE_AFTER if continue_after is None else continue_after
        if continue_after < 0:
            raise ValueError(f"continue_after is a number of events, or 0 for never, not {continue_after}.")
        self.registry = Registry()
        self._options = options
        self._step_options = dict(step_options or {})
        self._threads = Threads()
        carry = Carry()
        host = Host(self.registry, self._threads, BodyCache(cache_bytes), webhooks, continue_after)
        self._webhooks = webhooks
        self._running: set[Worker] = set()
        super().__init__(
            "agno_temporal.AgnoPlugin",
            workflows=[AgnoRun],
            activities=[
                OpenRun(host).open_run,
                RunStep(host).run_step,
                ContinueExecutor(host).continue_executor,
                Evaluate(host).evaluate,
                Project(host).project,
                EventTime().event_time,
                Record().record,
                Notify().notify,
                carry.keep,
                carry.carry,
            ],
            workflow_runner=_with_agno_outside,
        )
        for workflow in workflows:
            self._add(workflow)
        if workflows:
            self._refuse_unknown()

    def add(self, workflow: Workflow, *, step_options: Mapping[str, StepOptions] | None = None) -> Compiled:
        """Register one more workflow, at any time. It takes the place of one of its id that has the same plan, as in a
        notebook, where a function was mended.

        Raises:
            PlanError: It cannot be run as it is written, or one of its id has another plan: what differs is named.
        """
        return self._add(workflow, step_options, anew=True)

    def _add(
        self, workflow: Workflow, step_options: Mapping[str, StepOptions] | None = None, *, anew: bool = False
    ) -> Compiled:
        workflow = made_of(workflow)
        chosen = step_options or self._step_options.get(workflow_id_of(workflow) or "")
        return self.registry.add(workflow, options=self._options, step_options=chosen, anew=anew)

    def _refuse_unknown(self) -> None:
        """
        Raises:
            ValueError: An option, or a webhook, is for a workflow that is not there.
        """
        if unknown := sorted(set(self._step_options) - set(self.registry.names())):
            raise ValueError(
                f"step_options names workflow {unknown[0]!r}, which is not registered; registered are "
                f"{', '.join(self.registry.names())}. Use the workflow's id."
            )
        if self._webhooks is not None:
            self._webhooks.refuse_unknown(self.registry.names())

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """See base class."""
        if is_for_deliveries(config) or self._is_attached(config):
            return config
        _refuse_other_dynamic(config.get("workflows") or ())
        _refuse_no_behaviour(config.get("deployment_config"))
        config = super().configure_worker(config)
        runner = config.get("unsandboxed_workflow_runner")
        config["unsandboxed_workflow_runner"] = Uninterrupted(runner, config.get("client"))
        if config.get("sticky_queue_schedule_to_start_timeout") == timedelta(seconds=10):
            config["sticky_queue_schedule_to_start_timeout"] = STICKY_TIMEOUT
        if config.get("max_heartbeat_throttle_interval") == timedelta(seconds=60):
            config["max_heartbeat_throttle_interval"] = HEARTBEAT_THROTTLE
        if config.get("default_heartbeat_throttle_interval") == timedelta(seconds=30):
            config["default_heartbeat_throttle_interval"] = HEARTBEAT_THROTTLE
        if config.get("tuner") is None and config.get("max_concurrent_workflow_tasks") is None:
            config["max_concurrent_workflow_tasks"] = WORKFLOW_TASKS
        self._threads.grow(_steps_at_once(config))
        return config

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """See base class."""
        if AgnoRun in (config.get("workflows") or ()):
            return config
        config = super().configure_replayer(config)
        config["unsandboxed_workflow_runner"] = Uninterrupted(config.get("unsandboxed_workflow_runner"))
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        """See base class. Notes which loop works, so that nobody blocks it unawares."""
        if worker in self._running or is_for_deliveries(worker.config()):
            await super().run_worker(worker, next)
            return
        loop = asyncio.get_running_loop()
        loops.worker_starts(loop)
        widen(loop, _steps_at_once(worker.config()))
        self._running.add(worker)
        try:
            with discreet(worker.client.data_converter):
                async with delivering(worker, self._webhooks):
                    await super().run_worker(worker, next)
        finally:
            self._running.discard(worker)
            loops.worker_ends(loop)

    def _is_attached(self, config: WorkerConfig) -> bool:
        if AgnoRun not in (config.get("workflows") or ()):
            return False
        ours: Any = self.activities
        if all(activity in (config.get("activities") or ()) for activity in ours):
            return True
        raise ValueError(
            "This worker has another AgnoPlugin already. Give one plugin all workflows: AgnoPlugin(workflows=[a, b])."
        )


def _steps_at_once(config: WorkerConfig) -> int:
    """How many steps the worker takes. A tuner that knows no bound counts as one that goes by the machine's load, which
    takes 500 (temporalio/worker/_tuning.py:18)."""
    tuner = config.get("tuner")
    if tuner is not None:
        return tuner._get_activities_max() or 500
    return config.get("max_concurrent_activities") or 100


def _with_agno_outside(runner: WorkflowRunner | None) -> WorkflowRunner:
    """The user's own workflows may stand in a module that imports agno, which the sandbox cannot load: a library of
    agno's draws random numbers when it is imported."""
    runner = runner or SandboxedWorkflowRunner()
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    return replace(runner, restrictions=runner.restrictions.with_passthrough_modules("agno", "agno_temporal"))


def _refuse_no_behaviour(deployment: WorkerDeploymentConfig | None) -> None:
    """How runs change versions is for their operator to say, and not for the definition that they share."""
    if deployment is None or not deployment.use_worker_versioning:
        return
    if deployment.default_versioning_behavior is VersioningBehavior.UNSPECIFIED:
        raise ValueError(
            "This worker has a version, and no default_versioning_behavior. Give its WorkerDeploymentConfig one: "
            "VersioningBehavior.AUTO_UPGRADE, or PINNED (docs/upgrading.md)."
        )


def _refuse_other_dynamic(workflows: Sequence[type]) -> None:
    for cls in workflows:
        definition = getattr(cls, "__temporal_workflow_definition", None)
        if definition is not None and definition.name is None:
            raise ValueError(
                f"This worker has a dynamic workflow already, {cls.__name__}. AgnoPlugin brings one of its own, and "
                "Temporal allows one per worker: run them on two workers with two task queues."
            )
