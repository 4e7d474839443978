"""The runs that are to be killed, while nothing kills them: what the others are compared with."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from tests.unkillable.holding import holds
from tests.unkillable.killing import drive, kind_of, seconds
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
    varies = 0.4 if SUBJECTS[subject].continue_after else 0.1  # A decision may put a change of histories off.
    assert len(ended.history) == pytest.approx(SUBJECTS[subject].events, rel=varies)


@pytest.mark.parametrize("subject", [name for name in SUBJECTS if SUBJECTS[name].continue_after])
async def test_a_run_of_several_histories_takes_open_questions_along(undisturbed, subject: str) -> None:
    ended = (await undisturbed(subject)).ended
    changes = [seconds(event) for event in ended.history if kind_of(event) == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"]
    waited = [
        (datetime.fromisoformat(given.question["opened_at"]).timestamp(), given.sent_at)
        for given in ended.reviewer.given.values()
    ]
    assert any(opened < change < sent for change in changes for opened, sent in waited)
