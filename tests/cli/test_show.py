"""`show`: where a run stands, at a glance and on a narrow terminal."""

from __future__ import annotations

import json
import shlex

from agno.workflow import Step, StepInput, StepOutput, Workflow

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench, eventually

WAITING_IN_THE_SECOND_ITERATION = """\
release
├── ✓ build  function, done
├── ● batches  loop, at most 2 times, running
│   ├── ✓ pick  function, done, 2 times
│   ├── ◆ ship  function, waits for confirmation, 2 d left
│   └── ○ check  function
├── ○ regions  parallel
│   ├── ○ eu  function
│   └── ○ us  function
└── ○ all well  condition
    ├── ○ if
    │   └── ○ announce  function
    └── ○ else
        └── ○ retreat  function
"""

COMPLETED = """\
release
├── ✓ build  function, done
├── ✓ batches  loop, at most 2 times, done
│   ├── ✓ pick  function, done, 2 times
│   ├── - ship  function, skipped, rejected by ana: not now
│   └── ✓ check  function, done, 2 times
├── ✓ regions  parallel, done
│   ├── ✓ eu  function, done
│   └── ✓ us  function, done
└── ✓ all well  condition, done
    ├── ✓ if
    │   └── ✓ announce  function, done
    └── - else
        └── - retreat  function, skipped
"""


async def test_the_tree_of_a_run_that_waits_in_the_second_iteration_of_a_loop(cli: Cli, bench: Bench):
    async with bench.worker(scenes.release()):
        run_id = await bench.start(scenes.release(), "v2")
        await bench.paused(run_id)
        await cli.ok("confirm", run_id)
        [asked] = await bench.paused(run_id)
        narrow, wide = await cli.ok("show", run_id), await cli.ok("show", run_id, columns=120)
    for picture in (narrow, wide):
        assert WAITING_IN_THE_SECOND_ITERATION in picture
        assert "Ship this batch?" in picture
        assert f"agno-temporal confirm {run_id} {asked.requirement.id}" in picture
    assert max(map(len, narrow.partition("agno-temporal")[0].splitlines())) <= 80


async def test_the_tree_of_a_completed_run_says_who_decided(cli: Cli, bench: Bench):
    async with bench.worker(scenes.release()):
        run_id = await bench.start(scenes.release(), "v2")
        for _ in range(2):
            await bench.paused(run_id)
            await cli.ok("reject", run_id, "--feedback", "not now")
        await bench.ended(run_id)
        assert COMPLETED in await cli.ok("show", run_id)


