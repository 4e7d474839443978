"""`run`: start, wait, show, and an exit code that says how it ended."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from temporalio.service import RPCError, RPCStatusCode

from tests.cli import scenes
from tests.cli.conftest import Cli, Remote
from tests.cli.processes import Process
from tests.support import Bench, eventually


class Topic(BaseModel):
    title: str


async def test_a_completed_run_shows_its_content_and_ends_with_0(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        said = await cli.ok("run", "simple", "--input", "v2", "--run-id", f"{bench.task_queue}-1")
    assert said.splitlines()[0] == f"{bench.task_queue}-1"
    assert "COMPLETED" in said
    assert said.endswith("Content:\ndid v2\n")


async def test_a_failed_run_ends_with_1_and_says_why(cli: Cli, bench: Bench):
    async with bench.worker(scenes.failing()):
        result = await cli("run", "failing")
    assert result.exit_code == 1
    assert "✗ fetch  function, failed" in result.stdout
    assert "no such release" in result.stdout


async def test_a_run_that_waits_for_a_person_ends_the_command_with_0(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        said = await cli.ok("run", "gated")
    assert "PAUSED" in said
    assert "ship waits for confirmation\n  Ship it?" in said


async def test_a_run_that_a_rejection_cancelled_ends_with_1(cli: Cli, bench: Bench):
    command = ["run", "gated", "--run-id", f"{bench.task_queue}-1"]
    async with bench.worker(scenes.gated(on_reject="cancel")):
        await cli.ok(*command)
        await cli.ok("reject", command[-1])
        result = await cli(*command)
    assert result.exit_code == 1
    assert "CANCELLED" in result.stdout


async def test_the_same_command_under_one_run_id_attaches_to_the_run(cli: Cli, bench: Bench):
    command = ["run", "simple", "--input", "v2", "--run-id", f"{bench.task_queue}-1"]
    async with bench.worker(scenes.simple()):
        assert await cli.ok(*command, "--no-wait") == await cli.ok(*command, "--no-wait")


async def test_another_input_under_one_run_id_is_refused(cli: Cli, bench: Bench):
    command = ["run", "simple", "--no-wait", "--run-id", f"{bench.task_queue}-1"]
    await cli.ok(*command, "--input", "v2")
    assert "with another request" in await cli.refused(2, *command, "--input", "v3")


async def test_without_waiting_it_prints_the_run_id_and_nothing_else(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = (await cli.ok("run", "simple", "--no-wait")).removesuffix("\n")
        assert (await bench.ended(run_id)).status == "COMPLETED"


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
async def test_a_log_with_colours_is_no_terminal(cli: Cli, bench: Bench, variable: str):
    cli.environment[variable] = "1"
    async with bench.worker(scenes.simple()):
        said = await cli.ok("run", "simple", "--input", "v2")
    assert "\x1b[?25l" not in said
    assert said.count("only") == 1


async def test_json_prints_one_document(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run = await cli.json("run", "simple", "--input-json", '{"a": 1}')
    assert (run["status"], run["input"], run["error_type"]) == ("COMPLETED", {"a": 1}, None)


async def test_a_json_file_is_the_input_as_json(cli: Cli, bench: Bench, tmp_path):
    file = tmp_path / "input.json"
    file.write_text('["x", 2]')
    async with bench.worker(scenes.simple()):
        assert (await cli.json("run", "simple", "--input-file", str(file)))["input"] == ["x", 2]


async def test_stdin_is_the_input_as_text(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        said = await cli.ok("run", "simple", "--json", "--input-file", "-", stdin="v2\n")
    assert json.loads(said)["input"] == "v2\n"


async def test_two_inputs_are_wrong_usage(cli: Cli):
    assert "Only one of" in await cli.refused(2, "run", "simple", "--input", "a", "--input-json", "1")


@pytest.mark.parametrize("text", ["{", "NaN", "1e999", '"\\ud800"', "[" * 100_000 + "]" * 100_000])
async def test_broken_json_is_wrong_usage(cli: Cli, text: str):
    assert "The JSON cannot be parsed" in await cli.refused(2, "run", "simple", "--input-json", text)


async def test_an_input_that_is_no_utf_8_is_wrong_usage(cli: Cli):
    assert "is not UTF-8, here: 'caf\\udce9'" in await cli.refused(2, "run", "simple", "--input", "caf\udce9")


async def test_an_id_that_is_no_utf_8_is_wrong_usage(cli: Cli):
    assert "is not UTF-8, here: 'r-\\udcff'" in await cli.refused(2, "show", "r-\udcff")


@pytest.mark.parametrize("run_id", ["a/b", "..", "-1", "ä", "r" * 256])
async def test_an_id_that_no_api_takes_starts_no_run(cli: Cli, run_id: str):
    said = await cli.refused(2, "run", "simple", "--no-wait", f"--run-id={run_id}")
    assert f"'{run_id}' is no id for a new run. An API reaches one by its address" in said
    assert "beginning with a letter or a digit" in said
    assert "There is no run" in await cli.refused(4, "show", "--", run_id)


async def test_where_no_worker_polls_it_says_so_and_keeps_the_run(cli: Cli, bench: Bench):
    result = await cli("run", "simple", "--no-wait")
    assert result.exit_code == 0
    assert f"No worker polls task queue '{bench.task_queue}'" in result.stderr
    async with bench.worker(scenes.simple()):
        assert (await bench.ended(result.stdout.strip())).status == "COMPLETED"


async def test_waiting_where_no_worker_comes_ends_with_3(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.waiting.NO_WORKER_AFTER", 0.2)
    assert "is started and kept" in await cli.refused(3, "run", "simple")


def away(*_: object) -> None:
    raise RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")


async def test_a_start_that_nobody_answers_can_be_repeated_as_one(cli: Cli, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.RunClient.start", away)
    assert re.search(r"With --run-id [-0-9a-f]{36} it can be repeated", await cli.refused(3, "run", "simple"))


async def test_that_workers_cannot_be_asked_for_does_not_fail_a_start(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.client.RunClient.nobody_begins", away)
    run_id = (await cli.ok("run", "simple", "--no-wait")).strip()
    async with bench.worker(scenes.simple()):
        assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_a_failure_behind_the_start_names_the_run_also_with_json(cli: Cli, bench: Bench, monkeypatch):
    monkeypatch.setattr("agno_temporal.cli.direct.Direct.settled", away)
    async with bench.worker(scenes.simple()):
        said = await cli.refused(3, "run", "simple", "--json")
        run_id = said[: said.index(" goes on.")].split()[-1]  # A word before may say that no worker polls yet.
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert f"Run {run_id} goes on." in said


async def test_of_an_unknown_run_nothing_is_said_to_go_on(cli: Cli):
    assert "goes on" not in await cli.refused(4, "watch", "nope")


async def test_interrupted_it_says_that_the_run_goes_on(cli: Cli, bench: Bench, tmp_path: Path):
    run_id = f"{bench.task_queue}-1"
    waiting = Process.command("run", "simple", "--run-id", run_id, directory=tmp_path, environment=cli.environment)
    await waiting.says("No worker polls task queue")
    waiting.interrupt()
    assert await waiting.ended() == 130
    assert f"Run {run_id} goes on." in waiting.said
    async with bench.worker(scenes.simple()):
        assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_an_unknown_workflow_is_told_while_the_run_waits_for_it(cli: Cli, bench: Bench, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr("agno_temporal.cli.waiting.LOOK_EVERY", 0.05)
    monkeypatch.setattr("agno_temporal.cli.waiting.tell", told.append)
    async with bench.worker(scenes.simple()):
        waiting = asyncio.create_task(cli("run", "smiple", "--run-id", f"{bench.task_queue}-1"))
        await eventually("a word about the workflow", lambda: asyncio.sleep(0, told))
        await bench.runs.cancel(f"{bench.task_queue}-1")
        await waiting
    assert "has no workflow 'smiple'; it has 'simple'" in told[0]


async def test_a_run_of_an_unknown_workflow_is_shown_as_such_and_can_be_cancelled(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = (await cli.ok("run", "smiple", "--no-wait")).strip()
        assert "has no workflow 'smiple'; it has 'simple'" in await cli.ok("show", run_id)
        await cli.ok("cancel", run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"


async def test_an_input_that_does_not_fit_is_told_by_the_run_where_no_api_refuses_it(
    cli: Cli, bench: Bench, remote: Remote
):
    workflow = scenes.simple()
    workflow.input_schema = Topic
    command = ["run", "simple", "--input", "bees", "--run-id"]
    async with remote.of(workflow) as far:
        assert "input" in await far.refused(2, *command, f"{bench.task_queue}-1")
        assert "There is no run" in await cli.refused(4, "show", f"{bench.task_queue}-1")
        assert (await cli(*command, f"{bench.task_queue}-2")).exit_code == 1
        again = ["run", "simple", "--input-json", '{"title": "bees"}', "--run-id", f"{bench.task_queue}-2"]
        assert "with another request" in await cli.refused(2, *again)
