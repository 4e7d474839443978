"""`events`: a run's events by their numbers, those that there are or all that come."""

from __future__ import annotations

import asyncio
import json

from agno_temporal.hitl import Action, Decision
from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench


def numbered(said: str) -> list[tuple[int, str]]:
    return [(event["event_index"], event["event"]) for event in map(json.loads, said.splitlines())]


async def test_those_behind_a_number_and_all_of_them_while_the_run_waits(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        some, lines = await cli.ok("events", run_id, "--after", "3", "--json"), await cli.ok("events", run_id)
        assert await cli.ok("events", run_id, "--after", "99") == ""
    assert numbered(some) == [(4, "StepPaused")]
    assert lines.splitlines()[1] == "    1  StepStarted  build"


async def test_followed_to_the_end_of_the_run(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        [asked] = await bench.paused(run_id)
        following = asyncio.create_task(cli.ok("events", run_id, "--follow", "--json"))
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        events = numbered(await following)
    assert [number for number, _ in events] == list(range(len(events)))
    assert (events[0][1], events[-1][1]) == ("WorkflowStarted", "WorkflowCompleted")


async def test_an_unknown_run_is_not_found(cli: Cli):
    assert "There is no run 'nope'" in await cli.refused(4, "events", "nope")
    assert "There is no run 'nope'" in await cli.refused(4, "events", "nope", "--follow")
