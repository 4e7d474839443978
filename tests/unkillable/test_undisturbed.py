"""The runs that are to be killed, while nothing kills them: what the others are compared with."""

from __future__ import annotations

import httpx
import pytest

from tests.unkillable.holding import holds
from tests.unkillable.killing import drive, kind_of
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import World

pytestmark = pytest.mark.slow

WORKFLOW_TASK = 3
"""Events: a cancel that comes a moment later than it might has one of its own."""


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_undisturbed_it_ends_the_same_each_time(
    unkillable: World, http: httpx.AsyncClient, undisturbed, subject: str
) -> None:
    first = await undisturbed(subject)
    ended = await drive(unkillable, http, subject)
    await holds(unkillable, ended, first.story)
    print(subject, len(first.ended.history), len(ended.history))
    varies = 0.6 if SUBJECTS[subject].continue_after else 0.1  # A decision may put a change of histories off.
    own = WORKFLOW_TASK if SUBJECTS[subject].cancelled_in else None
    assert len(ended.history) == pytest.approx(SUBJECTS[subject].events, rel=varies, abs=own)


@pytest.mark.parametrize("subject", [name for name in SUBJECTS if SUBJECTS[name].continue_after])
async def test_a_run_of_several_histories_has_changed_them_more_than_once(undisturbed, subject: str) -> None:
    kinds = [kind_of(event) for event in (await undisturbed(subject)).ended.history]
    assert kinds.count("WORKFLOW_EXECUTION_CONTINUED_AS_NEW") > 1
