"""Options of a run and settings of a workflow that differ from agno's (docs/differences.md, "Options and settings")."""

from __future__ import annotations

from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.media import Image
from agno.run.base import RunStatus
from agno.workflow import Condition, Step, Steps, Workflow
from agno.workflow import workflow as agno_workflow
from agno.workflow.types import HumanReview, WorkflowExecutionInput

from agno_temporal import PlanError
from agno_temporal.client import RunNotFound
from tests.differential.blocks import flow, says
from tests.differential.oracle import Oracle, Recorder
from tests.support import Bench


async def test_a_background_run_keeps_its_run_id_and_its_object_stays_as_it_was(bench: Bench) -> None:
    run_id = f"{bench.task_queue}-run"
    agnos = await flow(says("a"), telemetry=False).arun("go", run_id=run_id, background=True)
    assert agnos.run_id != run_id

    workflow = flow(says("a"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        ours = await durable.arun("go", run_id=run_id, background=True)
        assert (await durable.acontinue_run(run_id=run_id)).status == RunStatus.completed
    assert ours.run_id == run_id
    assert ours.status == RunStatus.pending


async def test_continuing_a_run_by_its_id_alone_waits_for_it(bench: Bench) -> None:
    plain = flow(says("a", human_review=HumanReview(requires_confirmation=True)), db=InMemoryDb(), telemetry=False)
    run = await plain.arun("go")
    with pytest.raises(ValueError, match="unresolved step requirements"):
        await plain.acontinue_run(run_id=run.run_id, session_id=run.session_id)

    workflow = flow(says("a", human_review=HumanReview(requires_confirmation=True)))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go", background=True)
        assert (await durable.acontinue_run(run_id=run.run_id)).status == RunStatus.paused


async def test_an_option_that_agno_does_not_know_is_refused(bench: Bench) -> None:
    workflow = flow(says("a"), telemetry=False)
    await workflow.arun("go", no_such_option=1)
    with pytest.raises(TypeError, match="no_such_option"):
        await bench.durable(workflow).arun("go", no_such_option=1)


async def test_reading_a_run_that_is_not_there_is_an_error(bench: Bench) -> None:
    workflow = flow(says("a"), db=InMemoryDb())
    assert await workflow.aget_run_output("no-such-run", session_id="s") is None
    with pytest.raises(RunNotFound):
        await bench.durable(workflow).aget_run_output("no-such-run", session_id="s")


async def test_a_run_reports_nothing_to_agno(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[str] = []

    async def report(workflow: Workflow, session_id: str, run_id: str | None = None) -> None:
        reported.append(run_id or "")

    monkeypatch.setattr(agno_workflow.Workflow, "_alog_workflow_telemetry", report)
    plain, mine = flow(says("a")), flow(says("a"))
    await plain.arun("go", run_id="agnos")
    async with bench.worker(mine):
        await bench.durable(mine).arun("go")
    assert reported == ["agnos"]


async def test_media_that_are_not_stored_are_in_the_history_all_the_same(bench: Bench) -> None:
    workflow = flow(says("a", images=[Image(id="i", content=b"secret picture")]), store_media=False, db=Recorder())
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
        read = await bench.durable(workflow).aget_run_output(run.run_id)
    assert isinstance(workflow.db, Recorder)
    row: Any = workflow.db.run
    assert not row.get("images")
    assert read.images
    assert read.images[0].content == b"secret picture"


async def test_a_workflow_function_that_raises_ends_its_run_as_an_error(oracle_with_db: Oracle) -> None:
    def breaks() -> str:
        raise ValueError("broken")

    agno, ours = await oracle_with_db.ask(lambda: Workflow(name="subject", steps=breaks))
    assert agno.raised == ours.raised == "Workflow execution failed: broken"
    assert agno.last is None
    assert ours.last is not None
    assert ours.last.status == RunStatus.error


async def test_a_workflow_function_writes_into_the_runs_own_state(oracle_with_db: Oracle) -> None:
    def counts(execution_input: WorkflowExecutionInput, session_state: dict[str, Any]) -> str:
        session_state["n"] = session_state.get("n", 0) + 1
        return f"{session_state['n']}"

    def make() -> Workflow:
        return Workflow(name="subject", steps=counts, session_state={"n": 10})

    agno, ours = await oracle_with_db.ask(make)
    assert "NoneType" in agno.raised
    assert ours.last.content == "11"
    assert ours.state["str n"] == "int 11"


@pytest.mark.parametrize(
    "step",
    [
        lambda: says("a", human_review=HumanReview(on_reject="cancel")),
        lambda: says("a", human_review=HumanReview(timeout=5)),
        lambda: says("a", human_review=HumanReview(max_retries=1)),
        lambda: says("a", human_review=HumanReview(confirmation_message="Sure?")),
        lambda: Condition(name="c", steps=[says("a")], evaluator=None),
    ],
    ids=["on_reject", "timeout", "max_retries", "message", "no evaluator"],
)
async def test_a_setting_of_which_nothing_would_come_is_refused(bench: Bench, step: Any) -> None:
    assert (await flow(step(), says("last"), telemetry=False).arun("go")).content == "last says"
    with pytest.raises(PlanError):
        bench.durable(flow(step(), says("last")))


async def test_what_only_workers_read_is_refused_where_runs_are_started(bench: Bench) -> None:
    with pytest.raises(AttributeError, match="metadata"):
        bench.durable(flow(says("a"))).metadata = {"team": "b"}


class Bracketed(Step):
    async def aexecute(self, *args: Any, **kwargs: Any) -> Any:
        output: Any = await super().aexecute(*args, **kwargs)
        output.content = f"[{output.content}]"
        return output


async def test_a_subclass_that_would_be_run_otherwise_is_refused(bench: Bench) -> None:
    bracketed = Bracketed(name="s", executor=lambda step_input: "said")
    inside = flow(Steps(name="steps", steps=[bracketed]), telemetry=False)
    assert (await inside.arun("go")).content == "[said]"
    with pytest.raises(KeyError):
        await flow(bracketed, telemetry=False).arun("go")
    for workflow in (inside, flow(bracketed)):
        with pytest.raises(PlanError, match="Bracketed overrides aexecute of Step"):
            bench.durable(workflow)
