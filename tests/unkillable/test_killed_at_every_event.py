"""Each event of each history, and each victim: `make sweep` has all of them, and CI a share of what it draws."""

from __future__ import annotations

import pytest

from tests.unkillable.conftest import Survives
from tests.unkillable.killing import Blow, at_event
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import Victim

CASES = [
    pytest.param(name, number, victim, id=f"{name}-{number:03}-{victim.value}")
    for name, subject in SUBJECTS.items()
    for number in range(1, subject.events + 1)
    for victim in Victim
]


@pytest.mark.sweep(share=0.1)
@pytest.mark.parametrize(("subject", "number", "victim"), CASES)
async def test_killed_at_an_event_the_run_ends_as_undisturbed(
    survives: Survives, subject: str, number: int, victim: Victim
) -> None:
    await survives(subject, Blow(victim, at_event(number)))
