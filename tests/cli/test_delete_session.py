"""`delete-session`, straight against Temporal and an app's database, and through an API."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest

from agno_temporal.connect.loading import load_workflows
from tests.cli import scenes
from tests.cli.conftest import Cli, Remote
from tests.support import Bench

SOURCE = """
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

kept = Workflow(name="kept", db=SqliteDb(db_file="kept.db"), steps=[Step(name="a", executor=lambda _: "done")])
"""
ANOTHER = """
bare = Workflow(name="bare", steps=[Step(name="a", executor=lambda _: "done")])
"""
BESIDES = """
without = Workflow(name="without", steps=[Step(name="a", executor=lambda _: "done")])
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return written(SOURCE)


def written(source: str) -> str:
    name = f"app_{uuid.uuid4().hex}"
    Path(f"{name}.py").write_text(source)
    return name


async def test_of_an_app_it_deletes_the_rows_and_says_which_runs_those_were(cli: Cli, bench: Bench, app: str):
    (kept,) = load_workflows([app])
    async with bench.worker(kept):
        run_id = await bench.start(kept, "x", session_id="s-1")
        await bench.ended(run_id)
    assert "repeat it with --yes" in await cli.refused(2, "delete-session", "s-1", app)
    assert kept.get_session("s-1") is not None
    assert await cli.json("delete-session", "s-1", app, "--yes") == {"session_id": "s-1", "run_ids": [run_id]}
    assert kept.get_session("s-1") is None
    assert await cli.ok("delete-session", "s-1", app, "--yes") == "Session s-1 is deleted, with 0 runs.\n"


async def test_through_an_api_an_open_run_keeps_it(bench: Bench, remote: Remote):
    gated = scenes.gated()
    async with remote.of(gated) as far:
        run_id = await bench.start(gated, "x", session_id="s-1")
        await bench.paused(run_id)
        delete = ("delete-session", "s-1", "--workflow", "gated", "--yes")
        assert run_id in await far.refused(5, *delete)
        await far.ok("cancel", run_id)
        await bench.ended(run_id)
        assert await far.ok(*delete) == "Session s-1 is deleted, with 1 run.\n"
        assert "There is no workflow 'nope'" in await far.refused(
            4, "delete-session", "s-1", "--workflow", "nope", "-y"
        )
        assert "--workflow" in await far.refused(2, "delete-session", "s-1", "--yes")


async def test_a_run_on_another_queue_keeps_it_and_the_queue_is_named(cli: Cli, bench: Bench, app: str):
    (kept,) = load_workflows([app])
    async with bench.worker(kept):
        run_id = await bench.start(kept, "x", session_id="s-1")
        await bench.ended(run_id)
    delete = ("delete-session", "s-1", app, "--yes")
    said = await cli.refused(5, *delete, "--task-queue", "nobody-s")
    assert bench.task_queue in said
    assert "--task-queue" in said
    assert kept.get_session("s-1") is not None
    assert (await cli.json(*delete))["run_ids"] == [run_id]


async def test_through_an_api_another_workflow_s_is_not_found(bench: Bench, remote: Remote, app: str):
    both = load_workflows([written(SOURCE + ANOTHER.replace('"bare",', '"bare", db=kept.db,'))])
    async with remote.of(*both) as far:
        await bench.ended(await bench.start(both[0], "x", session_id="s-1"))
        delete = ("delete-session", "s-1", "--yes", "--workflow")
        assert "has no session 's-1'" in await far.refused(4, *delete, str(both[1].name))


async def test_of_an_app_with_several_workflows_the_session_s_own_is_found(cli: Cli, bench: Bench, app: str):
    both = written(SOURCE + ANOTHER.replace('"bare",', '"bare", db=kept.db,') + BESIDES)
    bare, kept, _ = sorted(load_workflows([both]), key=lambda one: str(one.name))
    async with bench.worker(bare, kept):
        run_id = await bench.start(kept, "x", session_id="s-1")
        await bench.ended(run_id)
    delete = ("delete-session", "s-1", both, "--yes")
    assert await cli.json(*delete) == {"session_id": "s-1", "run_ids": [run_id]}
    assert kept.get_session("s-1") is None
    assert await cli.ok(*delete) == "Session s-1 is deleted, with 0 runs.\n"


async def test_of_a_session_in_two_databases_the_workflow_has_to_be_named(cli: Cli, bench: Bench, app: str):
    both = written(SOURCE + ANOTHER.replace('"bare",', '"bare", db=SqliteDb(db_file="bare.db"),'))
    for workflow in load_workflows([both]):
        async with bench.worker(workflow):
            await bench.ended(await bench.start(workflow, "x", session_id="s-1"))
    said = await cli.refused(2, "delete-session", "s-1", both, "--yes")
    assert "Name its workflow: --workflow ID (it is of bare, kept)" in said
    assert len((await cli.json("delete-session", "s-1", both, "--yes", "--workflow", "bare"))["run_ids"]) == 1
    assert len((await cli.json("delete-session", "s-1", both, "--yes"))["run_ids"]) == 1


async def test_it_says_what_it_would_have_to_know(cli: Cli, app: str):
    assert "The app is missing" in await cli.refused(2, "delete-session", "s-1", "--yes")
    both, none = written(SOURCE + ANOTHER), written(SOURCE.partition("kept =")[0] + ANOTHER)
    assert "No workflow of the app has a database" in await cli.refused(2, "delete-session", "s-1", none, "-y")
    assert "no workflow 'nope'" in await cli.refused(4, "delete-session", "s-1", app, "--workflow", "nope", "-y")
    assert "'bare' has no database" in await cli.refused(2, "delete-session", "s-1", both, "--workflow", "bare", "-y")


async def test_another_workflow_s_session_is_not_found(cli: Cli, bench: Bench, app: str):
    (kept,) = load_workflows([app])
    async with bench.worker(kept):
        await bench.ended(await bench.start(kept, "x", session_id="s-1"))
    both = written(SOURCE + ANOTHER.replace('"bare",', '"bare", db=kept.db,'))
    delete = ("delete-session", "s-1", both, "--yes", "--workflow")
    assert "Workflow 'bare' has no session 's-1'" in await cli.refused(4, *delete, "bare")
    assert kept.get_session("s-1") is not None
