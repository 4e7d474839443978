"""Runs of one worker that follow the same plan share it, and it is read once."""

from __future__ import annotations

from agno_temporal.contract.chapter import Chapter
from agno_temporal.contract.tasks import OpenedRun
from agno_temporal.plan import ExecutorKind, Plan, StepNode
from agno_temporal.plan.data import Json, to_json
from agno_temporal.workflows.shared_plans import chapter_of, opened_run


def answer(digest: str, name: str = "step") -> Json:
    steps = (StepNode("0", name, "id", ExecutorKind.FUNCTION),)
    return to_json(OpenedRun(Plan("wide", "wide", steps, digest), session_id="a session", continue_after=7))


def test_a_plan_that_was_read_before_is_taken_from_there() -> None:
    first, second = opened_run(answer("shared")), opened_run(answer("shared"))
    assert second.plan is first.plan
    assert second == first


def test_a_plan_with_another_digest_is_another() -> None:
    assert opened_run(answer("one", "this")).plan != opened_run(answer("other", "that")).plan


def test_a_run_that_goes_on_shares_the_plan_too() -> None:
    before = opened_run(answer("going on"))
    chapter = Chapter(opened=before, started_at=1.0)
    went_on = chapter_of(to_json(chapter))
    assert went_on == chapter
    assert went_on.opened.plan is before.plan


def test_an_answer_without_a_plan_says_why() -> None:
    assert opened_run({"problem": "no such workflow"}) == OpenedRun(problem="no such workflow")
