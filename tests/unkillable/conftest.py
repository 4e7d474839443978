"""One world for all cases of a process, and how each subject ends there if nothing disturbs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, TypeAlias

import httpx
import pytest

from tests.figures import Figures
from tests.unkillable.holding import holds
from tests.unkillable.killing import Blow, Ended, Kill, drive, seconds
from tests.unkillable.story import Story, story_of
from tests.unkillable.world import World, world


class Undisturbed(NamedTuple):
    """A run that nothing disturbed."""

    ended: Ended
    story: Story


Undisturb: TypeAlias = Callable[[str], Awaitable[Undisturbed]]
Survives: TypeAlias = Callable[..., Awaitable[list[Kill]]]


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
    """Strikes in a subject's run, and fails unless that changes nothing."""

    async def survives(subject: str, *blows: Blow) -> list[Kill]:
        usual = await undisturbed(subject)
        ended = await drive(unkillable, http, subject, blows)
        figures.count("decisions checked", await holds(unkillable, ended, usual.story))
        for kill in ended.kills:
            figures.count(f"kills survived, of {kill.victim.value}")
            if len(ended.kills) == 1:
                figures.seconds(f"what a kill costs, of {kill.victim.value}", _later(ended, kill, usual.ended))
        return ended.kills

    return survives


def _later(ended: Ended, kill: Kill, usual: Ended) -> float:
    """How much later than undisturbed the run ended, from the event on at which the kill came."""
    there = usual.history[min(kill.count, len(usual.history)) - 1]
    return (ended.at - kill.at) - (usual.at - seconds(there))
