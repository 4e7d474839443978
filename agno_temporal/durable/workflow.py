"""`DurableWorkflow`: any agno workflow, run durably, behind agno's own methods and objects.

It *is* an `agno.workflow.Workflow`, so that whatever takes one takes it. But nothing runs in the calling process: each
method becomes a start, a decision or a read, and returns when the run has ended or waits for a human. If the caller
dies meanwhile, the run does not notice.

Only decisions are taken from the objects that a caller hands back. agno takes the whole requirement, its deadline and
its policy included (docs/differences.md, D26).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, Literal, overload

from agno.run.workflow import WorkflowRunOutput, WorkflowRunOutputEvent
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement
from temporalio.client import Client

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.primitives import made_of
from agno_temporal.agno_bridge.tool_requirement import answerable
from agno_temporal.client import RunClient, RunNotFound
from agno_temporal.connect import loops
from agno_temporal.connect.settings import Settings
from agno_temporal.contract.request import RunRequest
from agno_temporal.durable.forgetting import forget_session
from agno_temporal.durable.legs import Legs, View
from agno_temporal.durable.positions import by_position

_OF_A_RUN = frozenset(
    {
        *("session_state", "metadata", "dependencies"),
        *("add_dependencies_to_context", "add_session_state_to_context"),
    }
)
"""What the workflow has, and each run may be given as well."""

_OF_THE_WORKERS = _OF_A_RUN | {
    *("steps", "agent", "input_schema", "overwrite_db_session_state", "add_workflow_history_to_steps"),
    *("num_history_runs", "store_media", "media_storage", "events_to_skip", "stream_executor_events"),
    *("store_executor_outputs", "id", "name", "description", "db"),
}
"""What nobody looks at in the caller's process, or not to run the workflow."""


