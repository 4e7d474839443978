"""What runs today replays today: with everything that the corpus has, in one run."""

from __future__ import annotations

from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from temporalio.worker import Replayer

from agno_temporal import AgnoPlugin
from agno_temporal.hitl import Action, Decision
from tests.replay.pauses import confirmed
from tests.replay.primitives import enough, is_long, pick_both, say, say_async
from tests.support import Bench


def everything() -> Workflow:
    inner = Workflow(name="inner", steps=[say("n"), confirmed("o")])
    steps = [
        say("a"),
        Steps(name="steps", steps=[say("b"), say_async("c")]),
        Loop(name="rounds", steps=[confirmed("x"), say("d")], end_condition=enough, max_iterations=2),
        Condition(name="long", evaluator=is_long, steps=[say("e")], else_steps=[say("f")]),
        Condition(name="cel", evaluator='input == "bees"', steps=[say("g")]),
        Router(name="pick", selector=pick_both, choices=[say("h"), say("i")]),
        Parallel(confirmed("j"), Steps(name="k", steps=[say("l"), confirmed("m")]), name="both"),
        Step(name="sub", workflow=inner),
    ]
    return Workflow(name="everything", steps=steps)


async def run_through(bench: Bench, workflow: Workflow) -> str:
    run_id = await bench.start(workflow, "bees")
    while waiting := (await bench.runs.wait(run_id)).status == "PAUSED" and await bench.runs.requirements(run_id):
        await bench.runs.decide(run_id, Decision(waiting[-1].requirement.id, Action.CONFIRM))
    await bench.ended(run_id)
    return run_id


async def test_a_run_with_everything_in_it_replays(bench: Bench) -> None:
    workflow = everything()
    async with bench.worker(workflow):
        run_id = await run_through(bench, workflow)
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    await Replayer(workflows=[], plugins=[AgnoPlugin()]).replay_workflow(history)


async def test_a_worker_that_caches_nothing_replays_before_every_task_and_ends_the_same(bench: Bench) -> None:
    """Where a replay gave other commands than the history has, the task would fail, and the run never end."""
    workflow = everything()
    async with bench.worker(workflow):
        cached = await bench.runs.run_output(await run_through(bench, workflow))
    async with bench.worker(workflow, max_cached_workflows=0):
        replayed = await bench.runs.run_output(await run_through(bench, workflow))
    assert replayed.content == cached.content
    assert [step.content for step in replayed.step_results] == [step.content for step in cached.step_results]
