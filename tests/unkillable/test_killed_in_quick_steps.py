"""A kill while quick steps run, of which nothing is written yet: they run again, and nothing that was written does."""

from __future__ import annotations

import pytest

from tests.unkillable.conftest import Survives
from tests.unkillable.killing import Blow, at_event
from tests.unkillable.world import Victim

STEPS = {
    "the first": "0#1",
    "the second of one task": "1#1",
    "behind a gate": "2#1",
    "the last iteration": "3/loop/1#2",
    "tried again by a regular one": "4#1",
    "taken over by a regular one": "5#1",
    "tried anew by a decision": "7#2",
    "the last": "8#1",
}

CASES = [pytest.param(step, victim, id=f"{name}-{victim.value}") for name, step in STEPS.items() for victim in Victim]


@pytest.mark.slow
async def test_killed_in_a_quick_step_the_worker_is_not_missed(survives: Survives) -> None:
    await survives("quick", Blow(Victim.WORKER, at_event(1), step=STEPS["the last iteration"]))


@pytest.mark.sweep(share=0.3)
@pytest.mark.parametrize(("step", "victim"), CASES)
async def test_killed_in_a_quick_step_the_run_ends_as_undisturbed(
    survives: Survives, step: str, victim: Victim
) -> None:
    await survives("quick", Blow(victim, at_event(1), step=step))
