"""Each event of each history, and each victim."""

from __future__ import annotations

import pytest

from tests.unkillable.conftest import Survives
from tests.unkillable.killing import at_event
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import Victim

CASES = [
    pytest.param(name, victim, number, id=f"{name}-{number:03}-{victim.value}")
    for name, subject in SUBJECTS.items()
    for number in range(1, subject.events + 1)
    for victim in Victim
]


@pytest.mark.sweep
@pytest.mark.parametrize(("subject", "victim", "number"), CASES)
async def test_killed_at_an_event_the_run_ends_as_undisturbed(
    survives: Survives, subject: str, victim: Victim, number: int
) -> None:
    await survives(subject, victim, at_event(number))
