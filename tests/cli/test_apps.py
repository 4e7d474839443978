"""`workflows`, `check` and `doctor`: what an app is, before anything of it runs."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agno_temporal.api import health
from agno_temporal.cli import doctor
from agno_temporal.client import reach
from agno_temporal.connect.loading import load_workflows
from agno_temporal.follow.pollers import Polled, polled, pollers
from tests.api.served import problem, served
from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.test_lists import listed, open_runs
from tests.operations.page import Section
from tests.support import Bench, eventually
from tests.upgrades.test_worker_versions import make_current, versions

SOURCE = """
from agno.db.sqlite import SqliteDb
from agno.workflow import HumanReview, Loop, Step, Workflow
from pydantic import BaseModel

class Order(BaseModel):
    amount: int

def work(step_input):
    return "done"

gate = HumanReview(requires_confirmation=True, confirmation_message="Ship?", timeout=3600, on_timeout="reject")
orders = Workflow(
    name="orders",
    description="Takes orders.",
    input_schema=Order,
    db=SqliteDb(db_file="kept.db"),
    steps=[
        Step(name="take", executor=work),
        Loop(name="again", steps=[Step(name="ship", executor=work, human_review=gate)], max_iterations=2),
    ],
)
"""

BAD = """
from agno.workflow import HumanReview, Loop, Step, Workflow

def work(step_input):
    return "done"

wrong = HumanReview(requires_confirmation=True, on_timeout="aprove", timeout=5)
bad = Workflow(name="Bad one", steps=[
    Loop(name="again", steps=[Step(name="ship", executor=work, human_review=wrong)], max_iterations=2),
    Step(name="tell", executor=work, human_review=HumanReview(requires_confirmation=True, on_reject="retyr")),
])
good = Workflow(name="good", steps=[Step(name="work", executor=work)])
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return module(SOURCE, tmp_path, monkeypatch)


