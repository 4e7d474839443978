"""Temporal workflows that are none of agno's: on the same queue, and in no list of runs."""

from __future__ import annotations

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.test_lists import listed
from tests.others import Own, own_beside
from tests.support import Bench


async def test_an_open_one_hides_no_run_and_is_none(cli: Cli, bench: Bench) -> None:
    async with own_beside(bench, scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await listed(bench, 2)
        runs, pending = (await cli.json("runs"))["runs"], await cli.json("pending")
    assert [run["run_id"] for run in runs] == [run_id]
    assert [one["run_id"] for one in pending["pending"]] == [run_id]
    assert (pending["no_answer"], pending["unreadable"]) == ([], [])


async def test_nor_is_one_that_has_ended(cli: Cli, bench: Bench) -> None:
    async with own_beside(bench, scenes.simple()) as own:
        await own.signal(Own.end)
        await own.result()
        await listed(bench, 1)
        assert (await cli.json("runs"))["runs"] == []


async def test_asked_for_by_its_id_it_is_said_to_be_none(cli: Cli, bench: Bench) -> None:
    async with own_beside(bench, scenes.simple()) as own:
        for command in (["show"], ["events"], ["confirm"]):
            said = await cli.refused(4, *command, own.id)
            assert f"{own.id!r} is a Temporal workflow, and no run of an agno workflow." in " ".join(said.split())
        await own.signal(Own.end)
        await own.result()
        assert "no run of an agno workflow" in " ".join((await cli.refused(4, "show", own.id)).split())
