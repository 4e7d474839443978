"""How long a history is taken to be: the same when it is written and when it is replayed.

A run counts itself, whatever its server says. One that was opened before it did goes by the server, with care: a run
that is asked something while it waits for a local activity may have the answer in the next workflow task, and in a
replay in this one. That takes a server and luck (`tests/model/test_server.py`, seed ``a1``, has met it); here is what
follows from it.
"""

from __future__ import annotations

import pytest

from agno_temporal.workflows import pace
from agno_temporal.workflows.pace import Pace


class History:
    """Stands for `workflow.info()`: the bounds of a run are about these two numbers."""

    length = 3

    def get_current_history_length(self) -> int:
        return self.length

    def get_current_history_size(self) -> int:
        return 100 * self.length

    def is_continue_as_new_suggested(self) -> bool:
        return False


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> History:
    written = History()
    monkeypatch.setattr(pace.workflow, "info", lambda: written)
    return written


@pytest.mark.parametrize("answered_at", [3, 7])
def test_a_run_counts_from_where_it_asked_for_its_plan_in_whichever_task_that_came(
    history: History, answered_at: int
) -> None:
    run = Pace()
    before = run.history
    history.length = answered_at
    run.answered(before)
    run.begin(12, counted=False)
    history.length = 17
    run.tell()
    assert run.due


@pytest.mark.parametrize("answered_at", [14, 18])
def test_a_local_activitys_answer_brings_no_change_about_that_a_replay_would_not(
    history: History, answered_at: int
) -> None:
    run = Pace()
    run.begin(12, counted=False)
    history.length = 14
    run.heard()
    before = run.history
    history.length = answered_at
    run.answered(before)
    assert not run.due
    assert run.was_told


def test_what_comes_with_an_event_does(history: History) -> None:
    run = Pace()
    run.begin(12, counted=False)
    run.answered(run.history)
    history.length = 15
    run.heard()
    assert run.due
    assert not run.was_told


@pytest.mark.parametrize("length", [3, 9, 900])
def test_a_run_that_counts_goes_by_what_it_has_heard_however_long_the_server_says_it_is(
    history: History, length: int
) -> None:
    history.length = length
    run = Pace()
    run.begin(12, counted=True)
    run.heard()
    for _ in range(5):
        run.answered(run.history)
    assert not run.due
    run.answered(run.history)
    assert run.due
    assert not run.overdue


def test_what_it_heard_before_its_walk_began_counts_for_nothing(history: History) -> None:
    run = Pace()
    run.begin(6, counted=True)
    run.heard()
    run.begin(6, counted=True)
    assert not run.due


def test_it_is_overdue_at_four_times_as_many(history: History) -> None:
    run = Pace()
    run.begin(12, counted=True)
    for _ in range(7):
        run.tell()
    assert not run.overdue
    run.tell()
    assert run.overdue
