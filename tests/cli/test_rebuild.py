"""`rebuild`: the rows of runs, written anew from Temporal, without a worker."""

from __future__ import annotations

import base64
import sys
import uuid
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.run.workflow import WorkflowRunOutput
from temporalio.client import Client
from temporalio.converter import DataConverter

from agno_temporal.agno_bridge.approvals import waiting
from agno_temporal.cli.rebuilding import in_thread, rebuilt
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.loading import load_workflows
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Action, Decision
from tests.cli.conftest import Cli
from tests.cli.test_lists import listed
from tests.support import Bench

SOURCE = """
from agno.db.sqlite import SqliteDb
from agno.workflow import HumanReview, Step, Workflow

def count(step_input, run_context):
    run_context.session_state["count"] += 1
    return f"{step_input.input} {run_context.session_state['count']}"

def ship(step_input):
    return "shipped"

counting = Workflow(
    name="counting",
    db=SqliteDb(db_file="kept.db"),
    session_state={"count": 0},
    steps=[Step(name="count", executor=count)],
)
gated = Workflow(
    name="gated",
    db=SqliteDb(db_file="kept.db"),
    steps=[Step(name="ship", executor=ship, human_review=HumanReview(requires_confirmation=True))],
)
bare = Workflow(name="bare", steps=[Step(name="ship", executor=ship)])
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"app_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


def lost(app: str, *tables: str) -> SqliteDb:
    """The app's database, of which every row of these tables is gone, or of all."""
    db = load_workflows([app])[0].db
    for table in tables or ("sessions", "runs", "approvals"):
        found = db._get_table(table_type=table, create_table_if_not_found=True)
        with db.Session() as session, session.begin():
            session.execute(found.delete())
    return db


async def test_all_runs_are_written_anew_and_the_session_has_the_state_of_its_newest(cli: Cli, bench: Bench, app: str):
    counting, *_ = load_workflows([app])
    async with bench.worker(counting):
        for _ in range(2):
            await bench.ended(await bench.start(counting, "n", session_id="s-1"))
    lost(app)
    await listed(bench, 2)
    assert "Written: 2 of 2 runs." in (await cli("rebuild", "--session", "s-1", app)).stderr
    session = counting.get_session("s-1")
    assert sorted(run.content for run in session.runs) == ["n 1", "n 2"]
    assert session.session_data["session_state"]["count"] == 2


async def test_an_older_run_alone_leaves_the_state_of_its_session(cli: Cli, bench: Bench, app: str):
    counting, *_ = load_workflows([app])
    async with bench.worker(counting):
        first = await bench.start(counting, "n", session_id="s-2")
        created = (await bench.ended(first)).created_at
        while True:
            again = await bench.start(counting, "n", session_id="s-2")
            if (await bench.ended(again)).created_at > created:
                break
    before = counting.get_session("s-2").session_data["session_state"]
    assert await cli.ok("rebuild", first, app) == f"{first} of counting: COMPLETED\n"
    assert counting.get_session("s-2").session_data["session_state"] == before


async def test_a_run_that_waits_is_listed_again(cli: Cli, bench: Bench, app: str):
    _, gated, _ = load_workflows([app])
    async with bench.worker(gated):
        run_id = await bench.start(gated, "v2")
        [asked] = await bench.paused(run_id)
    db = lost(app)
    await cli.ok("rebuild", run_id, app)
    page = await waiting(db, in_thread)
    assert [(one.run_id, one.id) for one in page.items] == [(run_id, asked.requirement.id)]


async def test_a_terminated_run_is_closed_in_the_database(cli: Cli, bench: Bench, app: str):
    _, gated, _ = load_workflows([app])
    async with bench.worker(gated):
        run_id = await bench.start(gated, "v2", session_id="s-3")
        await bench.paused(run_id)
    await cli.ok("terminate", run_id, "--yes")
    await cli.ok("rebuild", run_id, app)
    assert [run.status for run in gated.get_session("s-3").runs] == ["ERROR"]
    assert (await waiting(gated.db, in_thread)).items == ()


