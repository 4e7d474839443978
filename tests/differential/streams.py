"""agno's streams as the oracle: every event of a run, field by field, plainly and durably.

A stream ends at each pause, and the next one goes on from the decision; both sides are compared leg by leg. What two
runs cannot have in common is left out as for whole runs (`comparable`).
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunError
from tests.differential.comparable import Difference, comparable, differences
from tests.differential.known import Known, lost_by_agno
from tests.differential.oracle import AT_ONCE, PATIENCE, Answer, Make, Recorder
from tests.support import Bench


def is_an_old_pause(agno: Any, ours: Any) -> bool:
    """agno leaves the words of the first pause in the run."""
    return all(str(one).startswith("I have tools to execute") for one in (agno, ours))


KNOWN = (
    Known("an_agents_run_keeps_the_state_as_it_was", r"\.session_state"),
    Known("what_a_run_was_given_survives_a_pause", r"^legs\[[1-9]\d*\].*\.metadata$", lost_by_agno),
    Known("a_run_that_went_on_is_shown_once", r"^legs\[[1-9]\d*\].*\.step_executor_runs$"),
    Known("a_second_pause_says_what_it_is_for", r"^legs\[[1-9]\d*\]\[\d+\]\.content$", is_an_old_pause),
    Known("an_answered_tool_is_told_as_it_was_asked", r"\.tools?(\[\d+\])?\.(requires_|external_execution_required)"),
    Known("a_streamed_agents_run_is_completed_when_it_is", r"\.step_executor_runs\[\d+\]\.(.*\.)?status$"),
)
"""What is let pass, with its entry in docs/differences.md."""

PARALLEL = ("ParallelExecutionStarted", "ParallelExecutionCompleted")


@dataclass
class Streamed:
    """What a caller got.

    Attributes:
        legs: The events up to each pause, and those to the end.
        raised: What the last stream raised.
        run: The run, as it was left.
        seen: What each event was when it came.
    """

    legs: list[list[Any]] = field(default_factory=list)
    raised: str | None = None
    run: WorkflowRunOutput | None = None
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def events(self) -> list[Any]:
        return [event for leg in self.legs for event in leg]

    @property
    def names(self) -> list[str]:
        return [event.event for event in self.events]

    def comparable(self) -> list[list[Any]]:
        """The events as they were when they came: agno goes on to change what they hold.

        Branches of a Parallel have no order among each other: their events are put one branch after the other.
        """
        return [[self.seen[id(event)] for event in _by_branch(leg)] for leg in self.legs]

    async def read(self, events: AsyncIterator[Any]) -> None:
        """Read one stream to its end."""
        leg: list[Any] = []
        self.legs.append(leg)
        async for event in events:
            leg.append(event)
            self.seen[id(event)] = _seen(event)


def _is_known(difference: Difference) -> bool:
    return any(known.covers(difference) for known in KNOWN)


def _seen(event: Any) -> dict[str, Any]:
    if (run := getattr(event, "run_output", None)) is not None:
        event = replace(event, run_output=replace(run, events=None))  # They hold this very event.
    seen = comparable(event)
    if seen.get("parent_step_id") is not None:
        seen["parent_step_id"] = "(set)"
    if isinstance(seen.get("content"), str):
        seen["content"] = re.sub(r"completed in \S+s\.", "completed in (measured)", seen["content"])
    return {"(event)": event.event, **seen}


def _by_branch(events: list[Any]) -> list[Any]:
    ordered: list[Any] = []
    for is_branch, group in groupby(events, lambda event: isinstance(getattr(event, "step_index", None), tuple)):
        found = list(group)
        parallel = bool(ordered) and ordered[-1].event == PARALLEL[0]
        ordered += sorted(found, key=lambda event: event.step_index) if is_branch and parallel else found
    return ordered


class StreamOracle:
    """Streams workflows both ways."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def agrees(
        self, make: Make, input: Any = None, *answers: Answer, ignoring: tuple[str, ...] = (), **options: Any
    ) -> Streamed:
        """Assert that both streams are the same, and return ours.

        Args:
            answers: One for each pause.
            ignoring: What is left out of the comparison: fields of events, by their names.
        """
        plain, durable = await self.ask(make, input, *answers, **options)
        found = [one for one in differences(plain.comparable(), durable.comparable(), "legs") if not _is_known(one)]
        problems = [str(one) for one in found if not any(f".{name}" in one.where for name in ignoring)]
        assert not problems, "\n".join([f"agno: {plain.names}", f"here: {durable.names}", *problems])
        assert plain.raised == durable.raised
        return durable

    async def ask(
        self, make: Make, input: Any = None, *answers: Answer, stream_events: bool = True, **options: Any
    ) -> tuple[Streamed, Streamed]:
        """agno's streams, and ours."""
        options = {"run_id": f"run-{uuid.uuid4()}", "session_id": "session-1", **options}
        workflows = make(), make()
        for workflow in workflows:
            workflow.telemetry = False
            workflow.db = Recorder()
        mine, yours = deepcopy((input, options)), deepcopy((input, options))  # agno writes into what it is given.
        plain = await _plainly(workflows[0], mine[0], iter(answers), stream_events, mine[1])
        bench = Bench(self._client, options["run_id"])
        async with asyncio.timeout(PATIENCE):
            durable = await _durably(bench, workflows[1], yours[0], iter(answers), stream_events, yours[1])
        return plain, durable


async def _plainly(
    workflow: Workflow, input: Any, answers: Iterator[Answer], stream_events: bool, options: dict[str, Any]
) -> Streamed:
    streamed = Streamed()
    view = {"stream": True, "stream_events": stream_events}
    try:
        await streamed.read(workflow.arun(input, **view, **options))
        while (run := workflow.db.run).is_paused and (answer := next(answers, None)):
            _answer(run, answer)
            await asyncio.sleep(0.05)  # Until its generator is thrown away.
            _mend(run)
            await streamed.read(await workflow.acontinue_run(run, **view))
    except Exception as error:
        streamed.raised = f"Workflow execution failed: {error}"
    streamed.run = workflow.db.run
    return streamed


async def _durably(
    bench: Bench,
    workflow: Workflow,
    input: Any,
    answers: Iterator[Answer],
    stream_events: bool,
    options: dict[str, Any],
) -> Streamed:
    streamed = Streamed()
    view = {"stream": True, "stream_events": stream_events}
    plugin = AgnoPlugin([workflow], options=AT_ONCE)
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        durable = bench.durable(workflow)
        try:
            await streamed.read(durable.arun(input, **view, **options))
            while (run := await durable.aget_run_output(options["run_id"])).is_paused and (
                answer := next(answers, None)
            ):
                _answer(run, answer)
                await streamed.read(await durable.acontinue_run(run, **view))
        except RunError as error:
            streamed.raised = str(error)
        streamed.run = await durable.aget_run_output(options["run_id"])
    return streamed


def _mend(run: WorkflowRunOutput) -> None:
    """agno may have taken a paused agent for cancelled meanwhile, and cannot continue it then (docs/differences.md)."""
    for inner in run.step_executor_runs or ():
        if inner.status == RunStatus.cancelled:
            inner.status = RunStatus.paused


def _answer(run: WorkflowRunOutput, answer: Answer) -> None:
    asked = run.active_error_requirements or run.step_requirements
    assert asked
    answer(asked[-1])