def module(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"app_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


PICTURE = """\
orders
├── take  function
└── again  loop, at most 2 times
    └── ship  function, asks for confirmation (1 h, then reject)
"""


async def test_the_workflows_of_an_app_need_no_server(cli: Cli, app: str):
    cli.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:1"
    assert await cli.ok("workflows", app) == "WORKFLOW  DESCRIPTION\norders    Takes orders.\n"
    drawn = await cli.ok("workflows", app, "--describe", "orders")
    assert PICTURE in drawn
    assert '"amount": {' in drawn
    described = await cli.json("workflows", app, "--describe", "orders")
    assert described["plan"]["steps"][1]["steps"][0]["asks"][0]["on_timeout"] == "reject"
    assert "has no workflow 'nope'" in await cli.refused(4, "workflows", app, "--describe", "nope")
    assert "Leave one out" in await cli.refused(2, "workflows", app, "--address", "127.0.0.1:1")


async def test_temporal_knows_the_workflows_that_have_runs(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        await bench.paused(await bench.start(scenes.gated(), "v2"))
        await listed(bench, 1)
        known = await cli("workflows")
        drawn = await cli.ok("workflows", "--describe", "gated")
    assert known.stdout == "WORKFLOW  RUNS\ngated     1\n"
    assert "Others are not known here" in known.stderr
    assert "└── tell  function\n" in drawn
    assert "has no run of workflow 'nope'" in await cli.refused(4, "workflows", "--describe", "nope")


async def test_a_check_lists_all_that_would_be_refused(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bad = module(BAD, tmp_path, monkeypatch)
    result = await cli("check", bad)
    assert result.exit_code == 2
    said = " ".join(result.stdout.split())
    assert '✗ bad-one step 0/loop/0 (ship): on_timeout="aprove" is not one of' in said
    assert 'step 1 (tell): on_reject="retyr" is not one of' in said
    assert "✓ good 1 step, no gates" in said
    assert result.stderr == "Error: 2 problems.\n"
    document = json.loads((await cli("check", bad, "--json")).stdout)
    assert (document["ok"], [len(one["problems"]) for one in document["workflows"]]) == (False, [2, 0])


async def test_a_check_of_what_is_right_ends_with_0(cli: Cli, app: str):
    assert await cli.ok("check", app) == "✓ orders  3 steps, 1 gate\n"
    assert "There is no module 'nowhere'" in await cli.refused(2, "check", "nowhere")


async def test_a_doctor_finds_what_is_missing_and_names_what_mends_it(cli: Cli, bench: Bench, app: str):
    result = await cli("doctor", app)
    assert result.exit_code == 3
    assert "✗ Workers" in result.stdout
    assert f"  agno-temporal worker {app}\n" in result.stdout

    async def has_polled() -> bool:
        return bool(await pollers(bench.client, bench.task_queue))

    async with bench.worker(scenes.simple()):
        await eventually("the worker to have polled", has_polled)
        well = await cli.json("doctor", app)
    assert well["ok"]
    assert [one["what"] for one in well["findings"]] == ["Temporal", "Data", "Workers", "App", "Database"]


@pytest.mark.slow
async def test_until_its_version_is_the_current_one_a_worker_is_missing_and_the_command_is_told(
    bench: Bench, cli: Cli
) -> None:
    page = Section("No worker is there")
    config, _ = versions(bench, "auto-upgrade")
    command = f"temporal worker deployment set-current-version --deployment-name {config.version.deployment_name}"

    async def polls() -> bool:
        return bool(await pollers(bench.client, bench.task_queue))

    async with (
        bench.worker(scenes.simple(), deployment_config=config),
        served(bench, scenes.simple(), worker=False) as api,
    ):
        await eventually("the worker to poll", polls)
        found = await cli("doctor")
        started = (await cli("run", "simple", "--run-id", f"{bench.task_queue}-r", "--no-wait")).stderr
        ready = problem(await api.http.get("/ready"), 503, "not-ready")
        await make_current(bench, config)
        assert (await bench.ended(f"{bench.task_queue}-r")).status == "COMPLETED"
        healthy = await cli("doctor")
    assert (found.exit_code, healthy.exit_code) == (3, 0)
    for said in (found.stdout, started):
        page.shows("which is not the current one", " ".join(said.split()))
        assert command in " ".join(said.split())
    assert "a version that is not the current one" in ready["checks"]["workers"]["detail"]


@pytest.mark.slow
async def test_after_a_rollback_workers_of_no_version_are_missing_until_the_command_that_is_told(
    bench: Bench, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Section("Workers without a version get no runs")
    config, _ = versions(bench, "auto-upgrade")
    run_id = f"{bench.task_queue}-r"

    async def later(*arguments: Any, **options: Any) -> Polled:
        """As five minutes later, when Temporal has forgotten the version's worker."""
        return replace(await polled(*arguments, **options), taking=[])

    async def passed_over() -> bool:
        return bool((await polled(bench.client, bench.task_queue)).passed_over)

    async with bench.worker(scenes.simple(), deployment_config=config):
        await make_current(bench, config)
    async with bench.worker(scenes.simple()), served(bench, scenes.simple(), worker=False) as api:
        await eventually("the worker to poll", passed_over)
        with monkeypatch.context() as patched:
            for module in (doctor, health, reach):
                patched.setattr(module, "polled", later)
            found = await cli("doctor")
            started = (await cli("run", "simple", "--run-id", run_id, "--no-wait")).stderr
            ready = problem(await api.http.get("/ready"), 503, "not-ready")
            assert not await bench.runs.has_worker()
        [command] = [line for line in found.stdout.splitlines() if "temporal worker deployment" in line]
        address = ["--address", cli.environment["TEMPORAL_ADDRESS"]]
        await asyncio.to_thread(subprocess.run, [*shlex.split(command), *address], check=True)
        assert (await bench.ended(run_id)).status == "COMPLETED"
        assert (await cli("doctor")).exit_code == 0
    assert found.exit_code == 3
    for said in (found.stdout, started):
        page.shows("are of no version, and all runs go to", " ".join(said.split()))
        assert command.strip() in " ".join(said.split())
    assert "those that poll the task queue are of no version" in ready["checks"]["workers"]["detail"]


async def test_a_doctor_names_a_server_that_is_not_there(cli: Cli):
    result = await cli("doctor", "--address", "127.0.0.1:1")
    assert result.exit_code == 3
    assert "  agno-temporal dev app.py\n" in result.stdout


async def test_what_waits_is_read_from_the_database_of_an_app(cli: Cli, bench: Bench, app: str):
    [orders] = load_workflows([app])
    async with bench.worker(orders):
        run_id = await bench.start(orders, {"amount": 3})
        [asked] = await bench.paused(run_id)
    cli.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:1"
    [one] = (await cli.json("pending", "--app", app, "--kind", "confirmation"))["pending"]
    assert (one["requirement_id"], one["run_id"]) == (asked.requirement.id, run_id)
    assert (await cli.json("pending", "--app", app, "--step", "other"))["pending"] == []


async def test_what_waits_is_picked_by_step_and_session(cli: Cli, bench: Bench):
    async with bench.worker(scenes.two_gates()):
        await bench.paused(await bench.start(scenes.two_gates(), "v2", session_id="s-1"))
        await bench.paused(await bench.start(scenes.two_gates(), "v2", session_id="s-2"))
        await open_runs(bench, 2)
        waiting = (await cli.json("pending", "--step", "eu", "--session-id", "s-2"))["pending"]
    assert [(one["step_name"], one["session_id"]) for one in waiting] == [("eu", "s-2")]
    assert "--kind 'confirm' is none of confirmation," in await cli.refused(2, "pending", "--kind", "confirm")
