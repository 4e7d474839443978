"""``run --ask``: the decisions are asked for at the terminal, like a form."""

from __future__ import annotations

from pathlib import Path

from typer.testing import Result

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.processes import Process
from tests.support import Bench


async def asked(cli: Cli, workflow: str, *lines: str) -> Result:
    """What becomes of a run whose questions are answered with these lines."""
    return await cli(
        *("run", workflow, "--input", "v2", "--ask", "--run-id", run_id(cli)),
        stdin="".join(f"{line}\n" for line in lines),
    )


def run_id(cli: Cli) -> str:
    return f"{cli.environment['AGNO_TEMPORAL_TASK_QUEUE']}-1"


async def test_a_confirmation_takes_the_beginning_of_a_word(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        result = await asked(cli, "gated", "c")
    assert "ship: confirm, reject? (Enter leaves it open)" in result.stdout
    assert "COMPLETED" in result.stdout
    assert result.exit_code == 0


async def test_a_rejection_asks_why_and_the_next_attempt_is_asked_about_too(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        result = await asked(cli, "reviewed", "reject", "shorter", "edit", "mine")
    assert "It was rejected before: shorter" in result.stdout
    assert result.stdout.endswith("Content:\nmine\n")


async def test_a_form_is_asked_field_by_field_until_each_value_fits(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        result = await asked(cli, "form", "input", "ten", "10", "", '["eu"]')
        manifest = await bench.ended(run_id(cli))
    assert "percent: Share of requests (int; required; one of 1, 10):" in result.stdout
    assert "percent: 'ten' is no int." in result.stderr
    assert manifest.asked[0].resolution.decision.values == {"percent": 10, "regions": ["eu"]}


async def test_what_the_run_refuses_is_asked_anew(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        result = await asked(cli, "form", "input", "7", "", "", "input", "1", "", "")
    assert "7 is not one of 1, 10" in result.stderr
    assert "COMPLETED" in result.stdout


async def test_an_iteration_is_sent_on_and_then_ends_the_loop(cli: Cli, bench: Bench):
    async with bench.worker(scenes.passes()):
        result = await asked(cli, "passes", "r", "once more", "c")
    assert "Loop polish completed iteration 2/3." in result.stdout
    assert "COMPLETED" in result.stdout


async def test_a_route_is_asked_for_until_it_is_one_of_the_choices(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed()):
        result = await asked(cli, "routed", "select", "fax", "post")
    assert "'fax' is none of mail, post." in result.stderr
    assert "routed by ana to post" in result.stdout


async def test_several_routes_are_asked_for_until_enter(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed(allow_multiple_selections=True)):
        result = await asked(cli, "routed", "select", "post", "mail", "")
    assert "routed by ana to post, mail" in result.stdout


async def test_a_failure_is_retried_and_then_skipped(cli: Cli, bench: Bench, tmp_path: Path):
    async with bench.worker(scenes.broken(tmp_path / "flag")):
        result = await asked(cli, "broken", "retry", "skip")
    assert "It was retried once." in result.stdout
    assert "- fetch  function, skipped, 2 times, skipped by ana" in result.stdout


async def test_enter_leaves_the_question_open(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        result = await asked(cli, "gated", "")
        assert len(await bench.paused(run_id(cli))) == 1
    assert result.exit_code == 0
    assert "goes on waiting" in result.stderr


async def test_the_end_of_the_input_leaves_the_question_open(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        result = await asked(cli, "gated")
    assert result.exit_code == 0
    assert "goes on waiting" in result.stderr


async def test_asking_goes_with_neither_json_nor_no_wait(cli: Cli):
    assert "--ask goes with neither" in await cli.refused(2, "run", "gated", "--ask", "--json")


async def test_a_person_answers_while_the_command_waits(cli: Cli, bench: Bench, tmp_path: Path):
    command = ("run", "reviewed", "--input", "v2", "--ask", "--run-id", run_id(cli))
    asking = Process.command(*command, directory=tmp_path, environment=cli.environment)
    async with bench.worker(scenes.reviewed()):
        await asking.says("draft: confirm, reject, edit? (Enter leaves it open)")
        asking.type("reject")
        await asking.says("Why?")
        asking.type("shorter")
        await asking.says("It was rejected before: shorter")
        asking.type("confirm")
        assert await asking.ended() == 0
    assert "Content:\ndid v2\n" in asking.said


async def test_ctrl_c_at_a_question_leaves_it_open(cli: Cli, bench: Bench, tmp_path: Path):
    command = ("run", "gated", "--ask", "--run-id", run_id(cli))
    asking = Process.command(*command, directory=tmp_path, environment=cli.environment)
    async with bench.worker(scenes.gated()):
        await asking.says("ship: confirm, reject?")
        asking.interrupt()
        assert await asking.ended() == 130
        assert len(await bench.paused(run_id(cli))) == 1
