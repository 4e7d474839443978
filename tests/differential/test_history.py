"""Steps that read the earlier runs of their session read what they read in agno."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.workflow import Condition, Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio.client import Client

from examples.scripted_model import ScriptedModel
from tests.differential.blocks import flow
from tests.differential.oracle import Oracle
from tests.support import Bench

pytestmark = pytest.mark.sweep

Make = Callable[[], Workflow]

TOPICS = ("bees", "ants", "wasps", "moths", "flies")


async def plainly(workflow: Workflow, topics: tuple[str, ...]) -> list[Any]:
    return [await _settled(workflow, await workflow.arun(topic, session_id="s")) for topic in topics]


async def durably(client: Client, workflow: Workflow, topics: tuple[str, ...]) -> list[Any]:
    bench = Bench(client, f"history-{uuid.uuid4()}")
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        return [await _settled(durable, await durable.arun(topic, session_id="s")) for topic in topics]


async def _settled(workflow: Workflow, run: Any) -> list[Any]:
    """What the run's steps returned, once every question is confirmed."""
    while run.is_paused:
        run.step_requirements[-1].confirm()
        run = await workflow.acontinue_run(run)
    return [step.content for step in run.step_results]


async def agree(client: Client, make: Make, topics: tuple[str, ...] = TOPICS[:3]) -> list[Any]:
    """Assert that the runs of a session are the same, and return the contents of their steps."""
    made = make(), make()
    for workflow in made:
        workflow.telemetry = False
        workflow.db = InMemoryDb()
    plain, durable = await plainly(made[0], topics), await durably(client, made[1], topics)
    assert durable == plain
    return durable


def shows(step_input: StepInput) -> str:
    return f"{step_input.input}: {step_input.get_workflow_history()}"


async def shows_two(step_input: StepInput) -> str:
    return f"{step_input.input}: {step_input.get_workflow_history_context(num_runs=2)}"


def shows_the_session(step_input: StepInput) -> str:
    session = step_input.workflow_session
    assert session
    return f"{session.session_id} {len(session.runs or [])} {session.get_chat_history()}"


def says_whose(step_input: StepInput) -> str:
    session = step_input.workflow_session
    assert session
    return f"a session of {session.workflow_id}"


async def says_whose_on_the_loop(step_input: StepInput) -> str:
    return says_whose(step_input)


def agent(name: str = "writer", **options: Any) -> Step:
    return Step(name=name, agent=Agent(name=name, model=ScriptedModel(task=name), telemetry=False), **options)


@pytest.mark.parametrize("function", [shows, shows_two, shows_the_session])
async def test_a_function_reads_the_history_whether_it_is_switched_on_or_not(client: Client, function: Any) -> None:
    contents = await agree(client, lambda: Workflow(name="history", steps=[Step(name="reads", executor=function)]))

    assert contents[0] != contents[1] != contents[2]


@pytest.mark.parametrize("function", [says_whose, says_whose_on_the_loop])
async def test_a_session_is_its_workflows(oracle: Oracle, function: Any) -> None:
    def make() -> Workflow:
        return flow(Step(name="says", executor=function), Workflow(name="Inner flow", steps=[function]))

    seen = await oracle.agrees(make, "go")
    assert seen.last is not None
    assert [step.content for step in seen.last.step_results] == ["a session of subject", "a session of inner-flow"]


async def test_a_session_that_another_workflow_began_is_that_workflows(client: Client) -> None:
    made = [Workflow(name="second", steps=[says_whose], db=InMemoryDb(), telemetry=False) for _ in ("agno", "here")]
    for workflow in made:
        await Workflow(name="first", steps=[shows], db=workflow.db, telemetry=False).arun("go", session_id="s")
    theirs = await made[0].arun("go", session_id="s")
    bench = Bench(client, f"history-{uuid.uuid4()}")
    async with bench.worker(made[1]):
        ours = await bench.durable(made[1]).arun("go", session_id="s")
    assert ours.content == theirs.content


