"""`confirm`, `reject`, `input`, `edit`, `cancel`: the run judges, and the exit code tells what it said."""

from __future__ import annotations

import pytest

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench


async def test_a_confirmation_lets_the_run_go_on_and_says_what_was_recorded(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        said = await cli.ok("confirm", run_id)
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert said.endswith(": step 'ship' confirmed by ana.\n")


async def test_a_rejection_carries_its_feedback(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        await cli.ok("reject", run_id, "draft", "--feedback", "shorter", "--by", "ben")
        [asked] = await bench.paused(run_id)
    assert (asked.requirement.feedback, asked.requirement.retry_count) == ("shorter", 1)


async def test_values_get_the_types_of_the_form(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        await cli.ok(
            "input", run_id, "--value", "percent=10", "--value", "dry=yes", "--value", 'regions=["eu"]'
        )  # fmt: skip
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.values == {"percent": 10, "dry": True, "regions": ["eu"]}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("percent=x", "percent: 'x' is no int", id="not-of-the-type"),
        pytest.param("percent", "'percent' is not NAME=VALUE", id="no-pair"),
        pytest.param("percent=7", "7 is not one of 1, 10", id="not-allowed"),
        pytest.param("share=1", "share: is not a field of this form", id="unknown"),
    ],
)
async def test_a_wrong_value_ends_with_2_and_leaves_the_question_open(cli: Cli, bench: Bench, value, why):
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        assert why in await cli.refused(2, "input", run_id, "--value", value)
        assert len(await bench.paused(run_id)) == 1


async def test_all_faults_are_named_at_once_those_of_the_form_too(cli: Cli, bench: Bench):
    values = ("dry=perhaps", "regions=eu", "percent=7", "share=1", "alone")
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        said = await cli.refused(2, "input", run_id, *(part for value in values for part in ("--value", value)))
        without = await cli.refused(2, "input", run_id, "--value", "dry=perhaps")
    assert said == (
        "Error: dry: 'perhaps' is no bool; regions: 'eu' is no list; 'alone' is not NAME=VALUE; "
        "percent: 7 is not one of 1, 10; share: is not a field of this form.\n"
    )
    assert without == "Error: dry: 'perhaps' is no bool; percent: is required.\n"


async def test_a_field_given_twice_ends_with_2_and_leaves_the_question_open(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        said = await cli.refused(2, "input", run_id, "--value", "percent=1", "--value", "percent=10")
        assert "percent is given twice" in said
        assert len(await bench.paused(run_id)) == 1


async def test_an_answer_that_the_question_does_not_take_ends_with_2(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        assert "takes confirm, reject, not edit" in await cli.refused(2, "edit", run_id, "--text", "mine")


@pytest.mark.parametrize(("option", "expected"), [(("--text", "mine"), "mine"), (("--json", '{"a": [1]}'), {"a": [1]})])
async def test_an_edit_replaces_the_output(cli: Cli, bench: Bench, option, expected):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        await cli.ok("edit", run_id, *option)
        await bench.ended(run_id)
        assert (await cli.json("show", run_id))["content"] == expected


async def test_an_edit_to_null_is_judged_by_the_run(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        assert "edited_output: is required" in await cli.refused(2, "edit", run_id, "--json", "null")


async def test_an_edit_that_no_history_can_hold_ends_with_2(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        assert "more than 200 levels deep" in await cli.refused(2, "edit", run_id, "--json", "[" * 500 + "]" * 500)


async def test_an_edit_from_a_file(cli: Cli, bench: Bench, tmp_path):
    file = tmp_path / "draft.txt"
    file.write_text("mine")
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        await bench.paused(run_id)
        await cli.ok("edit", run_id, "--file", str(file))
        await bench.ended(run_id)
        assert (await cli.json("show", run_id))["content"] == "mine"


async def test_of_several_open_questions_one_has_to_be_named(cli: Cli, bench: Bench):
    async with bench.worker(scenes.two_gates()):
        run_id = await bench.start(scenes.two_gates(), "v2")
        await bench.paused(run_id)
        said = await cli.refused(2, "confirm", run_id)
        await cli.ok("confirm", run_id, "us")
        [left] = await bench.paused(run_id)
    assert "eu (confirmation, " in said
    assert "us (confirmation, " in said
    assert left.requirement.step_name == "eu"


async def test_a_second_decision_ends_with_5_and_names_the_first(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await cli.ok("confirm", run_id)
        await bench.ended(run_id)
        assert "confirm by ana" in await cli.refused(5, "reject", run_id)


async def test_a_decision_sent_twice_under_one_id_is_taken_once(cli: Cli, bench: Bench):
    async with bench.worker(scenes.two_gates()):
        run_id = await bench.start(scenes.two_gates(), "v2")
        await bench.paused(run_id)
        command = ["confirm", run_id, "eu", "--decision-id", "d-1"]
        assert await cli.ok(*command) == await cli.ok(*command)


async def test_a_step_that_asks_nothing_is_not_found(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        said = await cli.refused(4, "confirm", run_id, "build")
    assert "has no requirement 'build'. Open are: ship (confirmation, " in said


async def test_a_run_that_never_asked_has_nothing_to_decide(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = await bench.start(scenes.simple(), "v2")
        await bench.ended(run_id)
        assert "(COMPLETED) waits for nothing" in await cli.refused(4, "confirm", run_id)


async def test_an_unknown_run_is_not_found(cli: Cli):
    assert "There is no run 'nope'" in await cli.refused(4, "confirm", "nope")


async def test_a_cancelled_run_ends(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await cli.ok("cancel", run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"


async def test_a_run_that_has_ended_cannot_be_cancelled(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = await bench.start(scenes.simple(), "v2")
        await bench.ended(run_id)
        assert "had ended before" in await cli.refused(5, "cancel", run_id)


async def test_an_edit_without_content_is_wrong_usage(cli: Cli):
    assert "--text, --json or --file" in await cli.refused(2, "edit", "some-run")