class DurableWorkflow(Legs):
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
        workflow = made_of(workflow)
        plan = compile_workflow(workflow).plan
        self.__dict__.update(workflow.__dict__, id=plan.workflow_id)
        self._workflow = workflow
        self._workflow_session = None  # What the workflow kept of a run of its own (`cache_session`) is no run of this.
        settings = Settings(task_queue=task_queue)
        loops.has_client()
        if client is None:
            client = loops.call(settings.connect(), "Settings().connect")
        self._runs = RunClient(client, settings.queue)
        self._drawn = None
        self._is_served = False

    def __setattr__(self, name: str, value: Any) -> None:
        """
        AgentOS gives its database to a workflow that has none (agno/os/app.py:1294). Nobody knows at that moment that
        it is AgentOS, so that another's is refused where a run is started.

        Raises:
            AttributeError: Runs would not heed it.
        """
        before = self.__dict__.get(name)
        is_same = value is before or (isinstance(value, str) and value == before)
        if name in _OF_THE_WORKERS and not is_same and (name != "db" or before is not None):
            raise _unheeded(name)
        super().__setattr__(name, value)

    @property
    def runs(self) -> RunClient:
        """A client for this workflow's runs: to list, follow and decide them by their ids."""
        return self._runs

    @property
    def client(self) -> Client:
        """The Temporal client."""
        return self._runs.client

    @property
    def task_queue(self) -> str:
        """The queue of the workers that have the workflow."""
        return self._runs.task_queue

    def deep_copy(self, *, update: dict[str, Any] | None = None) -> DurableWorkflow:
        """The same workflow on the same client. Step ids are kept, so that what is paused stays recognisable.

        Where AgentOS has taken the workflow, it is the copy for one request of its routes.
        """
        changed = self._workflow.deep_copy(update=update) if update else self._workflow
        copy = DurableWorkflow(changed, client=self._runs.client, task_queue=self._runs.task_queue)
        copy.store_events = (update or {}).get("store_events", self.store_events)
        if not self._is_served:
            return copy
        from agno_temporal.durable.served import Served

        return Served.of(copy)

    def propagate_run_hooks_in_background(self, run_in_background: bool = True) -> None:
        """AgentOS takes the workflow, and calls this for each that it takes, and nobody else does. What it asks for has
        no meaning here: hooks run in their step, on a worker."""
        from agno_temporal.agentos.taking import take

        take(self.id or "", self.db, self._runs)
        self._is_served = True

    def initialize_workflow(self) -> None:
        """A `WorkflowFactory` calls this for what it has made (agno/workflow/factory.py:16), and of ours nobody else
        does. AgentOS would neither copy the workflow nor ask it to cancel a run, and resume none.

        Raises:
            NotImplementedError: In any case.
        """
        raise NotImplementedError(
            f"A WorkflowFactory made the DurableWorkflow {self.id!r}, whose runs AgentOS does not reach through a "
            "factory. Give AgentOS the DurableWorkflow itself: AgentOS(workflows=[durable]). What differs from request "
            "to request goes into a run's input, dependencies or session_state."
        )

    async def _start(self, input: Any, options: dict[str, Any], view: View) -> tuple[str, RunRequest]:
        """
        Raises:
            AttributeError: It was given a database that its workers do not have, and not by AgentOS.
        """
        if self.db is not self._workflow.db and not self._is_served:
            raise _unheeded("db")
        return await super()._start(input, options, view)

    @overload  # type: ignore[override]
    def run(
        self, input: Any = None, *args: Any, stream: Literal[True], stream_events: bool | None = None, **options: Any
    ) -> Iterator[WorkflowRunOutputEvent]: ...

    @overload
    def run(
        self,
        input: Any = None,
        *args: Any,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **options: Any,
    ) -> WorkflowRunOutput: ...

    @by_position(Workflow.run)
    def run(
        self, input: Any = None, *, stream: bool | None = None, stream_events: bool | None = None, **options: Any
    ) -> WorkflowRunOutput | Iterator[WorkflowRunOutputEvent]:
        """Run the workflow until it ends or waits for a human. Takes what agno's `Workflow.run` takes.

        A `run_id` that is given is the run's identity: the same request under the same id attaches to the first run,
        from another process too. Where no session is named, it is then the first run's.
        With ``background=True`` it returns as soon as the run is started, which is then PENDING: `get_run_output`
        says how far it is, and `continue_run(run_id=...)` waits for it.

        Args:
            stream: Return an iterator of agno's events. It ends where the run ends or waits, and raises what `run`
                raises. Who leaves it earlier does not stop the run.
            stream_events: All of agno's events, and not only the pieces of the output.

        Raises:
            RunError: The run ended as ERROR; it carries the run.
            RunIdReused: The `run_id` is another run's.
            InvalidInput, NotSerialisable: The input does not fit the workflow, or cannot be kept.
            NoWorker: The run is started and kept, but nobody is there to run it.
        """
        view = self._view(stream, stream_events)
        if view.stream:
            return loops.iterate(self._run_stream(input, options, view), "arun")
        return loops.call(self._run(input, options), "arun")

    @overload  # type: ignore[override]
    def arun(
        self, input: Any = None, *args: Any, stream: Literal[True], stream_events: bool | None = None, **options: Any
    ) -> AsyncIterator[WorkflowRunOutputEvent]: ...

    @overload
    def arun(
        self,
        input: Any = None,
        *args: Any,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **options: Any,
    ) -> Coroutine[Any, Any, WorkflowRunOutput]: ...

    @by_position(Workflow.arun)
    def arun(
        self, input: Any = None, *, stream: bool | None = None, stream_events: bool | None = None, **options: Any
    ) -> Coroutine[Any, Any, WorkflowRunOutput] | AsyncIterator[WorkflowRunOutputEvent]:
        """`run`, to be awaited; with `stream`, for ``async for``."""
        view = self._view(stream, stream_events)
        return self._run_stream(input, options, view) if view.stream else self._run(input, options)

    def continue_run(
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: list[StepRequirement] | None = None,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **options: Any,
    ) -> Any:
        """Send what was decided on the run's requirements, and wait until it ends or waits again.

        Of several open requirements, those that are answered are decided; the others stay open. Of several answers
        none is sent if one of them would be refused, as the run stands then. With ``background=True`` it returns as
        soon as the decisions are taken, with the run as it stands then.

        With the `run_id` alone nothing is decided: it waits for a run that was left to go on, or returns one that has
        ended or waits already.

        Args:
            stream: Return an iterator of the events from the decision on, as `run` does.

        Raises:
            ValueError: A paused run, or requirements, were handed in, and nothing was decided; or an answer is not
                complete.
            DecisionRefused: A decision changes nothing: says why, and who decided instead.
            RunError, NoWorker: As for `run`.
        """
        view = self._view(stream, stream_events)
        decided = self._decide(run_response, run_id, session_id, step_requirements, options, view)
        continued_id, seen, background = loops.call(decided, "acontinue_run")
        if view.stream:
            return loops.iterate(self._events(continued_id, seen, view), "acontinue_run")
        return loops.call(self._then(continued_id, background), "acontinue_run")

    async def acontinue_run(
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: list[StepRequirement] | None = None,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **options: Any,
    ) -> Any:
        """`continue_run`, to be awaited; with `stream`, the answer is for ``async for``."""
        view = self._view(stream, stream_events)
        decided = self._decide(run_response, run_id, session_id, step_requirements, options, view)
        continued_id, seen, background = await decided
        return self._events(continued_id, seen, view) if view.stream else await self._then(continued_id, background)

    def cancel_run(self, run_id: str) -> bool:
        """Cancel a run, paused or not. False where it had ended before."""
        return loops.call(self._runs.cancel(run_id), "acancel_run")

    async def acancel_run(self, run_id: str) -> bool:
        """`cancel_run`, to be awaited."""
        return await self._runs.cancel(run_id)

    def get_run_output(
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput:
        """The run as it stands, paused, running or ended. The run id suffices. It is read from Temporal, as long as the
        namespace keeps it; behind that, its row is in `get_session`.

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

    def get_session(self, session_id: str | None = None, user_id: str | None = None) -> WorkflowSession | None:
        """The session with its runs, from the workflow's database; a paused one among them can be continued."""
        return _answerable(super().get_session(session_id, user_id))

    async def aget_session(self, session_id: str | None = None, user_id: str | None = None) -> WorkflowSession | None:
        """`get_session`, to be awaited."""
        return _answerable(await super().aget_session(session_id, user_id))

    def delete_session(self, session_id: str, user_id: str | None = None, delete_media: bool = False) -> None:
        """Delete a session and all that is kept of its runs: its rows, their histories in Temporal, stored files.

        Raises:
            SessionNotFound: It is another workflow's. Nothing is deleted.
            SessionShared: Another workflow has runs in it. Nothing is deleted.
            SessionInUse: A run of it is open. Nothing is deleted.
            SessionHasGrown: A run began in it meanwhile. Its rows are as they were.
            SessionElsewhere: A run of it is on another task queue. Nothing is deleted.
        """
        loops.call(self.adelete_session(session_id, user_id, delete_media), "adelete_session")

    async def adelete_session(self, session_id: str, user_id: str | None = None, delete_media: bool = False) -> None:
        """`delete_session`, to be awaited."""
        await forget_session(self._runs, self._workflow, session_id, user_id, delete_media=delete_media)


def _unheeded(name: str) -> AttributeError:
    return AttributeError(
        f"{name} is read by the workers, from the workflow that they have. Give it to the workflow where it is "
        f"made{', or to a run' if name in _OF_A_RUN else ''}."
    )


def _answerable(session: WorkflowSession | None) -> WorkflowSession | None:
    if session is not None:
        answerable(session.runs or ())
    return session