async def test_what_has_no_rows_says_why(cli: Cli, bench: Bench, app: str):
    *_, bare = load_workflows([app])
    async with bench.worker(bare):
        run_id = await bench.start(bare, "n")
        await bench.ended(run_id)
    result = await cli("rebuild", run_id, app)
    assert result.exit_code == 2
    assert "not written: workflow 'bare' has no database" in result.stdout
    assert "There is no run 'nope'" in await cli.refused(4, "rebuild", "nope", app)
    assert "The app is missing" in await cli.refused(2, "rebuild", run_id)


async def test_a_run_that_cannot_be_written_keeps_no_other_from_it(cli: Cli, bench: Bench, app: str):
    counting, gated, _ = load_workflows([app])
    async with bench.worker(counting, gated):
        bad = await bench.start(gated, "v2", session_id="s-5", user_id="ana")
        await bench.paused(bad)
        lost(app)
        good = [await bench.start(counting, "n", session_id="s-5", user_id="ben") for _ in range(2)]
        for one in good:
            await bench.ended(one)
    await listed(bench, 3)
    result = await cli("rebuild", "--all", app)
    assert result.exit_code == 5, result.output
    assert f"{bad} of gated: not written: Session 's-5' belongs to another user." in result.stdout
    assert all(f"{one} of counting: COMPLETED" in result.stdout for one in good)
    assert "Written: 2 of 3 runs." in result.stderr


async def test_a_run_that_cannot_be_read_keeps_no_other_from_it(cli: Cli, bench: Bench, app: str, server: str):
    counting, gated, _ = load_workflows([app])
    key = {"AGNO_TEMPORAL_ENCRYPTION_KEYS": f"lost={base64.b64encode(bytes(32)).decode()}"}
    sealed = await Client.connect(server, data_converter=data_converter_from_environment(DataConverter.default, key))
    other = Bench(sealed, bench.task_queue)
    async with other.worker(gated):
        bad = await other.start(gated, "v2")
        await other.paused(bad)
    await cli.ok("terminate", bad, "--yes")
    async with bench.worker(counting):
        good = await bench.start(counting, "n")
        await bench.ended(good)
    lost(app)
    await listed(bench, 2)
    result = await cli("rebuild", "--all", app)
    assert result.exit_code == 3, result.output
    assert f"{bad} of gated: not written: " in result.stdout
    assert f"{good} of counting: COMPLETED" in result.stdout


async def test_what_a_run_did_while_it_was_read_is_not_taken_back(
    bench: Bench, app: str, monkeypatch: pytest.MonkeyPatch
):
    _, gated, _ = load_workflows([app])
    async with bench.worker(gated):
        run_id = await bench.start(gated, "v2", session_id="s-6")
        [asked] = await bench.paused(run_id)
        whole = bench.runs.whole

        async def slowly(manifest: Manifest) -> WorkflowRunOutput:
            read = await whole(manifest)
            if manifest.status == "PAUSED":
                await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))
                await bench.ended(run_id)
            return read

        monkeypatch.setattr(bench.runs, "whole", slowly)
        assert await rebuilt(bench.runs, [app], run_id, None, as_json=False) is None
    assert [run.status for run in gated.get_session("s-6").runs] == ["COMPLETED"]
    assert (await waiting(gated.db, in_thread)).items == ()


async def test_a_question_that_is_lost_alone_is_listed_again(cli: Cli, bench: Bench, app: str):
    _, gated, _ = load_workflows([app])
    async with bench.worker(gated):
        run_id = await bench.start(gated, "v2")
        await bench.paused(run_id)
    lost(app, "approvals")
    await cli.ok("rebuild", run_id, app)
    assert [one.run_id for one in (await waiting(gated.db, in_thread)).items] == [run_id]


async def test_a_database_that_cannot_be_read_ends_with_3(cli: Cli, bench: Bench, app: str, tmp_path: Path):
    [counting] = load_workflows([f"{app}:counting"])
    async with bench.worker(counting):
        run_id = await bench.start(counting, "v2")
        await bench.ended(run_id)
    counting.db.db_engine.dispose()
    for file in ("kept.db", "kept.db-wal"):
        (tmp_path / file).write_text("This is no database.")
    assert "The database does not answer as it should" in await cli.refused(3, "rebuild", run_id, app)
