"""agno as the oracle: the same workflow run plainly and durably, and everything that a caller sees of both compared.

A workflow is given as a function that makes it, called once for each side, because agno's objects keep what a run did
to them. Both sides get the same run id and session id, so that these are compared too.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunError, StepOptions
from tests.differential.comparable import comparable, differing
from tests.support import Bench

Make: TypeAlias = Callable[[], Workflow]
Answer: TypeAlias = Callable[[StepRequirement], object]

AT_ONCE = StepOptions(retry_initial_interval=0.001)
"""A step that fails is tried again without a pause, as in agno."""


class Recorder(InMemoryDb):
    """A database that keeps the run it was last handed, as the object it was: what is read back has lost its types."""

    def __init__(self) -> None:
        super().__init__()
        self.run: WorkflowRunOutput | None = None

    def upsert_run(self, run: Any, *args: Any, **columns: Any) -> Any:
        self.run = run
        return super().upsert_run(run, *args, **columns)


@dataclass
class Seen:
    """What a caller saw of a run: every pause and the end; what was raised; the state in the database at the end."""

    stops: list[Any] = field(default_factory=list)
    raised: str | None = None
    state: Any = None

    def add(self, run: WorkflowRunOutput | None) -> None:
        """Remember a run as it is now, since agno goes on to change the same object."""
        stop = comparable(run)
        if self.stops:
            _drop_lost(stop)
        self.stops.append(stop)


def _drop_lost(stop: dict[str, Any]) -> None:
    """Leave out what agno does not set any more once a run was continued (docs/differences.md, D25 and D35)."""
    del stop["files"], stop["metrics"]["duration"]
    for inner in (stop["step_executor_runs"] or {"": []})[""]:
        del inner["metadata"]


async def plainly(workflow: Workflow, input: Any, answers: tuple[Answer, ...], options: dict[str, Any]) -> Seen:
    """Run it as agno does."""
    seen = Seen()
    try:
        run = await workflow.arun(input, **options)
        seen.add(run)
        for answer in answers:
            answer(run.step_requirements[-1])
            run = await workflow.acontinue_run(run)
            seen.add(run)
    except Exception as error:
        seen.raised = f"Workflow execution failed: {error}"
        if isinstance(workflow.db, Recorder):
            seen.add(workflow.db.run)
    seen.state = _state(workflow, options)
    return seen


async def durably(
    bench: Bench, workflow: Workflow, input: Any, answers: tuple[Answer, ...], options: dict[str, Any]
) -> Seen:
    """Run it on Temporal."""
    seen = Seen()
    plugin = AgnoPlugin([workflow], options=AT_ONCE)
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        durable = bench.durable(workflow)
        try:
            run = await durable.arun(input, **options)
            seen.add(run)
            for answer in answers:
                answer(run.step_requirements[-1])
                run = await durable.acontinue_run(run)
                seen.add(run)
        except RunError as error:
            seen.raised = str(error)
            if workflow.db is not None:
                seen.add(error.run_output)
    seen.state = _state(workflow, options)
    return seen


def _state(workflow: Workflow, options: dict[str, Any]) -> Any:
    """The session state as the database has it. Without a database agno keeps none. Its keys have no order here
    (docs/differences.md)."""
    if workflow.db is None:
        return None
    session = workflow.get_session(session_id=options["session_id"])
    state = (session.session_data or {}).get("session_state") if session else "there is no session"
    return comparable(dict(sorted(state.items())) if isinstance(state, dict) else state)


class Oracle:
    """Runs workflows both ways.

    Args:
        databases: Whether each side has a database of its own; with both, everything is compared twice. agno cannot
            continue a run without one.
    """

    def __init__(self, client: Client, databases: tuple[bool, ...]) -> None:
        self._client = client
        self._databases = databases

    async def agrees(self, make: Make, input: Any = None, *answers: Answer, **options: Any) -> Seen:
        """Assert that both are the same, and return what it is for a closer look.

        Args:
            answers: One for each pause: resolves the requirement that was asked last.
        """
        asked = [self.ask(make, input, *answers, db=db, **options) for db in self._databases]
        problems = []
        for db, (plain, durable) in zip(self._databases, await asyncio.gather(*asked), strict=True):
            side = "with a database: " if db else "without a database: "
            problems += differing(plain.stops, durable.stops, f"{side}stops")
            problems += differing(plain.raised, durable.raised, f"{side}raised")
            problems += differing(plain.state, durable.state, f"{side}session_state")
        assert not problems, "\n" + "\n".join(problems)
        return durable

    async def ask(
        self, make: Make, input: Any = None, *answers: Answer, db: bool = False, **options: Any
    ) -> tuple[Seen, Seen]:
        """What is seen of the workflow in agno, and here."""
        options = {"run_id": f"run-{uuid.uuid4()}", "session_id": "session-1", **options}
        bench = Bench(self._client, options["run_id"])
        workflows = make(), make()
        for workflow in workflows:
            workflow.telemetry = False
            workflow.db = Recorder() if db else None
        # agno writes into what it is given: lists of media, the session state (docs/differences.md).
        mine, yours = deepcopy((input, options)), deepcopy((input, options))
        plain = await plainly(workflows[0], mine[0], answers, mine[1])
        return plain, await durably(bench, workflows[1], yours[0], answers, yours[1])
