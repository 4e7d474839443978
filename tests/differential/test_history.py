"""Steps that look back at the earlier runs of their session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.workflow import Parallel, Step, Steps, Workflow
from agno.workflow.types import StepInput

from tests.differential.blocks import agent, flow, says
from tests.differential.comparable import comparable, differences
from tests.differential.known import unknown
from tests.support import Bench


def recalls(step_input: StepInput) -> str:
    return f"{step_input.get_workflow_history(2)} {step_input.get_workflow_history_context()}"


async def recalls_async(step_input: StepInput) -> str:
    return f"{step_input.get_workflow_history()}"


def looks_into_its_session(step_input: StepInput) -> str:
    assert step_input.workflow_session is not None
    return f"{step_input.workflow_session.session_id} {len(step_input.workflow_session.runs or [])}"


MAKES: dict[str, Callable[[], Workflow]] = {
    "a function": lambda: flow(Step(name="a", executor=recalls)),
    "a coroutine function": lambda: flow(Step(name="a", executor=recalls_async)),
    "functions in containers": lambda: flow(
        Steps(name="s", steps=[says("b"), Parallel(Step(name="a", executor=recalls), says("c"), name="p")])
    ),
    "an agent": lambda: flow(Step(name="a", agent=agent(), add_workflow_history=True)),
    "an agent that is shown one run": lambda: flow(
        Step(name="a", agent=agent(), add_workflow_history=True, num_history_runs=1)
    ),
    "all agents of a workflow": lambda: flow(agent("Ann"), agent("Ben"), add_workflow_history_to_steps=True),
    "all but one agent": lambda: flow(
        agent("Ann"),
        Step(name="b", agent=agent("Ben"), add_workflow_history=False),
        add_workflow_history_to_steps=True,
    ),
    "as many runs as the workflow says": lambda: flow(
        Step(name="a", agent=agent(), num_history_runs=0), add_workflow_history_to_steps=True, num_history_runs=2
    ),
    "none": lambda: flow(agent("Ann"), says("a")),
}


async def three_runs(run: Callable[..., Any]) -> list[Any]:
    return [comparable(await run(text, session_id="s", run_id=f"run-{text}")) for text in ("one", "two", "three")]


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
async def test_earlier_runs_are_seen_by(bench: Bench, make: Callable[[], Workflow]) -> None:
    plain, mine = make(), make()
    for workflow in (plain, mine):
        workflow.db, workflow.telemetry = InMemoryDb(), False
    agnos = await three_runs(plain.arun)
    async with bench.worker(mine):
        durable = bench.durable(mine)
        ours = [
            comparable(await durable.arun(text, session_id="s", run_id=f"{bench.task_queue}-{text}"))
            for text in ("one", "two", "three")
        ]
    found = unknown(list(differences(agnos, ours, "stops")))
    assert not [one for one in found if not one.where.endswith("run_id")]


async def test_a_function_may_look_into_the_session_itself(bench: Bench) -> None:
    workflow = flow(Step(name="a", executor=looks_into_its_session), db=InMemoryDb())
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("one", session_id="s")
        assert (await durable.arun("two", session_id="s")).content == "s 2"
