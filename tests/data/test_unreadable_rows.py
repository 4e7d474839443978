"""A list with runs whose key this reader has not: they are shown as unreadable, and hide none of the others.

A key is taken away while ended runs of it are still listed; and nobody could be shown what is open today for that.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from agno.workflow import Step, Workflow

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.contract.sealed import VARIABLE
from tests.api.served import over
from tests.cli.conftest import Cli
from tests.data.scenes import NEW, OLD, gated, having
from tests.support import Bench, eventually

WHY = "it is encrypted with key 'old', and AGNO_TEMPORAL_ENCRYPTION_KEYS has 'new'"


def simple() -> Workflow:
    return Workflow(name="simple", steps=[Step(name="a", executor=lambda _: "done")])


@pytest.fixture
async def runs(bench: Bench) -> AsyncIterator[tuple[str, str]]:
    """One that ended and is encrypted with the old key, and one that waits and is encrypted with the new one."""
    before, now = having(bench, OLD), having(bench, {**NEW, **OLD})
    async with before.worker(simple()):
        ended = await before.start(simple(), "x")
        await before.ended(ended)
    async with now.worker(gated()):
        waiting = await now.start(gated(), "x")
        await now.paused(waiting)

        async def listed() -> bool:
            return {one.run_id: one.status async for one in bench.runs.list_runs()} == {
                ended: "COMPLETED",
                waiting: "RUNNING",
            }

        await eventually("both to be listed", listed)
        yield ended, waiting


@pytest.fixture
def cli(bench: Bench) -> Cli:
    """A reader that has the new key alone."""
    called = Cli(bench.client.service_client.config.target_host, bench.task_queue)
    called.environment[VARIABLE] = f"new={base64.b64encode(NEW['new']).decode()}"
    return called


async def test_the_command_line_shows_it_as_unreadable_and_says_why(cli: Cli, runs: tuple[str, str]) -> None:
    result = await cli("runs")
    assert result.exit_code == 0
    assert "COMPLETED (unreadable)" in result.stdout
    assert "PAUSED" in result.stdout
    assert WHY in " ".join(result.stderr.split())


async def test_the_json_of_a_list_has_the_reason(cli: Cli, runs: tuple[str, str]) -> None:
    ended, waiting = runs
    rows = {row["run_id"]: row for row in (await cli.json("runs"))["runs"]}
    assert (rows[ended]["status"], rows[ended]["answered"]) == ("COMPLETED", False)
    assert WHY in rows[ended]["unreadable"]
    assert (rows[waiting]["status"], rows[waiting]["answered"], rows[waiting]["unreadable"]) == ("PAUSED", True, None)


async def test_the_api_lists_it_with_the_reason(bench: Bench, runs: tuple[str, str]) -> None:
    service = new_service([gated(), simple()], having(bench, NEW).client, task_queue=bench.task_queue)
    async with over(create_app(service)) as http:
        answer = await http.get("/v1/runs")
    assert answer.status_code == 200
    ended, waiting = runs
    rows = {row["run_id"]: row for row in answer.json()["runs"]}
    assert WHY in rows[ended]["unreadable"]
    assert (rows[waiting]["status"], rows[waiting]["unreadable"]) == ("PAUSED", None)


async def test_pending_says_why_an_open_run_cannot_be_read(bench: Bench, cli: Cli) -> None:
    old = having(bench, OLD)
    async with old.worker(gated()):
        lost = await old.start(gated(), "x")
        await old.paused(lost)
        hidden = await cli("pending", "--json")
    assert hidden.exit_code == 3
    assert f'"{lost}"' in hidden.stdout
    assert WHY in hidden.stdout


async def test_a_run_whose_beginning_cannot_be_read_is_listed_from_where_it_went_on(bench: Bench) -> None:
    """Where it began stands in a memo, which is encrypted, too."""
    old, new = having(bench, OLD), having(bench, NEW)
    steps = [Step(name=f"s{number}", executor=lambda _: "done") for number in range(4)]
    workflow = Workflow(name="long", steps=steps)
    async with old.worker(workflow, continue_after=8):
        run_id = await old.start(workflow, "x")
        await old.ended(run_id)

        async def listed() -> bool:
            return [one.status async for one in new.runs.list_runs()] == ["COMPLETED"]

        await eventually("it to be listed", listed)
        [theirs] = [one async for one in new.runs.list_runs()]
        [ours] = [one async for one in old.runs.list_runs()]
    assert theirs.started_at > ours.started_at
