"""`DurableWorkflow`: any agno workflow, run durably, behind agno's own methods and objects.

It *is* an `agno.workflow.Workflow`, so that whatever takes one takes it. But nothing runs in the calling process: each
method becomes a start, a decision or a read, and returns when the run has ended or waits for a human. If the caller
dies meanwhile, the run does not notice.

Only decisions are taken from the objects that a caller hands back. agno takes the whole requirement, its deadline and
its policy included (docs/differences.md, D26).
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any, TypeAlias
from uuid import uuid4

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import ErrorRequirement, StepRequirement
from temporalio.client import Client

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.decisions import decision_of
from agno_temporal.agno_bridge.pending import pending_run
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.agno_bridge.run_options import refuse_unsupported
from agno_temporal.client import RunClient, RunError, RunNotFound, refuse_closed
from agno_temporal.connect import loops
from agno_temporal.connect.settings import Settings
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Decision

_Requirement: TypeAlias = StepRequirement | ErrorRequirement


class DurableWorkflow(Workflow):
    """An agno workflow whose runs live on Temporal.

    Args:
        workflow: The workflow. It is not changed; its agents, functions and database are used as they are.
        client: A connected Temporal client. None connects by the environment (``TEMPORAL_ADDRESS``, profiles).
        task_queue: The queue of the workers that have the workflow. None is ``AGNO_TEMPORAL_TASK_QUEUE``, or
            ``agno-temporal``.

    Raises:
        PlanError: The workflow cannot be run as it is written. All of its faults are named.
        CannotConnect: No client was given, and no server answers.

    Example:
        durable = DurableWorkflow(workflow, client=client)
        run = durable.run("Process user data")
        while run.is_paused:
            for requirement in run.steps_requiring_confirmation:
                requirement.confirm()
            run = durable.continue_run(run)
    """

    def __init__(self, workflow: Workflow, *, client: Client | None = None, task_queue: str | None = None) -> None:
        plan = compile_workflow(workflow).plan
        self.__dict__.update(workflow.__dict__)
        self.id = plan.workflow_id
        self._workflow = workflow
        self._workflow_session = None  # What the workflow kept of a run of its own (`cache_session`) is no run of this.
        settings = Settings(task_queue=task_queue)
        if client is None:
            client = loops.call(settings.connect(), "Settings().connect")
        self._runs = RunClient(client, settings.queue)

    def deep_copy(self, *, update: dict[str, Any] | None = None) -> DurableWorkflow:
        """The same workflow on the same client. Step ids are kept, so that what is paused stays recognisable."""
        changed = self._workflow.deep_copy(update=update) if update else self._workflow
        return DurableWorkflow(changed, client=self._runs.client, task_queue=self._runs.task_queue)

    def run(self, input: Any = None, **options: Any) -> WorkflowRunOutput:  # type: ignore[override]
        """Run the workflow until it ends or waits for a human. Takes what agno's `Workflow.run` takes.

        A `run_id` that is given is the run's identity: the same request under the same id attaches to the first run.
        With ``background=True`` it returns as soon as the run is started, which is then PENDING: `get_run_output`
        says how far it is, and `continue_run(run_id=...)` waits for it.

        Raises:
            RunError: The run ended as ERROR; it carries the run.
            RunIdReused: The `run_id` is another run's.
            InvalidInput, NotSerialisable: The input does not fit the workflow, or cannot be kept.
            NoWorker: The run is started and kept, but nobody is there to run it.
        """
        return loops.call(self._run(input, options), "arun")

    def arun(self, input: Any = None, **options: Any) -> Coroutine[Any, Any, WorkflowRunOutput]:  # type: ignore[override]
        """`run`, to be awaited."""
        return self._run(input, options)

    def continue_run(  # type: ignore[override]
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: list[StepRequirement] | None = None,
        **options: Any,
    ) -> WorkflowRunOutput:
        """Send what was decided on the run's requirements, and wait until it ends or waits again.

        Of several open requirements, those that are answered are decided; the others stay open. Of several answers
        none is sent if one of them would be refused. With ``background=True`` it returns as soon as the decisions are
        taken, with the run as it stands then.

        Raises:
            ValueError: Nothing was decided, or an answer is not complete.
            DecisionRefused: A decision changes nothing: says why, and who decided instead.
            RunError, NoWorker: As for `run`.
        """
        return loops.call(self._continue(run_response, run_id, session_id, step_requirements, options), "acontinue_run")

    async def acontinue_run(  # type: ignore[override]
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: list[StepRequirement] | None = None,
        **options: Any,
    ) -> WorkflowRunOutput:
        """`continue_run`, to be awaited."""
        return await self._continue(run_response, run_id, session_id, step_requirements, options)

    def cancel_run(self, run_id: str) -> bool:
        """Cancel a run, paused or not. False where it had ended before."""
        return loops.call(self._runs.cancel(run_id), "acancel_run")

    async def acancel_run(self, run_id: str) -> bool:
        """`cancel_run`, to be awaited."""
        return await self._runs.cancel(run_id)

    def get_run_output(
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput:
        """The run as it stands, paused, running or ended. The run id suffices.

        Raises:
            RunNotFound: There is no such run, or not in this session, or not of this user.
            NoWorker: It is running, and nobody is there to say how far it is.
        """
        return loops.call(self._found(run_id, session_id, user_id), "aget_run_output")

    async def aget_run_output(
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput:
        """`get_run_output`, to be awaited."""
        return await self._found(run_id, session_id, user_id)

    def get_run(self, run_id: str, session_id: str | None = None) -> WorkflowRunOutput | None:
        """`get_run_output`, or None where there is no such run: how agno polls a run in the background."""
        return loops.call(self.aget_run(run_id, session_id), "aget_run")

    async def aget_run(self, run_id: str, session_id: str | None = None) -> WorkflowRunOutput | None:
        """`get_run`, to be awaited."""
        try:
            return await self._found(run_id, session_id)
        except RunNotFound:
            return None

    async def _found(self, run_id: str, session_id: str | None, user_id: str | None = None) -> WorkflowRunOutput:
        return _placed(await self._runs.run_output(run_id), session_id, user_id)

    async def _run(self, input: Any, options: dict[str, Any]) -> WorkflowRunOutput:
        if options.get("stream") is None:
            options["stream"] = self.stream
        refuse_unsupported(options)
        background = options.pop("background", None)
        run_id = options.pop("run_id", None) or str(uuid4())
        request = self._request(input, options)
        await self._runs.start(self.id or "", request, run_id)
        return pending_run(self._workflow, request, run_id) if background else await self._settled(run_id)

    def _request(self, input: Any, options: dict[str, Any]) -> RunRequest:
        """agno keeps a session id that it drew, for the next run of the same object (agno/workflow/workflow.py:930)."""
        session_id = options.pop("session_id", None) or self.session_id
        if session_id is None:
            session_id = self.session_id = str(uuid4())
        user_id = options.pop("user_id", None) or self.user_id
        return request_of(self._workflow, input, session_id=session_id, user_id=user_id, **options)

    async def _continue(
        self,
        run_response: WorkflowRunOutput | None,
        run_id: str | None,
        session_id: str | None,
        requirements: list[StepRequirement] | None,
        options: dict[str, Any],
    ) -> WorkflowRunOutput:
        if options.get("stream") is None:
            options["stream"] = self.stream
        refuse_unsupported(options)
        background = options.pop("background", None)
        if options:
            raise TypeError(f"continue_run() has no option {', '.join(map(repr, sorted(options)))}.")
        if run_response is not None and run_response.status != RunStatus.paused:
            raise ValueError(f"Cannot continue a run that is not paused. Current status: {run_response.status}")
        run_id = run_id or (run_response.run_id if run_response else None)
        if run_id is None:
            raise ValueError("Either run_response or run_id must be provided.")
        if requirements is None and run_response is not None:
            requirements = run_response.step_requirements
        given = [*(requirements or ()), *((run_response and run_response.error_requirements) or ())]
        manifest = await self._runs.manifest(run_id)
        now = _placed(await self._runs.whole(manifest), session_id)
        decisions = list(_new_decisions(given, [*(now.step_requirements or ()), *(now.error_requirements or ())]))
        if not decisions and now.is_paused:
            raise ValueError(_nothing_decided(given, manifest))
        for decision in decisions:
            refuse_closed(manifest, decision)
        for decision in decisions:
            await self._runs.decide(run_id, decision)
        return await self._runs.run_output(run_id) if background else await self._settled(run_id)

    async def _settled(self, run_id: str) -> WorkflowRunOutput:
        manifest = await self._runs.wait(run_id)
        run = await self._runs.whole(manifest)
        if run.status == RunStatus.error:
            raise RunError(run, manifest.error_type)
        return run


def _nothing_decided(given: Iterable[_Requirement], manifest: Manifest) -> str:
    """What a caller hears who continues without an answer: what waits, and what was decided of theirs meanwhile."""
    waiting = [asked.requirement.step_name for asked in manifest.asked if asked.resolution is None]
    text = f"Cannot continue run - unresolved step requirements: {waiting}. Decide one of them first."
    theirs = {one.step_id for one in given if not one.is_resolved}
    for asked in manifest.asked:
        if asked.resolution is not None and asked.requirement.id in theirs:
            decision = asked.resolution.decision
            by = decision.decided_by or "an unnamed caller"
            text += f" Step {asked.requirement.step_name!r} was decided meanwhile: {decision.action.value} by {by}."
    return text


def _placed(run: WorkflowRunOutput, session_id: str | None, user_id: str | None = None) -> WorkflowRunOutput:
    """
    Raises:
        RunNotFound: The run is in another session, or another user's.
    """
    if session_id is not None and run.session_id != session_id:
        raise RunNotFound(f"There is no run {run.run_id!r} in session {session_id!r}.")
    if user_id is not None and run.user_id != user_id:
        raise RunNotFound(f"There is no run {run.run_id!r} of user {user_id!r}.")
    return run


def _new_decisions(given: Iterable[_Requirement], now: Iterable[_Requirement]) -> Iterable[Decision]:
    """What the caller decided that the run does not know yet.

    A decision on a requirement that was closed meanwhile is among them, unless it is the very one that was recorded:
    the run refuses it, and says who won.
    """
    recorded = {one.step_id: one for one in now}
    for one in given:
        decision = decision_of(one)
        known = recorded.get(one.step_id)
        if decision is not None and (known is None or decision != decision_of(known)):
            yield decision
