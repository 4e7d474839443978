"""What containers, routers and failures ask: shown with what each answer does, and decided."""

from __future__ import annotations

from pathlib import Path

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench


async def test_an_iteration_is_shown_with_its_number_and_its_output(cli: Cli, bench: Bench):
    async with bench.worker(scenes.passes()):
        run_id = await bench.start(scenes.passes(), "v2")
        await bench.paused(run_id)
        said = await cli.ok("show", run_id)
        [one] = (await cli.json("show", run_id))["pending"]
    assert "polish waits for a review of its iteration\n" in said
    assert "Loop polish completed iteration 1/3.\n" in said
    assert "Output:\n    did v2\n" in said
    assert "A confirmation, or an edit, ends the loop with this output.\n" in said
    assert "A rejection starts the next iteration, 0 of 2 times so far.\n" in said
    assert (one["kind"], one["under_review"]) == ("iteration_review", "did v2")
    assert one["reached"] == "Loop polish completed iteration 1/3"


async def test_a_rejected_iteration_is_followed_by_the_next_and_a_confirmed_one_ends_the_loop(cli: Cli, bench: Bench):
    async with bench.worker(scenes.passes()):
        run_id = await bench.start(scenes.passes(), "v2")
        await bench.paused(run_id)
        await cli.ok("reject", run_id, "--feedback", "once more")
        await bench.paused(run_id)
        second = await cli.ok("show", run_id)
        await cli.ok("confirm", run_id)
        await bench.ended(run_id)
        last = await cli.ok("show", run_id)
    assert "Loop polish completed iteration 2/3.\n  It was rejected before: once more\n" in second
    assert "✓ polish  loop, at most 3 times, done, confirmed by ana" in last


async def test_an_edited_iteration_is_the_loop_s_output(cli: Cli, bench: Bench):
    async with bench.worker(scenes.passes()):
        run_id = await bench.start(scenes.passes(), "v2")
        await bench.paused(run_id)
        await cli.ok("edit", run_id, "--text", "mine")
        run = await bench.ended(run_id)
    assert run.status == "COMPLETED"
    assert run.asked[0].resolution.decision.action.value == "edit"


async def test_a_router_shows_its_choices_and_how_to_choose(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed()):
        run_id = await bench.start(scenes.routed(), "v2")
        [asked] = await bench.paused(run_id)
        said = await cli.ok("show", run_id)
        [one] = (await cli.json("show", run_id))["pending"]
    assert "channel waits for a choice of route\n  Which channel?\n" in said
    assert "One route of:\n    mail\n    post\n" in said
    assert f"agno-temporal select {run_id} {asked.requirement.id} --route NAME\n" in said
    assert (one["choices"], one["allow_multiple_selections"], one["actions"]) == (
        ["mail", "post"],
        False,
        ["select", "reject"],
    )


async def test_the_selected_route_runs_and_the_other_does_not(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed()):
        run_id = await bench.start(scenes.routed(), "v2")
        await bench.paused(run_id)
        recorded = await cli.ok("select", run_id, "--route", "post")
        await bench.ended(run_id)
        run = await cli.json("show", run_id)
    assert recorded.endswith(": step 'channel' routed by ana to post.\n")
    assert [step["state"] for step in run["steps"][0]["steps"]] == ["skipped", "done"]
    assert run["decisions"][0]["selected"] == ["post"]


async def test_several_routes_are_taken_where_the_router_allows_it(cli: Cli, bench: Bench):
    workflow = scenes.routed(allow_multiple_selections=True)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        await cli.ok("select", run_id, "channel", "--route", "post", "--route", "mail")
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.selected == ("post", "mail")


async def test_a_route_that_is_no_choice_ends_with_2(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed()):
        run_id = await bench.start(scenes.routed(), "v2")
        await bench.paused(run_id)
        assert "The choices are 'mail', 'post'" in await cli.refused(2, "select", run_id, "--route", "fax")
        assert len(await bench.paused(run_id)) == 1


async def test_a_router_s_form_is_filled_in_beside_the_choice(cli: Cli, bench: Bench):
    fields = [{"name": "copies", "field_type": "int"}]
    workflow = scenes.routed(user_input_schema=fields)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        assert "--route NAME --value copies=..." in await cli.ok("show", run_id, columns=200)
        await cli.ok("select", run_id, "--route", "post", "--value", "copies=3")
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.values == {"copies": 3}


async def test_a_selection_without_a_route_is_wrong_usage(cli: Cli):
    assert "--route NAME" in await cli.refused(2, "select", "some-run")


async def test_a_route_that_was_left_as_a_signal_is_taken_when_a_worker_comes(cli: Cli, bench: Bench):
    async with bench.worker(scenes.routed()):
        run_id = await bench.start(scenes.routed(), "v2")
        [asked] = await bench.paused(run_id)
    await cli.ok("select", run_id, asked.requirement.id, "--route", "mail", "--signal")
    async with bench.worker(scenes.routed()):
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.selected == ("mail",)


async def test_a_condition_says_which_branch_each_answer_takes(cli: Cli, bench: Bench):
    async with bench.worker(scenes.forked()):
        run_id = await bench.start(scenes.forked(), "v2")
        await bench.paused(run_id)
        said = await cli.ok("show", run_id)
        await cli.ok("reject", run_id)
        await bench.ended(run_id)
        run = await cli.json("show", run_id)
    assert "A confirmation takes the if branch, whatever the evaluator would say.\n" in said
    assert "A rejection takes the else branch.\n" in said
    assert [branch["state"] for branch in run["steps"][0]["steps"]] == ["skipped", "done"]


async def test_pending_lists_each_kind_with_what_it_asks(cli: Cli, bench: Bench, tmp_path: Path):
    broken = scenes.broken(tmp_path / "flag", timeout=7200.0, on_timeout="skip")
    workflows = (scenes.passes(), scenes.routed(), broken)
    async with bench.worker(*workflows):
        for workflow in workflows:
            await bench.paused(await bench.start(workflow, "v2"))
        said = await cli.ok("pending", columns=120)
    assert "fetch of broken waits for a decision on its failure, 1 h 59 min left\n" in said
    assert "error        ValueError: no such release (not retried yet)\n" in said
    assert "then         the step is skipped\n" in said
    assert "polish of passes waits for a review of its iteration\n" in said
    assert "reached      Loop polish completed iteration 1/3\n" in said
    assert "channel of routed waits for a choice of route\n" in said
    assert "one of       mail, post\n" in said
