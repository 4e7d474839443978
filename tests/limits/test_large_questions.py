"""What is asked counts for what a page of events may hold: a question that is asked again holds all of the feedback."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.contract import names
from agno_temporal.contract.events import Event, EventPage, EventsAsked
from agno_temporal.hitl import Kind, Requirement
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows.earlier import Earlier
from agno_temporal.workflows.events import PAGE_BYTES, EventLog
from tests.running.tools import confirm, reject
from tests.support import Bench

LONG = "й" * 21_000
"""126 KB as it is written, of the 128 that a decision may have."""


async def test_events_are_told_of_a_step_that_was_rejected_with_long_feedback_again_and_again(bench: Bench) -> None:
    review = HumanReview(requires_output_review=True, on_reject="retry", max_retries=100)
    workflow = Workflow(name="rejected", steps=[Step(name="draft", executor=lambda _: "a draft", human_review=review)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for _ in range(18):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, reject(asked, feedback=LONG))
        [asked] = await bench.paused(run_id)
        first = from_json(EventPage, await bench.client.get_workflow_handle(run_id).query(names.EVENTS))
        told = await bench.runs.told(run_id)
        await bench.runs.decide(run_id, confirm(asked))
        await bench.ended(run_id)

    assert 1 < len(first.events) < len(told)
    assert [number for number, _ in told] == list(range(len(told)))
    assert [event.event for _, event in told].count("StepOutputReview") == 19


def question(id: str, feedback: str) -> Requirement:
    return Requirement(
        id=id,
        path="0",
        step_name="draft",
        step_index=0,
        step_type="Step",
        kind=Kind.OUTPUT_REVIEW,
        occurrence=1,
        opened_at=0.0,
        feedback=feedback,
    )


def page(events: list[dict[str, Any]], *known: Requirement) -> list[int]:
    """The numbers of the events on the first page of a log."""
    log = EventLog("w")
    told = [to_json(Event(index, "told", 1.0, **facts)) for index, facts in enumerate(events)]
    log.earlier = Earlier(Earlier().with_newer(told))
    log.total = log.earlier.total
    return [one.index for one in log.page(EventsAsked(), {one.id: one for one in known}).events]


ALMOST, MORE = {"text": "x" * (PAGE_BYTES - 1_000)}, {"text": "x" * 2_000}


def test_a_page_ends_before_the_event_with_which_it_would_be_too_large() -> None:
    assert page([ALMOST, MORE]) == [0]


def test_a_page_ends_before_the_event_with_whose_question_it_would_be_too_large() -> None:
    assert page([{}, {"requirement_id": "q"}], question("q", "x" * PAGE_BYTES)) == [0]


def test_a_question_counts_once_for_all_the_events_about_it() -> None:
    half = question("q", "x" * (PAGE_BYTES * 2 // 3))
    assert page([{"requirement_id": "q"}] * 3, half) == [0, 1, 2]


@pytest.mark.parametrize(
    "event", [{"text": "x" * 2 * PAGE_BYTES}, {"requirement_id": "q"}], ids=["itself", "with-its-question"]
)
def test_an_event_that_alone_is_too_large_is_told_by_itself(event: dict[str, Any]) -> None:
    assert page([event, {}], question("q", "x" * PAGE_BYTES)) == [0]