async def test_a_confirmation_shows_what_the_step_would_be_given(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        assert "Previous output:\n    did v2\n" in await cli.ok("show", run_id)


async def test_a_review_shows_the_output_and_the_ways_to_answer(cli: Cli, bench: Bench):
    async with bench.worker(scenes.reviewed()):
        run_id = await bench.start(scenes.reviewed(), "v2")
        [asked] = await bench.paused(run_id)
        said = await cli.ok("show", run_id)
    assert "Output:\n    did v2\n" in said
    assert "A rejection makes the step run again, 0 of 2 times so far." in said
    for answer in ("confirm", "reject", "edit"):
        assert f"agno-temporal {answer} {run_id} {asked.requirement.id}" in said


async def test_commands_to_copy_go_where_this_one_went(cli: Cli, bench: Bench, server: str):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        [asked] = await bench.paused(run_id)
        said = await cli.ok("show", run_id, "--address", server, "--task-queue", bench.task_queue)
    options = f"--address {server} --task-queue {bench.task_queue}"
    assert f"agno-temporal confirm {run_id} {asked.requirement.id} {options}\n" in said


async def test_a_form_is_shown_with_types_and_allowed_values(cli: Cli, bench: Bench):
    async with bench.worker(scenes.form()):
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        said = await cli.ok("show", run_id)
    assert "percent  int   required  Share of requests; one of 1, 10" in said
    assert "--value percent=..." in said


async def test_a_shown_command_can_be_copied_whatever_a_field_is_called(cli: Cli, bench: Bench):
    name = "share; $(touch here)"
    schema = [{"name": name, "field_type": "int"}]
    workflow = Workflow(name="odd", steps=[scenes.step("route", requires_user_input=True, user_input_schema=schema)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        [shown] = [line for line in (await cli.ok("show", run_id)).splitlines() if "agno-temporal input" in line]
        _, *arguments = shlex.split(shown.replace("...", "10"))
        await cli.ok(*arguments)
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.values == {name: 10}


async def test_a_shown_command_can_be_copied_where_the_id_looks_like_an_option(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2", run_id=f"-{bench.task_queue}")
        await bench.paused(run_id)
        said = await cli.ok("show", "--task-queue", bench.task_queue, "--", run_id)
        [shown] = [line for line in said.splitlines() if "agno-temporal confirm" in line]
        await cli.ok(*shlex.split(shown)[1:])
        assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_a_refused_signal_is_shown(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        [asked] = await bench.paused(run_id)
        await cli.ok("input", run_id, asked.requirement.id, "--signal")
        assert "Refused signals:\n  provide_input: Step 'ship' waits for" in await cli.ok("show", run_id)


async def test_a_step_that_the_deployed_workflow_has_not_is_shown_as_blocked(cli: Cli, bench: Bench):
    old = scenes.gated()
    async with bench.worker(old):
        run_id = await bench.start(old, "v2")
        await bench.paused(run_id)
    new = Workflow(name="gated", steps=[scenes.step("build"), scenes.step("ship"), scenes.step("announce")])
    async with bench.worker(new):
        await cli.ok("confirm", run_id)
        await eventually("the step to be blocked", lambda: bench.runs.blocked(run_id))
        said = await cli.ok("show", run_id, columns=300)
    assert "! tell  function, blocked, tried" in said
    assert said.count('this worker\'s workflow has the step "announce"') == 1


async def test_a_run_that_could_not_be_opened_at_once_has_its_tree_too(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = await bench.start(scenes.gated(), "v2")
        await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        assert "has no workflow 'gated'; it has 'simple'" in " ".join((await cli.ok("show", run_id)).split())
    async with bench.worker(scenes.gated()):
        await bench.paused(run_id)
        assert "◆ ship  function, waits for confirmation" in await cli.ok("show", run_id)


async def test_a_run_that_said_nothing_at_its_end_took_as_long_as_temporal_has_it(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        handle = await bench.client.start_workflow("simple", "v2", id=bench.task_queue, task_queue=bench.task_queue)
        await bench.ended(handle.id)
    known = await handle.describe()
    picture, run = await cli.ok("show", handle.id), await cli.json("show", handle.id)
    assert f"Run {handle.id} of simple: ERROR, took " in picture
    assert run["duration"] == (known.close_time - known.start_time).total_seconds()


async def test_control_characters_and_markup_of_a_step_do_not_reach_the_terminal(cli: Cli, bench: Bench):
    def sly(step_input: StepInput) -> StepOutput:
        return StepOutput(content="[red]safe[/red]\x1b[2J\x9b")

    async with bench.worker(Workflow(name="sly", steps=[Step(name="sly", executor=sly)])):
        assert (await cli.ok("run", "sly")).endswith("[red]safe[/red]\ufffd[2J\ufffd\n")
        said = await cli.ok("run", "sly", "--json")
    assert json.loads(said)["content"] == "[red]safe[/red]\x1b[2J\x9b"
    assert not {"\x1b", "\x9b"} & set(said)


async def test_json_has_the_tree_the_questions_and_the_decisions(cli: Cli, bench: Bench):
    async with bench.worker(scenes.release()):
        run_id = await bench.start(scenes.release(), "v2")
        await bench.paused(run_id)
        await cli.ok("confirm", run_id)
        await bench.paused(run_id)
        run = await cli.json("show", run_id)
    assert [step["state"] for step in run["steps"]] == ["done", "running", "not_yet", "not_yet"]
    assert [step["state"] for step in run["steps"][1]["steps"]] == ["done", "waiting", "not_yet"]
    assert (run["pending"][0]["step_name"], run["pending"][0]["previous_output"]) == ("ship", "did v2")
    assert [(one["action"], one["decided_by"]) for one in run["decisions"]] == [("confirm", "ana")]


async def test_an_unknown_run_is_not_found(cli: Cli):
    assert "There is no run 'nope'" in await cli.refused(4, "show", "nope")


async def test_a_run_that_no_worker_answers_for_ends_with_3(cli: Cli, bench: Bench):
    run_id = await bench.start(scenes.simple(), "v2")
    assert "no worker polls task queue" in await cli.refused(3, "show", run_id)
