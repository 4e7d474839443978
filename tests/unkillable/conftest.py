"""One world for all cases of a process, and how each subject ends there if nothing disturbs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, TypeAlias

import httpx
import pytest

from tests.figures import Figures
from tests.unkillable.holding import holds
from tests.unkillable.killing import Ended, Kill, Moment, disturb, drive
from tests.unkillable.story import Story, story_of
from tests.unkillable.world import Victim, World, world


class Undisturbed(NamedTuple):
    """A run that nothing disturbed."""

    ended: Ended
    story: Story


Undisturb: TypeAlias = Callable[[str], Awaitable[Undisturbed]]
Survives: TypeAlias = Callable[[str, Victim, Moment], Awaitable[Kill]]


@pytest.fixture(scope="session")
async def unkillable(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world(tmp_path_factory.mktemp("unkillable")) as made:
        yield made


@pytest.fixture
async def http(unkillable: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=unkillable.url, timeout=60) as http:
        yield http


@pytest.fixture(scope="session")
def undisturbed(unkillable: World) -> Undisturb:
    """Runs a subject undisturbed, the first time that somebody asks."""
    known: dict[str, Undisturbed] = {}

    async def of(subject: str) -> Undisturbed:
        if subject not in known:
            async with httpx.AsyncClient(base_url=unkillable.url, timeout=60) as http:
                ended = await drive(unkillable, http, subject)
                known[subject] = Undisturbed(ended, await story_of(unkillable, ended.reviewer))
        return known[subject]

    return of


@pytest.fixture
def survives(unkillable: World, http: httpx.AsyncClient, undisturbed: Undisturb, figures: Figures) -> Survives:
    """Kills at a moment of a subject's run, and fails unless that changes nothing."""

    async def survives(subject: str, victim: Victim, moment: Moment) -> Kill:
        usual = await undisturbed(subject)
        ended = await disturb(unkillable, http, subject, victim, moment)
        kill = ended.kill
        assert kill is not None
        figures.count(f"kills survived, of {victim.value}")
        figures.count("decisions checked", await holds(unkillable, ended, usual.story))
        figures.seconds(f"time that a kill costs, of {victim.value}", _later(ended, kill, usual.ended))
        figures.seconds("the kill after the event", kill.at - kill.event.event_time.ToMicroseconds() / 1e6)
        return kill

    return survives


def _later(ended: Ended, kill: Kill, usual: Ended) -> float:
    """How much later than undisturbed the run ended, from the event on at which the kill came."""
    there = usual.history[min(kill.event.event_id, len(usual.history)) - 1]
    return (ended.at - kill.at) - (usual.at - there.event_time.ToMicroseconds() / 1e6)
