"""Every kind of pause with every answer and every policy, in every place, does the same where a run goes on in a new
Temporal run with nearly every step."""

from __future__ import annotations

import asyncio

import pytest

from tests.matrix.outcomes import CELLS
from tests.matrix.subjects import SUBJECTS
from tests.matrix.test_every_pause_everywhere import _wrong, case, driven
from tests.running.scenes import PLACES
from tests.support import Bench


@pytest.mark.sweep
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", SUBJECTS)
async def test_every_pause_does_what_it_says_over_many_histories(bench: Bench, kind: str, place: str) -> None:
    cases = [case(kind, place, cell, number) for number, cell in enumerate(CELLS[kind])]
    async with bench.worker(*(one.workflow for one in cases), continue_after=5):
        ended = await asyncio.gather(*(driven(bench, one) for one in cases))
    wrong = [text for one, manifest in zip(cases, ended, strict=True) if (text := _wrong(one, manifest))]
    assert not wrong, "\n".join(wrong)
