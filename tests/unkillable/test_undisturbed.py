"""The runs that are to be killed, while nothing kills them: what the others are compared with."""

from __future__ import annotations

import httpx
import pytest

from tests.unkillable.holding import holds
from tests.unkillable.killing import drive
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_undisturbed_it_ends_the_same_each_time(
    unkillable: World, http: httpx.AsyncClient, undisturbed, subject: str
) -> None:
    first = await undisturbed(subject)
    ended = await drive(unkillable, http, subject)
    await holds(unkillable, ended, first.story)
    print(subject, len(first.ended.history), len(ended.history))
    assert len(ended.history) == pytest.approx(SUBJECTS[subject].events, rel=0.1)
