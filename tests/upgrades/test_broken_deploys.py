"""A broken version of this very library is deployed over open gates, and rolled back.

An exception of the interpreter, or a command that the history does not have, fails the workflow task and not the run.
Temporal repeats the task until a version can do it; what was decided meanwhile waits with it. The versions are worker
processes as far as a run can tell: each begins with an empty cache, and replays every run that it is given.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio import workflow

from agno_temporal import RunClient
from agno_temporal.client import OutcomeUnknown
from agno_temporal.contract import names
from agno_temporal.contract.manifest import Asked
from agno_temporal.follow.mending import WORKFLOW_TASK
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows import calls, gate, leaf
from tests.support import Bench, eventually
from tests.upgrades.deploys import Ran, Version

REVIEWS = {
    "confirmed": HumanReview(requires_confirmation=True),
    "filled-in": HumanReview(requires_user_input=True, user_input_schema=[{"name": "limit", "field_type": "int"}]),
    "reviewed": HumanReview(requires_output_review=True),
    "timed": HumanReview(requires_confirmation=True, timeout=3600, on_timeout="cancel"),
}


def gates(ran: Ran) -> list[Workflow]:
    """One workflow for each kind of question, and three with a gate inside."""
    v = Version(1, ran)

    def asking(name: str) -> Step:
        return v.step(name, human_review=REVIEWS["confirmed"])

    shapes: dict[str, list[Any]] = {kind: [v.step("s", human_review=review)] for kind, review in REVIEWS.items()}
    shapes["in-a-loop"] = [Loop(name="l", steps=[asking("s")], max_iterations=1)]
    shapes["in-a-parallel"] = [Parallel(asking("s"), v.step("t"), name="p")]
    shapes["nested"] = [Step(name="n", workflow=Workflow(name="inner", steps=[asking("s")]))]
    return [Workflow(name=name, steps=[v.step("first"), *steps, v.step("last")]) for name, steps in shapes.items()]


def answer(asked: Asked, how: str) -> Decision:
    action = {"filled-in": Action.INPUT}.get(how, Action.CONFIRM)
    values = {"values": {"limit": 5}} if how == "filled-in" else {}
    return Decision(asked.requirement.id, action, decided_by="ana", decision_id=str(uuid.uuid4()), **values)


def an_exception(patch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a bug of the new version")

    patch.setattr(gate.Gates, "ask", broken)


def an_exception_in_what_follows(patch: pytest.MonkeyPatch) -> None:
    """Replays well up to the decision, and fails behind it."""

    def broken(*_: Any) -> None:
        raise KeyError("a bug of the new version")

    patch.setattr(gate, "outcome_of", broken)


def another_activity_id(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(names, "step_activity_id", lambda path, occurrence: f"{path}-{occurrence}")


def one_more_command(patch: pytest.MonkeyPatch) -> None:
    run_leaf = calls.run_leaf

    async def sleepy(*arguments: Any) -> Any:
        await workflow.sleep(1)
        return await run_leaf(*arguments)

    patch.setattr(calls, "run_leaf", sleepy)


def one_command_less(patch: pytest.MonkeyPatch) -> None:
    async def forgetful(walk: Any, node: Any, frame: Any, run: Any) -> Any:
        return leaf.Made(node.name, "forgotten")

    patch.setattr("agno_temporal.workflows.interpreter.gated", forgetful)


BREAKS: list[Callable[[pytest.MonkeyPatch], None]] = [
    an_exception,
    an_exception_in_what_follows,
    another_activity_id,
    one_more_command,
    one_command_less,
]


@pytest.mark.parametrize(
    ("broken", "by"),
    [
        pytest.param(
            broken,
            by,
            id=f"{broken.__name__}-by-{by}",
            marks=pytest.mark.slow
            if by == "both" and broken in (an_exception, one_more_command)
            else pytest.mark.sweep,
        )
        for broken in BREAKS
        for by in ("update", "signal", "both")
    ],
)
async def test_no_run_fails_and_every_decision_is_taken_once(
    bench: Bench, broken: Callable[[pytest.MonkeyPatch], None], by: str
) -> None:
    await deployed_and_rolled_back(bench, broken, by)


@pytest.mark.slow
async def test_a_run_under_a_broken_version_waits_and_says_so(bench: Bench) -> None:
    await deployed_and_rolled_back(bench, another_activity_id, "both", only="confirmed")


async def deployed_and_rolled_back(bench: Bench, broken: Any, by: str, only: str | None = None) -> None:
    ran: Ran = []
    workflows = [one for one in gates(ran) if only in (None, one.name)]
    runs: dict[str, str] = {}
    async with bench.worker(*workflows):
        for one in workflows:
            runs[one.name] = await started(bench, one)
        asked = {name: (await bench.paused(run_id))[0] for name, run_id in runs.items()}
    before = sorted(ran)
    decisions = {name: answer(one, name) for name, one in asked.items()}
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        async with bench.worker(*workflows):
            await asyncio.gather(*(sent(bench, run_id, decisions[name], by) for name, run_id in runs.items()))
            for run_id in runs.values():
                await eventually("the run to be stuck", lambda run_id=run_id: stuck(bench, run_id))
        assert sorted(ran) == before, "nothing runs under the broken version"
    async with bench.worker(*workflows):
        await asyncio.gather(*(decided(bench, run_id, decisions[name]) for name, run_id in runs.items()))
        ends = {name: await bench.ended(run_id) for name, run_id in runs.items()}
    assert {name: end.status for name, end in ends.items()} == dict.fromkeys(runs, "COMPLETED")
    for name, end in ends.items():
        assert [one.resolution.decision for one in end.asked] == [decisions[name]]
        assert end.refused == ()
    assert sorted(ran) == sorted(
        [("first", 1), ("s", 1), ("last", 1)] * len(runs) + [("t", 1)] * ("in-a-parallel" in runs)
    )


async def started(bench: Bench, one: Workflow) -> str:
    """A worker keeps silent about a task that fails once more, and Temporal waits for its timeout, which is 10 s."""
    return await bench.start_in_short_tasks(str(one.name), input="x")


async def sent(bench: Bench, run_id: str, decision: Decision, by: str) -> None:
    """Decide while nothing answers: an update gives up, a signal is kept."""
    runs = RunClient(bench.client, bench.task_queue, answer_timeout=timedelta(seconds=1))
    if by in ("update", "both"):
        with pytest.raises(OutcomeUnknown):
            await runs.decide(run_id, decision)
    if by in ("signal", "both"):
        await runs.signal(run_id, decision)


async def decided(bench: Bench, run_id: str, decision: Decision) -> None:
    """Whoever was not answered sends it again, with the same id, until he is."""

    async def answered() -> bool:
        try:
            return (await bench.runs.decide(run_id, decision)).decision == decision
        except OutcomeUnknown:
            return False

    await eventually("the decision to be answered", answered)


async def stuck(bench: Bench, run_id: str) -> bool:
    return any(one.activity_id == WORKFLOW_TASK for one in await bench.runs.blocked(run_id))
