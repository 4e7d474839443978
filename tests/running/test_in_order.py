"""In which order a run hears of what Temporal's core hands over (`workflows/in_order.py`)."""

from __future__ import annotations

import pytest
from temporalio.bridge.proto.workflow_activation import (
    CancelWorkflow,
    FireTimer,
    InitializeWorkflow,
    QueryWorkflow,
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
CANCEL = WorkflowActivationJob(cancel_workflow=CancelWorkflow())


def answer(number: int) -> WorkflowActivationJob:
    return WorkflowActivationJob(resolve_activity=ResolveActivity(seq=number, is_local=True))


class Scene:
    """A run that has two local activities under way, and notes what it hears.

    Attributes:
        heard: What was handed over, activation by activation: "timer", "query", "cancel", or an answer's number.
        moments: As of when: how long the history was, and the time.
        asked: Behind which events the server was asked for answers.
        ends_at: What makes it end.
        gives_up: What makes it give up a local activity, and which.
    """

    def __init__(self, answered: set[int] | None) -> None:
        self.heard: list[list[str | int]] = []
        self.moments: list[tuple[int, int]] = []
        self.asked: list[int] = []
        self.ends_at: str | None = None
        self.gives_up: tuple[str, int] | None = None
        self._answered = answered
        self._activate = in_order(self._hears, self._answered_since)
        self.hands_over(WorkflowActivationJob(initialize_workflow=InitializeWorkflow()), length=3)
        self.heard.clear()
        self.moments.clear()

    def hands_over(self, *jobs: WorkflowActivationJob, length: int = 9, at: int = 0) -> bool:
        """Whether this is taken."""
        activation = WorkflowActivation(history_length=length, jobs=jobs)
        activation.timestamp.FromSeconds(at)
        return not self._activate(activation).HasField("failed")

    def _answered_since(self, event_id: int) -> set[int] | None:
        self.asked.append(event_id)
        return self._answered

    def _hears(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        now = [_named(job) for job in activation.jobs]
        self.heard.append(now)
        self.moments.append((activation.history_length, activation.timestamp.ToSeconds()))
        done = WorkflowActivationCompletion()
        done.successful.SetInParent()
        if now == ["first"]:
            for number in (1, 2):
                done.successful.commands.add().schedule_local_activity.seq = number
        if self.ends_at in now:
            done.successful.commands.add().complete_workflow_execution.SetInParent()
        if self.gives_up and self.gives_up[0] in now:
            done.successful.commands.add().request_cancel_local_activity.seq = self.gives_up[1]
        return done


def _named(job: WorkflowActivationJob) -> str | int:
    names = {
        "initialize_workflow": "first",
        "fire_timer": "timer",
        "query_workflow": "query",
        "cancel_workflow": "cancel",
    }
    return names.get(job.WhichOneof("variant") or "", job.resolve_activity.seq)


def test_an_answer_that_the_history_has_is_heard_before_what_came_after_the_reply() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED, length=6)
    assert scene.hands_over(TIMER, answer(1))
    assert scene.heard == [["query"], [1], ["timer"]]
    assert scene.asked == [6]


def test_it_is_heard_as_of_the_task_of_the_reply() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED, length=6, at=60)
    scene.hands_over(TIMER, answer(1), length=11, at=110)
    assert scene.moments == [(6, 60), (6, 60), (11, 110)]


def test_of_several_each_is_heard_before_it() -> None:
    scene = Scene({1, 2})
    scene.hands_over(ASKED)
    assert scene.hands_over(TIMER, answer(2), answer(1))
    assert scene.heard == [["query"], [2], [1], ["timer"]]


def test_an_answer_that_came_later_is_heard_behind_it() -> None:
    scene = Scene({1})
    scene.hands_over(ASKED)
    assert scene.hands_over(TIMER, answer(1), answer(2))
    assert scene.heard == [["query"], [1], ["timer"], [2]]


@pytest.mark.parametrize(
    "before",
    [
        [],
        [[ASKED_BY_ITSELF]],
        [[answer(1)], [answer(2)], [ASKED]],
        [[ASKED], [answer(1)]],
        [[ASKED], [TIMER]],
        [[ASKED], [answer(1), answer(2)]],
    ],
    ids=["no query", "one without a task", "nothing under way", "an answer", "something else", "answers"],
)
def test_nobody_is_asked_where_nothing_can_be_late(before: list[list[WorkflowActivationJob]]) -> None:
    scene = Scene({1})
    for jobs in before:
        scene.hands_over(*jobs)
    assert scene.hands_over(TIMER, answer(2))
    assert scene.asked == []


def test_a_task_of_which_nobody_says_what_was_late_is_tried_again() -> None:
    scene = Scene(None)
    scene.hands_over(ASKED)
    assert not scene.hands_over(TIMER, answer(1))
    assert scene.heard == [["query"]]


def test_answers_are_heard_one_by_one_behind_what_came_with_them() -> None:
    scene = Scene(set())
    assert scene.hands_over(answer(2), TIMER, TIMER, answer(1))
    assert scene.heard == [["timer", "timer"], [2], [1]]


def test_what_comes_with_a_cancel_is_heard_together() -> None:
    scene = Scene(set())
    assert scene.hands_over(CANCEL, answer(1))
    assert scene.heard == [["cancel", 1]]


def test_a_task_is_tried_again_in_which_an_answer_is_given_up_that_has_come() -> None:
    scene = Scene(set())
    scene.gives_up = ("timer", 1)
    assert scene.hands_over(TIMER, answer(2))
    assert not scene.hands_over(TIMER, answer(1))


def test_nothing_is_heard_behind_the_end() -> None:
    scene = Scene(set())
    scene.ends_at = "timer"
    assert scene.hands_over(TIMER, answer(1))
    assert scene.heard == [["timer"]]
