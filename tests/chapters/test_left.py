"""What a Temporal run comes to after it has left its run to the next one is told by that one, and by nobody else."""

from __future__ import annotations

from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.follow.replayed import _asked
from agno_temporal.plan.data import from_json, to_json
from tests.chapters.scenes import temporal_runs
from tests.support import Bench

OPENED = 6
"""Events that it has heard of when the question opens."""


def timed() -> Workflow:
    review = HumanReview(requires_confirmation=True, timeout=0.3, on_timeout="approve")
    before = Step(name="before", executor=lambda _: "done")
    gate = Step(name="gate", executor=lambda _: "done", human_review=review)
    return Workflow(name="timed", steps=[before, gate])


async def test_a_deadline_that_fires_when_a_temporal_run_leaves_is_told_by_the_next_one(bench: Bench) -> None:
    workflow = timed()
    async with bench.worker(workflow, continue_after=OPENED):
        run_id = await bench.start(workflow)
        await bench.client.get_workflow_handle(run_id).result()
    pages = []
    for place in await temporal_runs(bench.client, run_id):
        history = await bench.client.get_workflow_handle(run_id, run_id=place).fetch_history()
        page = await _asked(bench.client, history, lambda run: from_json(EventPage, run.events(to_json(EventsAsked()))))
        assert page is not None
        pages.append(page.events)
    *left, whole = pages
    assert left
    for events in left:
        assert [(one.kind, one.at) for one in events] == [(one.kind, one.at) for one in whole[: len(events)]]