async def test_an_agent_is_told_the_history_where_the_workflow_says_so(client: Client) -> None:
    contents = await agree(
        client, lambda: Workflow(name="history", add_workflow_history_to_steps=True, steps=[agent()])
    )

    assert "[Workflow Run-2]" in contents[2][0]


async def test_an_agent_is_told_nothing_of_it_otherwise(client: Client) -> None:
    contents = await agree(client, lambda: Workflow(name="history", steps=[agent()]))

    assert contents[2] == ["writer (wasps)"]


async def test_a_steps_own_switch_counts_before_the_workflows(client: Client) -> None:
    def make() -> Workflow:
        off, on = agent("off", add_workflow_history=False), agent("on", add_workflow_history=True)
        return Workflow(name="history", add_workflow_history_to_steps=True, steps=[off, on])

    def own() -> Workflow:
        return Workflow(name="history", steps=[agent("off"), agent("on", add_workflow_history=True)])

    for one in (make, own):
        contents = await agree(client, one)
        assert ["workflow_history" in content for content in contents[2]] == [False, True]


@pytest.mark.parametrize(
    ("steps", "workflows", "told"), [(None, 1, 3), (1, 3, 1), (0, 2, 2)], ids=["step's default", "step's", "workflow's"]
)
async def test_as_many_runs_are_told_as_agno_tells(
    client: Client, steps: int | None, workflows: int, told: int
) -> None:
    def make() -> Workflow:
        options = {} if steps is None else {"num_history_runs": steps}
        return Workflow(
            name="history",
            add_workflow_history_to_steps=True,
            num_history_runs=workflows,
            steps=[agent(**options), Step(name="ends", executor=lambda _: "done")],
        )

    contents = await agree(client, make, TOPICS)

    assert contents[-1][0].count("User input:") == told


async def test_history_reaches_into_containers(client: Client) -> None:
    def make() -> Workflow:
        return Workflow(
            name="history",
            add_workflow_history_to_steps=True,
            steps=[
                Steps(name="box", steps=[agent("first"), Step(name="reads", executor=shows)]),
                Loop(name="rounds", steps=[agent("again")], max_iterations=2),
                Condition(name="whether", evaluator=True, steps=[agent("if")]),
                Parallel(agent("left"), Step(name="right", executor=shows_two), name="both"),
            ],
        )

    await agree(client, make, TOPICS[:2])


async def test_only_completed_runs_are_history(client: Client) -> None:
    def work(step_input: StepInput) -> str:
        if step_input.input == "ants":
            raise ValueError("no ants")
        return f"{step_input.input}: {step_input.get_workflow_history()}"

    made = [Workflow(name="history", telemetry=False, db=InMemoryDb(), steps=[]) for _ in range(2)]
    for workflow in made:
        workflow.steps = [Step(name="works", executor=work, max_retries=0, human_review=HumanReview(on_error="fail"))]
    bench = Bench(client, f"history-{uuid.uuid4()}")
    seen = []
    async with bench.worker(made[1]):
        for workflow in (made[0], bench.durable(made[1])):
            await workflow.arun("bees", session_id="s")
            with pytest.raises(Exception, match="no ants"):
                await workflow.arun("ants", session_id="s")
            seen.append((await workflow.arun("wasps", session_id="s")).content)

    assert seen[0] == seen[1] == "wasps: [('bees', 'bees: []')]"


async def test_a_pause_does_not_make_a_run_part_of_its_own_history(client: Client) -> None:
    def make() -> Workflow:
        gate = Step(name="gate", executor=shows, human_review=HumanReview(requires_confirmation=True))
        return Workflow(name="history", steps=[Step(name="reads", executor=shows), gate])

    await agree(client, make)


async def test_a_nested_workflow_without_a_database_has_no_history(client: Client) -> None:
    def make() -> Workflow:
        inner = Workflow(
            name="inner",
            add_workflow_history_to_steps=True,
            telemetry=False,
            steps=[agent("inside"), Step(name="reads", executor=shows)],
        )
        return Workflow(name="history", add_workflow_history_to_steps=True, steps=[Step(name="box", workflow=inner)])

    contents = await agree(client, make, TOPICS[:2])

    assert "workflow_history" not in contents[1][0]
