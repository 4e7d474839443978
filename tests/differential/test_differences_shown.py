"""What a run and its requirements show, where agno shows something else (docs/differences.md, "What is shown")."""

from __future__ import annotations

from typing import Any

from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.media import Image
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Parallel, Step, Steps, Workflow
from agno.workflow.types import StepInput
from temporalio.client import Client

from examples.scripted_model import ScriptedModel
from tests.differential.answers import confirm, edit, reject
from tests.differential.blocks import agent, flow, says
from tests.differential.models import PaintingModel
from tests.differential.oracle import Oracle
from tests.differential.streams import StreamOracle
from tests.support import Bench

REVIEWED = HumanReview(requires_output_review=True, on_reject="retry")


async def test_a_review_shows_the_input_that_the_step_had(oracle_with_db: Oracle) -> None:
    """agno shows it with the step's own output in it, and with the session."""
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a"), says("b", human_review=REVIEWED)))
    shown = [run.last.step_requirements[0].step_input for run in (agno, ours)]
    assert [list(one.previous_step_outputs) for one in shown] == [["a", "b"], ["a"]]
    assert [one.workflow_session is None for one in shown] == [False, True]


async def test_a_second_review_shows_why_the_first_attempt_was_rejected(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", human_review=REVIEWED)), "go", reject("too short"))
    assert agno.last.step_requirements[-1].rejection_feedback is None
    assert ours.last.step_requirements[-1].rejection_feedback == "too short"
    assert "rejection_feedback" in agno.last.step_requirements[-1].step_input.additional_data
    assert ours.last.step_requirements[-1].step_input.additional_data is None


async def test_a_review_shows_what_was_reviewed_after_an_edit_too(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", human_review=REVIEWED)), "go", edit("mine"))
    assert agno.last.step_requirements[0].step_output.content == "mine"
    assert ours.last.step_requirements[0].step_output.content == "a says"
    assert ours.last.step_requirements[0].edited_output == "mine"


async def test_a_step_without_a_name_is_called_by_its_number_where_it_asks(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(says("a"), Step(agent=agent(), human_review=HumanReview(requires_confirmation=True)))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.paused_step_name is None
    assert ours.last.paused_step_name == "step_2"


async def test_a_run_that_failed_after_a_pause_is_not_paused(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, on_error="fail")

    def make() -> Workflow:
        def fail(step_input: StepInput) -> str:
            raise ValueError("no")

        return flow(Step(name="a", executor=fail, human_review=review, max_retries=0))

    agno, ours = await oracle_with_db.ask(make, "go", confirm)
    assert (agno.last.status, agno.last.paused_step_name) == (RunStatus.error, "a")
    assert (ours.last.status, ours.last.paused_step_name) == (RunStatus.error, None)


async def test_a_run_that_went_on_knows_how_long_it_took(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True)
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", human_review=review)), "go", confirm)
    assert agno.last.metrics.duration is None
    assert ours.last.metrics.duration > 0


async def test_step_ids_that_nobody_gave_are_the_same_in_every_process(bench: Bench) -> None:
    def make() -> Workflow:
        return flow(says("a"), Steps(name="s", steps=[says("b")]))

    agnos = [[result.step_id for result in (await make().arun("go")).step_results] for _ in range(2)]
    assert agnos[0] != agnos[1]

    ours = []
    for _ in range(2):
        async with bench.worker(make()):
            run = await bench.durable(make()).arun("go")
            ours.append([result.step_id for result in run.step_results])
    assert ours[0] == ours[1]


async def test_an_agent_in_a_container_writes_no_session_of_its_own(oracle_with_db: Oracle) -> None:
    databases: list[InMemoryDb] = []

    def make() -> Workflow:
        databases.append(InMemoryDb())
        inner = Agent(name="Ann", model=ScriptedModel(), db=databases[-1], telemetry=False)
        return flow(Steps(name="s", steps=[Step(name="a", agent=inner)]))

    await oracle_with_db.ask(make)
    (agnos, _), (ours, _) = (db.get_sessions(session_type=None, deserialize=False) for db in databases)
    assert agnos
    assert not ours


async def test_the_runs_of_branches_stand_in_the_order_of_the_branches(oracle_with_db: Oracle) -> None:
    """agno lists them as they end, and here the first branch has further to go."""

    def make() -> Workflow:
        return flow(Parallel(Parallel(agent("Ann"), name="q"), agent("Ben"), name="p"))

    agno, ours = await oracle_with_db.ask(make, "go")
    assert [run.agent_name for run in agno.last.step_executor_runs] == ["Ben", "Ann"]
    assert [run.agent_name for run in ours.last.step_executor_runs] == ["Ann", "Ben"]


async def test_the_events_in_an_agents_own_run_name_no_step(client: Client) -> None:
    def told_in(events: list[Any] | None) -> list[str | None]:
        return [event.step_name for event in events or [] if event.event == "RunStarted"]

    agno, ours = await StreamOracle(client).ask(lambda: flow(agent("Ann", store_events=True)), "go")
    for side, steps in ((agno, ["Ann"]), (ours, [None])):
        assert side.run is not None
        [run] = side.run.step_executor_runs or []
        assert told_in(run.events) == steps
        assert told_in(side.events) == ["Ann"]


async def test_what_a_model_made_is_in_its_run_and_not_in_the_runs_messages(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(Agent(name="Ann", model=PaintingModel(image=Image(id="i", content=b"x")), telemetry=False)), "go"
    )
    (agnos,), (run,) = (one.last.step_executor_runs for one in (agno, ours))
    assert [image.id for image in agnos.images] == [image.id for image in run.images] == ["i"]
    assert agnos.messages[-1].image_output.id == "i"
    assert run.messages[-1].image_output is None
    assert list(agnos.model_provider_data) == ["z", "a"]
    assert list(run.model_provider_data) == ["a", "z"]
