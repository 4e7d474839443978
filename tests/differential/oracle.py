"""agno as the oracle: the same workflow run plainly and durably, and everything that a caller sees of both compared.

A workflow is given as a function that makes it, called once for each side, because agno's objects keep what a run did
to them. Both sides get the same run id and session id, so that these are compared too.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeAlias

from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunError, StepOptions
from tests.differential.comparable import Difference, comparable, differences
from tests.differential.known import unknown
from tests.support import Bench

PATIENCE = 60.0
"""Seconds for a durable run: one that never ends must not hold up the others."""

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
    """What a caller saw of a run.

    Attributes:
        stops: The run at every pause and at its end, as `comparable`.
        raised: The text of what `arun` or `acontinue_run` raised.
        state: The session state in the database at the end.
        last: The run itself, for a closer look.
    """

    stops: list[Any] = field(default_factory=list)
    raised: str | None = None
    state: Any = None
    last: WorkflowRunOutput | None = None

    def add(self, run: WorkflowRunOutput) -> None:
        """Remember a run as it is now: agno goes on to change the same object."""
        self.stops.append(comparable(run))
        self.last = run

    async def follow(
        self,
        run: WorkflowRunOutput,
        answers: Iterator[Answer],
        go_on: Callable[[WorkflowRunOutput], Awaitable[WorkflowRunOutput]],
    ) -> None:
        """Answer what is asked, until there are no more questions, or no more answers."""
        self.add(run)
        while run.is_paused and (answer := next(answers, None)):
            answer((run.steps_with_errors or run.step_requirements)[-1])
            run = await go_on(run)
            self.add(run)


async def plainly(workflow: Workflow, input: Any, answers: Iterator[Answer], options: dict[str, Any]) -> Seen:
    """Run it as agno does."""
    seen = Seen()
    try:
        await seen.follow(await workflow.arun(input, **options), answers, workflow.acontinue_run)
    except Exception as error:
        seen.raised = f"Workflow execution failed: {error}"
        if isinstance(workflow.db, Recorder) and workflow.db.run is not None:
            seen.add(workflow.db.run)
    seen.state = _state(workflow, options)
    return seen


async def durably(
    bench: Bench, workflow: Workflow, input: Any, answers: Iterator[Answer], options: dict[str, Any]
) -> Seen:
    """Run it on Temporal."""
    seen = Seen()
    plugin = AgnoPlugin([workflow], options=AT_ONCE)
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        durable = bench.durable(workflow)
        try:
            async with asyncio.timeout(PATIENCE):
                await seen.follow(await durable.arun(input, **options), answers, durable.acontinue_run)
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


def differing(plain: Seen, durable: Seen) -> list[Difference]:
    """Everything in which the two runs differ."""
    return [
        *differences(plain.stops, durable.stops, "stops"),
        *differences(plain.raised, durable.raised, "raised"),
        *differences(plain.state, durable.state, "session_state"),
    ]


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
        for db, (plain, durable) in zip(self._databases, await asyncio.gather(*asked), strict=True):
            problems = "\n".join(map(str, unknown(differing(plain, durable))))
            assert not problems, f"{'with' if db else 'without'} a database:\n{problems}"
        return durable

    async def ask(
        self,
        make: Make,
        input: Any = None,
        *answers: Answer,
        db: bool = True,
        our_db: bool | None = None,
        always: Answer | None = None,
        **options: Any,
    ) -> tuple[Seen, Seen]:
        """What is seen of the workflow in agno, and here.

        Args:
            db: Whether the workflow has a database; `our_db` where that is to differ here.
            always: The answer to every question, however many there are.
        """
        options = {"run_id": f"run-{uuid.uuid4()}", "session_id": "session-1", **options}
        bench = Bench(self._client, options["run_id"])
        workflows = make(), make()
        for workflow, has_db in zip(workflows, (db, db if our_db is None else our_db), strict=True):
            workflow.telemetry = False
            workflow.db = Recorder() if has_db else None
        # agno writes into what it is given: lists of media, the session state (docs/differences.md).
        mine, yours = deepcopy((input, options)), deepcopy((input, options))
        given = [repeat(always) if always else iter(answers) for _ in workflows]
        plain = await plainly(workflows[0], mine[0], given[0], mine[1])
        durable = await durably(bench, workflows[1], yours[0], given[1], yours[1])
        unasked = None if always else next(given[1], None)
        assert unasked is None, "it asked less often than it was answered"
        return plain, durable
