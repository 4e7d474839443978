"""A run that was put back is one run: Temporal's list has what it left as well, as completed or terminated."""

from __future__ import annotations

from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb

from tests.api.served import Served, served
from tests.support import Bench, eventually
from tests.upgrades.resets import Scene


async def put_back(bench: Bench, scene: Scene, ended: bool) -> None:
    await scene.start()
    await bench.paused(scene.run_id)
    place = (await scene.tasks())[-1]
    for _ in range(2 if ended else 0):
        await scene.decide("update")
    if ended:
        await bench.ended(scene.run_id)
    await scene.reset(place, "update")
    assert (await scene.waits_at())[0] == "g"

    async def both_listed() -> bool:
        query = f"WorkflowId = '{scene.run_id}'"
        return len([one async for one in bench.client.list_workflows(query)]) == 2

    await eventually("both Temporal runs to be listed", both_listed)


@pytest.mark.parametrize("ended", [True, False], ids=["when it had ended", "while it waited"])
async def test_it_is_listed_once_as_it_stands(bench: Bench, tmp_path: Path, ended: bool) -> None:
    scene = Scene(bench, SqliteDb(db_file=str(tmp_path / "agno.db")))
    async with served(bench, scene.workflow) as api:
        await put_back(bench, scene, ended)
        assert [(one["run_id"], one["status"]) for one in (await api.get("/v1/runs"))["runs"]] == [
            (scene.run_id, "PAUSED")
        ]
        assert [one.run_id async for one in bench.runs.list_runs()] == [scene.run_id]


async def test_and_not_among_those_that_have_ended(bench: Bench, tmp_path: Path) -> None:
    scene = Scene(bench, SqliteDb(db_file=str(tmp_path / "agno.db")))
    other = Scene(bench, scene.db)
    async with served(bench, scene.workflow) as api:
        await other.start()
        for _ in range(2):
            await other.decide("update")
        await bench.ended(other.run_id)
        await put_back(bench, scene, ended=True)

        async def listed() -> bool:
            return await closed(api) == [other.run_id]

        await eventually("the other one alone to be listed as ended", listed)


async def closed(api: Served) -> list[str]:
    return [one["run_id"] for one in (await api.get("/v1/runs", status="closed"))["runs"]]
