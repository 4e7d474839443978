"""A kill at each kind of event that a history has, with the victims in turn: what every check runs."""

from __future__ import annotations

from itertools import cycle

import pytest

from tests.unkillable.conftest import Survives
from tests.unkillable.killing import Blow, at_first
from tests.unkillable.world import Victim

KINDS = [
    ("agents", "WORKFLOW_EXECUTION_STARTED"),
    ("agents", "WORKFLOW_TASK_SCHEDULED"),
    ("agents", "WORKFLOW_TASK_STARTED"),
    ("agents", "WORKFLOW_TASK_COMPLETED"),
    ("branches", "ACTIVITY_TASK_SCHEDULED"),
    ("branches", "ACTIVITY_TASK_STARTED"),
    ("branches", "ACTIVITY_TASK_COMPLETED"),
    ("failing", "ACTIVITY_TASK_FAILED"),
    ("cancelled", "ACTIVITY_TASK_CANCEL_REQUESTED"),
    ("branches", "MARKER_RECORDED"),
    ("timers", "TIMER_STARTED"),
    ("timers", "TIMER_FIRED"),
    ("timers", "TIMER_CANCELED"),
    ("branches", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"),
    ("branches", "WORKFLOW_EXECUTION_UPDATE_COMPLETED"),
    ("signalled", "WORKFLOW_EXECUTION_SIGNALED"),
    ("cancelled", "WORKFLOW_EXECUTION_CANCEL_REQUESTED"),
    ("agents", "WORKFLOW_EXECUTION_COMPLETED"),
    ("failing", "WORKFLOW_EXECUTION_FAILED"),
    ("cancelled", "WORKFLOW_EXECUTION_CANCELED"),
    ("chapters", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"),
    ("chapters-signalled", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"),
    ("quick", "TIMER_FIRED"),
    ("quick-chapters", "WORKFLOW_EXECUTION_SIGNALED"),
]

CASES = [
    pytest.param(subject, kind, victim, id=f"{subject}-{kind.lower()}-{victim.value}")
    for (subject, kind), victim in zip(KINDS, cycle(Victim), strict=False)
]


@pytest.mark.slow
@pytest.mark.parametrize(("subject", "kind", "victim"), CASES)
async def test_killed_at_the_first_event_of_its_kind_the_run_ends_as_undisturbed(
    survives: Survives, subject: str, kind: str, victim: Victim
) -> None:
    [kill] = await survives(subject, Blow(victim, at_first(kind)))
    assert kill.is_due, f"no {kind} in the history"
