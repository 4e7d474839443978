"""In which order a run hears of what Temporal's core hands over (`workflows/in_order.py`)."""

from __future__ import annotations

import pytest
from temporalio.bridge.proto.workflow_activation import (
    FireTimer,
    QueryWorkflow,
    RemoveFromCache,
    ResolveActivity,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from agno_temporal.workflows.ahead import BY_ITSELF
from agno_temporal.workflows.in_order import in_order

TIMER = WorkflowActivationJob(fire_timer=FireTimer(seq=1))
ASKED = WorkflowActivationJob(query_workflow=QueryWorkflow(query_id="of a task"))
ASKED_BY_ITSELF = WorkflowActivationJob(query_workflow=QueryWorkflow(query_id=BY_ITSELF))
DROPPED = WorkflowActivationJob(remove_from_cache=RemoveFromCache())


def answer(number: int) -> WorkflowActivationJob:
    return WorkflowActivationJob(resolve_activity=ResolveActivity(seq=number, is_local=True))


class Scene:
    """A run that has two local activities under way, and notes what it hears.

    Attributes:
        heard: What was handed over, activation by activation: "timer", "query", "dropped", or an answer's number.
        asked: Behind which events the server was asked for answers.
        ends_at: Where it ends.
    """

    def __init__(self, answered: set[int] | None) -> None:
        self.heard: list[list[str | int]] = []
        self.asked: list[int] = []
        self.ends_at: str | int | None = None
        self._answered = answered
        self._activate = in_order(self._hears, self._answered_since)
        self.hands_over(WorkflowActivationJob(fire_timer=FireTimer(seq=9)), length=3)
        self.heard.clear()

    def hands_over(self, *jobs: WorkflowActivationJob, length: int = 9) -> bool:
        """Whether this is taken."""
        return not self._activate(WorkflowActivation(history_length=length, jobs=jobs)).HasField("failed")

    def _answered_since(self, event_id: int) -> set[int] | None:
        self.asked.append(event_id)
        return self._answered

    def _hears(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        now = [_named(job) for job in activation.jobs]
        self.heard.append(now)
        done = WorkflowActivationCompletion()
        done.successful.SetInParent()
        if now == ["first"]:
            for number in (1, 2):
                done.successful.commands.add().schedule_local_activity.seq = number
        if self.ends_at in now:
            done.successful.commands.add().complete_workflow_execution.SetInParent()
        return done


def _named(job: WorkflowActivationJob) -> str | int:
    if job.HasField("resolve_activity"):
        return job.resolve_activity.seq
    if job.HasField("fire_timer"):
        return "first" if job.fire_timer.seq == 9 else "timer"
    return "query" if job.HasField("query_workflow") else "dropped"


def test_an_answer_that_the_history_has_is_heard_before_what_came_after_the_reply() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED, length=6)
    assert scene.hands_over(TIMER)
    assert scene.heard == [["query"]]
    assert scene.hands_over(answer(1))
    assert scene.heard == [["query"], [1], ["timer"]]
    assert scene.asked == [6]


def test_of_several_each_is_heard_before_it() -> None:
    scene = Scene({1, 2})
    scene.hands_over(ASKED)
    for jobs in ([TIMER], [answer(2)], [answer(1)]):
        assert scene.hands_over(*jobs)
    assert scene.heard == [["query"], [2], [1], ["timer"]]


def test_one_that_comes_together_with_what_came_after_the_reply_is_heard_before_it() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED)
    assert scene.hands_over(TIMER, answer(1), answer(2))
    assert scene.heard == [["query"], [1], ["timer"], [2]]


def test_one_that_comes_together_with_a_later_answer_is_heard_before_it() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED)
    scene.hands_over(TIMER)
    assert scene.hands_over(answer(1), answer(2))
    assert scene.heard == [["query"], [1], ["timer"], [2]]


def test_nothing_waits_for_an_answer_that_the_history_has_not() -> None:
    scene = Scene(set())
    scene.hands_over(ASKED)
    assert scene.hands_over(TIMER)
    assert scene.hands_over(answer(1))
    assert scene.heard == [["query"], ["timer"], [1]]


def test_answers_that_were_heard_already_are_not_waited_for() -> None:
    scene = Scene({1})
    scene.hands_over(answer(1))
    scene.hands_over(ASKED)
    assert scene.hands_over(TIMER)
    assert scene.heard == [[1], ["query"], ["timer"]]


@pytest.mark.parametrize(
    "before",
    [
        [],
        [[ASKED_BY_ITSELF]],
        [[ASKED], [answer(1)]],
        [[answer(1)], [answer(2)], [ASKED]],
        [[ASKED], [TIMER]],
    ],
    ids=["no query", "one without a task", "nothing but an answer behind it", "nothing under way", "asked before"],
)
def test_the_server_is_asked_once_and_only_where_something_may_be_late(
    before: list[list[WorkflowActivationJob]],
) -> None:
    scene = Scene(set())
    for jobs in before:
        scene.hands_over(*jobs)
    assert scene.hands_over(TIMER)
    assert len(scene.asked) == ([ASKED] in before and [TIMER] in before)


def test_a_task_of_which_nobody_says_what_was_late_is_tried_again() -> None:
    scene = Scene(None)
    scene.hands_over(ASKED)
    assert not scene.hands_over(TIMER)
    assert scene.heard == [["query"]]


@pytest.mark.parametrize("other", [ASKED, TIMER, answer(2)], ids=["a query", "an event", "another answer"])
def test_what_comes_before_a_late_answer_is_refused(other: WorkflowActivationJob) -> None:
    scene = Scene({1})
    scene.hands_over(ASKED)
    scene.hands_over(TIMER)
    assert not scene.hands_over(other)
    assert scene.hands_over(DROPPED)
    assert scene.heard == [["query"], ["dropped"]]


def test_answers_are_heard_one_by_one_behind_what_came_with_them() -> None:
    scene = Scene(set())
    assert scene.hands_over(answer(2), TIMER, TIMER, answer(1))
    assert scene.heard == [["timer", "timer"], [2], [1]]


def test_nothing_is_heard_behind_the_end() -> None:
    scene = Scene(set())
    scene.ends_at = "timer"
    assert scene.hands_over(TIMER, answer(1))
    assert scene.heard == [["timer"]]
