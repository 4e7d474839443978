"""Which activations a worker takes, and which come before their task (`workflows/ahead.py`)."""

from __future__ import annotations

import pytest
from temporalio.bridge.proto.workflow_activation import (
    QueryWorkflow,
    ResolveActivity,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from agno_temporal.workflows.ahead import BY_ITSELF, in_time

DONE = WorkflowActivationJob(resolve_activity=ResolveActivity(seq=1))


def activation(*jobs: WorkflowActivationJob, at: int, length: int, replayed: bool = False) -> WorkflowActivation:
    made = WorkflowActivation(is_replaying=replayed, history_length=length, jobs=jobs)
    made.timestamp.FromSeconds(at)
    return made


def query(*, at: int, length: int, id: str = BY_ITSELF) -> WorkflowActivation:
    asked = WorkflowActivationJob(query_workflow=QueryWorkflow(query_id=id))
    return activation(asked, at=at, length=length, replayed=True)


REPLAYED = activation(DONE, at=1, length=3, replayed=True)
FIRST = activation(DONE, at=2, length=10)
ASKED = query(at=2, length=10)


class Server:
    """Says what it is told to, and counts how often it is asked."""

    def __init__(self, *, elsewhere: bool) -> None:
        self.elsewhere = elsewhere
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.elsewhere


def taken(server: Server, *activations: WorkflowActivation) -> list[bool]:
    """Which of these activations are taken by a worker that has just taken up the run."""
    activate = in_time(lambda _: WorkflowActivationCompletion(), server)
    return [not activate(one).HasField("failed") for one in activations]


def test_a_query_next_to_the_first_task_is_refused_while_one_is_elsewhere() -> None:
    assert taken(Server(elsewhere=True), REPLAYED, FIRST, ASKED) == [True, True, False]


def test_it_is_answered_where_that_task_was_its_own_and_nobody_is_asked_again() -> None:
    server = Server(elsewhere=False)
    second, asked = activation(DONE, at=3, length=16), query(at=3, length=16)
    assert taken(server, REPLAYED, FIRST, ASKED, ASKED, second, asked) == [True] * 6
    assert server.asked == 1


def test_a_run_that_it_had_before_and_catches_up_with_is_one_that_it_takes_up() -> None:
    had = [FIRST, activation(DONE, at=3, length=16)]
    caught_up, first, asked = activation(DONE, at=4, length=22, replayed=True), activation(DONE, at=5, length=28), ASKED
    assert taken(Server(elsewhere=True), *had, caught_up, first, asked) == [True] * 4 + [False]


def test_a_local_activity_that_ends_meanwhile_is_no_second_task() -> None:
    ended = activation(DONE, at=3, length=10)
    assert taken(Server(elsewhere=True), REPLAYED, FIRST, ended, ASKED) == [True, True, True, False]


@pytest.mark.parametrize(
    "before",
    [
        [FIRST],
        [REPLAYED],
        [REPLAYED, FIRST, activation(DONE, at=3, length=16)],
        [REPLAYED, FIRST, query(at=3, length=13, id="of a task")],
    ],
    ids=["a run that began here", "nothing new", "a second task", "a task that brings a query alone"],
)
def test_a_query_is_answered_without_a_question_where_there_is_no_doubt(before: list[WorkflowActivation]) -> None:
    server = Server(elsewhere=True)
    assert all(taken(server, *before, query(at=9, length=20)))
    assert server.asked == 0


def test_more_history_under_the_time_of_the_task_before_is_refused() -> None:
    assert taken(Server(elsewhere=False), REPLAYED, activation(DONE, at=1, length=10)) == [True, False]
