"""`runs` and `pending`: many runs, and what Temporal's own list does not know of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.processes import Process
from tests.support import Bench, eventually


async def listed(bench: Bench, count: int) -> None:
    """Temporal's list lags behind its runs."""

    async def all_there() -> bool:
        return len([run async for run in bench.runs.list_runs()]) == count

    await eventually(f"{count} runs in the list", all_there)


async def open_runs(bench: Bench, count: int) -> None:
    async def all_there() -> bool:
        return len([run async for run in bench.runs.list_runs(open_only=True)]) == count

    await eventually(f"{count} open runs in the list", all_there)


async def test_a_run_that_waits_is_paused_and_not_running(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await listed(bench, 1)
        [_, row] = (await cli.ok("runs")).splitlines()
    assert row.split()[:3] == [run_id, "gated", "PAUSED"]


async def test_a_run_that_a_rejection_cancelled_is_cancelled_and_not_completed(cli: Cli, bench: Bench):
    workflow = scenes.gated(on_reject="cancel")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        await cli.ok("reject", run_id)
        await bench.ended(run_id)
        await open_runs(bench, 0)
    assert [run["status"] for run in (await cli.json("runs"))["runs"]] == ["CANCELLED"]


async def test_without_a_worker_an_open_run_is_running_without_an_answer(cli: Cli, bench: Bench):
    await bench.start(scenes.simple(), "v2")
    await listed(bench, 1)
    assert "RUNNING (no answer)" in await cli.ok("runs")
    assert [(run["status"], run["answered"]) for run in (await cli.json("runs"))["runs"]] == [("RUNNING", False)]


async def test_a_silent_worker_holds_the_list_up_for_one_bounded_round(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.views.survey.PATIENCE", 0.2)
    monkeypatch.setattr("agno_temporal.views.survey.AT_ONCE", 2)
    asked: list[str] = []

    async def silent(self, run_id: str) -> None:
        asked.append(run_id)
        await eventually("an answer that never comes", lambda: never())

    async def never() -> bool:
        return False

    async with bench.worker(scenes.gated()):
        for _ in range(6):
            await bench.paused(await bench.start(scenes.gated(), "v2"))
        await listed(bench, 6)
        monkeypatch.setattr("agno_temporal.client.RunClient.manifest", silent)
        said = await cli.ok("runs")
    assert said.count("RUNNING (no answer)") == 6
    assert len(asked) == 2


async def test_only_open_runs_of_one_workflow(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated(), scenes.simple(), scenes.reviewed()):
        await bench.ended(await bench.start(scenes.simple(), "v2"))
        await bench.paused(await bench.start(scenes.reviewed(), "v2"))
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await listed(bench, 3)
        await open_runs(bench, 2)
        runs = (await cli.json("runs", "--open", "--workflow", "gated"))["runs"]
    assert [run["run_id"] for run in runs] == [run_id]


async def test_a_limit_says_that_there_are_more(cli: Cli, bench: Bench):
    for _ in range(3):
        await bench.start(scenes.simple(), "v2")
    await listed(bench, 3)
    result = await cli("runs", "--limit", "2")
    assert result.stdout.count("simple") == 2
    assert "There are more than these 2" in result.stderr


async def test_open_runs_come_first_and_then_those_that_ended_last(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated(), scenes.simple()):
        started = list[str]()
        for workflow in (scenes.gated(), scenes.simple(), scenes.gated(), scenes.simple()):
            started.append(await bench.start(workflow, "v2"))
            await bench.runs.wait(started[-1])
        await listed(bench, 4)
        await open_runs(bench, 2)
        runs = (await cli.json("runs"))["runs"]
    assert [started.index(run["run_id"]) for run in runs] == [2, 0, 3, 1]


async def test_a_run_is_one_line_for_a_script(cli: Cli, bench: Bench, tmp_path: Path, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    environment = {name: value for name, value in cli.environment.items() if name != "COLUMNS"}
    run_id = f"{bench.task_queue}-{'long' * 30}"
    await cli.ok("run", "simple", "--no-wait", "--run-id", run_id)
    await listed(bench, 1)
    listing = Process.command("runs", directory=tmp_path, environment=environment)
    assert await listing.ended() == 0
    [_, row] = listing.said.splitlines()
    assert row.split()[:2] == [run_id, "simple"]


@pytest.mark.parametrize("command", ["runs", "pending"])
async def test_an_empty_list_is_no_failure(cli: Cli, command):
    assert await cli.ok(command) in ("No runs.\n", "Nothing waits for a person.\n")


async def test_pending_lists_what_waits_the_nearest_deadline_first(cli: Cli, bench: Bench):
    later = scenes.gated(timeout=7200.0)
    async with bench.worker(later, scenes.release(), scenes.two_gates()):
        for workflow in (scenes.two_gates(), scenes.release(), later):
            await bench.paused(await bench.start(workflow, "v2"))
        await open_runs(bench, 3)
        waiting = (await cli.json("pending"))["pending"]
        said = await cli.ok("pending")
    assert [one["workflow_id"] for one in waiting] == ["gated", "release", "two-gates", "two-gates"]
    assert said.startswith("ship of gated waits for confirmation, 1 h 59 min left\n  message      Ship it?\n")
    assert "4 decisions in 3 runs" in said


async def test_pending_has_all_that_a_decision_needs(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        [asked] = await bench.paused(run_id)
        await open_runs(bench, 1)
        [one] = (await cli.json("pending"))["pending"]
    assert (one["run_id"], one["requirement_id"], one["kind"]) == (run_id, asked.requirement.id, "user_input")
    assert one["actions"] == ["input", "reject"]
    assert one["fields"][0]["name"] == "percent"
    assert one["fields"][0]["allowed_values"] == [1, 10]


async def test_pending_that_is_not_complete_ends_with_3(cli: Cli, bench: Bench):
    await bench.start(scenes.simple(), "v2")
    await open_runs(bench, 1)
    assert "No worker answered for 1 open run;" in await cli.refused(3, "pending")


async def test_pending_that_is_not_complete_does_not_say_that_nothing_waits(cli: Cli, bench: Bench):
    await bench.start(scenes.simple(), "v2")
    await open_runs(bench, 1)
    assert (await cli("pending")).stdout == "Nothing is known to wait for a person.\n"
