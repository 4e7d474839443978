"""`store_events`: a run keeps the events that were streamed, as agno keeps them."""

from __future__ import annotations

from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.workflow import WorkflowRunEvent
from agno.workflow import Step, Workflow
from agno.workflow.types import StepOutput
from temporalio.client import Client

from tests.differential.blocks import agent, flow, says
from tests.differential.comparable import comparable, differences
from tests.differential.known import unknown
from tests.differential.oracle import Oracle
from tests.differential.streams import KNOWN, StreamOracle
from tests.differential.test_streams_pauses import confirm, gate
from tests.support import Bench

WORKFLOWS = {
    "all": lambda: flow(says("a"), agent("Ann"), store_events=True),
    "some": lambda: flow(
        says("a"),
        agent("Ann"),
        store_events=True,
        events_to_skip=[WorkflowRunEvent.step_started, WorkflowRunEvent.workflow_completed],
    ),
    "none": lambda: flow(says("a"), agent("Ann")),
    "over a pause": lambda: flow(says("a"), says("gate", human_review=gate()), store_events=True),
}


@pytest.mark.parametrize("stream_events", [True, False], ids=["events", "content"])
@pytest.mark.parametrize("make", WORKFLOWS.values(), ids=WORKFLOWS)
async def test_the_events_of_a_streamed_run_that_are_kept(client: Client, make: Any, stream_events: bool) -> None:
    answers = [confirm] if make().steps[-1].name == "gate" else []
    plain, durable = await StreamOracle(client).ask(make, "go", *answers, stream_events=stream_events)
    assert plain.run
    assert durable.run
    kept = [[event.event for event in run.events or ()] for run in (plain.run, durable.run)]
    assert kept[0] == kept[1]
    found = differences(_without_runs(plain.run.events), _without_runs(durable.run.events), "events")
    found = (one for one in found if not one.where.endswith("metrics.duration"))  # As of whole runs (`known`).
    problems = [one for one in found if not any(known.covers(one) for known in KNOWN)]
    assert not problems, "\n".join(map(str, problems))


def _without_runs(events: Any) -> Any:
    """The last event holds the run that holds the events."""
    seen = []
    for event in events or ():
        if hasattr(event, "run_output"):
            event.run_output = None
        seen.append({**comparable(event), "parent_step_id": None})
    return seen


async def test_a_run_that_was_not_streamed_keeps_only_that_it_went_on(client: Client) -> None:
    def make() -> Workflow:
        return flow(says("gate", human_review=gate()), store_events=True)

    plain, durable = await Oracle(client, (True,)).ask(make, "go", confirm)
    assert plain.last
    assert durable.last
    assert [event.event for event in plain.last.events or ()] == ["StepContinued"]
    assert unknown(list(differences(comparable(plain.last.events), comparable(durable.last.events), "events"))) == []


async def test_the_row_in_the_database_has_them(bench: Bench) -> None:
    workflow = flow(says("a"), agent("Ann"), store_events=True, db=InMemoryDb())
    async with bench.worker(workflow):
        stream = bench.durable(workflow).arun(
            "go", stream=True, stream_events=True, run_id=bench.task_queue, session_id="s"
        )
        told = [event.event async for event in stream]
    stored = workflow.get_run_output(bench.task_queue, session_id="s")
    assert [event.event for event in stored.events] == [name for name in told if name != "StepOutput"]


async def test_an_event_that_no_row_takes_is_left_out_of_it(bench: Bench) -> None:
    odd = Step(name="odd", executor=lambda _: StepOutput(content={(1, 2): "a tuple for a key"}))
    workflow = flow(says("a"), odd, store_events=True, db=InMemoryDb())
    async with bench.worker(workflow):
        stream = bench.durable(workflow).arun(
            "go", stream=True, stream_events=True, run_id=bench.task_queue, session_id="s"
        )
        told = [event.event async for event in stream]
    stored = workflow.get_run_output(bench.task_queue, session_id="s")
    assert told.count("StepCompleted") == 2
    assert stored.status == "COMPLETED"


@pytest.mark.parametrize("own", [False, True])
async def test_what_is_set_where_a_run_is_started_counts_before_the_workflows_own(bench: Bench, own: bool) -> None:
    workflow = flow(says("a"), db=InMemoryDb(), store_events=own)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        durable.store_events = not own
        for one in (durable, durable.deep_copy()):
            told = [event async for event in one.arun("go", stream=True, stream_events=True)]
            run = await durable.aget_run_output(told[0].run_id)
            assert bool(run.events) is not own
