"""Kills at moments that nobody chose: between events as well, several in one run, whoever it hits.

The seed is printed, and in the test's name; `AGNO_TEMPORAL_KILL_SEED` runs another one.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.unkillable.conftest import Survives
from tests.unkillable.killing import Blow, at_event
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import Victim

SEEDS = [os.environ["AGNO_TEMPORAL_KILL_SEED"]] if "AGNO_TEMPORAL_KILL_SEED" in os.environ else [*map(str, range(40))]


@pytest.mark.sweep(share=0.2)
@pytest.mark.parametrize("seed", SEEDS)
async def test_killed_at_random_moments_the_run_ends_as_undisturbed(survives: Survives, seed: str) -> None:
    draw = random.Random(seed)
    subject = draw.choice([*SUBJECTS])
    numbers = sorted(draw.sample(range(1, SUBJECTS[subject].events + 1), 3))
    blows = [Blow(draw.choice([*Victim]), at_event(number), draw.uniform(0.0, 0.1)) for number in numbers]
    print(
        f"seed {seed}: {subject};", *(f"{blow.victim.value} at {at}" for blow, at in zip(blows, numbers, strict=True))
    )
    await survives(subject, *blows)
