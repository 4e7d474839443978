"""Starting a run: its id is its identity, and an option that would be ignored is refused.

A start whose answer was lost is sent again, and must not run everything twice; another start under the same id must not
be taken for it. agno takes any id any number of times.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import Step, Workflow
from temporalio.client import WorkflowFailureError

from agno_temporal import DurableWorkflow, InvalidInput, NotSerialisable
from agno_temporal.client import RunIdReused, RunNotFound
from agno_temporal.contract.request import MAX_DEPTH, RunRequest
from tests.running.scenes import scene
from tests.running.tools import confirm
from tests.support import PATIENCE, Bench


async def test_the_same_start_again_attaches_to_the_run_that_waits(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        first = await durable.arun("x", run_id=f"{bench.task_queue}-run")
        second = await durable.arun("x", run_id=f"{bench.task_queue}-run")

    assert second.step_requirements[0].step_id == first.step_requirements[0].step_id
    assert at.ran == ["before"]


async def test_the_same_start_again_gives_the_result_of_the_run_that_has_ended(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x", run_id=f"{bench.task_queue}-run")
        [asked] = await bench.paused(run.run_id)
        await bench.runs.decide(run.run_id, confirm(asked))
        await bench.ended(run.run_id)
        again = await durable.arun("x", run_id=f"{bench.task_queue}-run")

    assert again.status == RunStatus.completed
    assert at.ran == ["before", "gate", "after"]


async def test_many_starts_at_once_are_one_run(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        starts = [durable.arun("x", run_id=f"{bench.task_queue}-run", session_id="s") for _ in range(8)]
        runs = await asyncio.gather(*starts)

    assert {run.status for run in runs} == {RunStatus.completed}
    assert at.ran == ["before", "gate", "after"]


@pytest.mark.parametrize(
    "other",
    [{"input": "y"}, {"additional_data": {"a": 1}}, {"session_state": {"a": 1}}, {"user_id": "ben"}],
    ids=lambda other: next(iter(other)),
)
async def test_another_start_under_the_same_id_is_refused(bench: Bench, other: dict) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run_id = f"{bench.task_queue}-run"
        await durable.arun("x", run_id=run_id)
        with pytest.raises(RunIdReused, match=run_id):
            await durable.arun(**{"input": "x", "run_id": run_id, **other})


async def test_the_id_of_another_workflow_s_run_is_refused(bench: Bench) -> None:
    at, other = scene(requires_confirmation=True), scene(name="other", requires_confirmation=True)
    async with bench.worker(at.workflow, other.workflow):
        run_id = f"{bench.task_queue}-run"
        await bench.durable(at.workflow).arun("x", run_id=run_id, session_id="s")
        with pytest.raises(RunIdReused, match="'scene'"):
            await bench.durable(other.workflow).arun("x", run_id=run_id, session_id="s")


async def test_a_run_without_an_id_is_always_another(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        runs = [await durable.arun("x") for _ in range(2)]

    assert runs[0].run_id != runs[1].run_id


@pytest.mark.parametrize("option", ["websocket", "enable_websocket", "background_tasks"])
@pytest.mark.parametrize("method", ["arun", "acontinue_run"])
async def test_an_option_that_is_not_supported_is_refused_before_anything_runs(
    bench: Bench, option: str, method: str
) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        run.steps_requiring_confirmation[0].confirm()
        with pytest.raises(NotImplementedError, match=option):
            await getattr(durable, method)(run if method == "acontinue_run" else "x", **{option: True})

    assert at.ran == ["before"]


@pytest.mark.parametrize("option", ["background", "websocket"])
async def test_saying_that_an_unsupported_option_is_not_wanted_is_fine(bench: Bench, option: str) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        run = await bench.durable(at.workflow).arun("x", **{option: False})

    assert run.status == RunStatus.completed


async def test_an_option_that_agno_has_not_is_refused(bench: Bench) -> None:
    durable = bench.durable(scene().workflow)
    with pytest.raises(TypeError, match="no_such_option"):
        await durable.arun("x", no_such_option=1)


@pytest.mark.parametrize("name", ["session_id", "user_id", "run_id"])
@pytest.mark.parametrize("id", [5, 0, b"a", UUID(int=5)], ids=repr)
async def test_an_id_that_is_no_text_starts_nothing(bench: Bench, name: str, id: Any) -> None:
    with pytest.raises(TypeError, match=f"{name}=.* is no text. Pass it as str"):
        await bench.durable(scene().workflow).arun("x", **{"run_id": bench.task_queue, name: id})

    with pytest.raises(RunNotFound):
        await bench.runs.manifest(bench.task_queue)


async def test_an_id_of_the_workflow_that_is_no_text_starts_nothing(bench: Bench) -> None:
    workflow = scene().workflow
    workflow.user_id = 5
    with pytest.raises(TypeError, match="user_id=5 is no text"):
        await bench.durable(workflow).arun("x", run_id=bench.task_queue)

    with pytest.raises(RunNotFound):
        await bench.runs.manifest(bench.task_queue)


async def test_an_input_that_breaks_the_schema_starts_nothing(bench: Bench) -> None:
    from pydantic import BaseModel

    class Order(BaseModel):
        copies: int

    workflow = Workflow(name="orders", input_schema=Order, steps=[Step(name="only", executor=lambda _: "ran")])
    run_id = f"{bench.task_queue}-run"
    with pytest.raises(InvalidInput, match="copies"):
        await bench.durable(workflow).arun({"copies": "many"}, run_id=run_id)
    with pytest.raises(RunNotFound):
        await bench.runs.manifest(run_id)


@pytest.mark.parametrize(("name", "given"), [("additional_data", 5), ("dependencies", [1]), ("metadata", "x")])
async def test_what_is_no_object_starts_nothing(bench: Bench, name: str, given: Any) -> None:
    said = f"{name} is an object, not {type(given).__name__}"
    with pytest.raises(InvalidInput, match=said):
        await bench.durable(scene().workflow).arun("x", run_id=bench.task_queue, **{name: given})
    with pytest.raises(InvalidInput, match=said):
        await bench.runs.start("scene", RunRequest("x", **{name: given}), bench.task_queue)

    with pytest.raises(RunNotFound):
        await bench.runs.manifest(bench.task_queue)


async def test_a_session_is_kept_for_the_next_run_of_the_same_object(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        runs = [await durable.arun("x") for _ in range(2)]
        other = await DurableWorkflow(at.workflow, client=bench.client, task_queue=bench.task_queue).arun("x")

    assert runs[0].session_id == runs[1].session_id
    assert other.session_id != runs[0].session_id


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"dependencies": {"find": print}},
            r"dependencies.find is .* Pass its name. Or give it to the",
        ),
        ({"metadata": {"rows": iter([1])}}, r"metadata.rows is .* Pass list\(value\)"),
        ({"session_state": {1: 2}}, "session_state key 1 is of type int"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_a_remedy_for_a_caller(bench: Bench, options: Any, said: str) -> None:
    with pytest.raises(NotSerialisable, match=said):
        await bench.durable(scene().workflow).arun("x", **options)


@pytest.mark.parametrize("name", ["metadata", "steps", "input_schema", "id", "name", "description"])
async def test_what_only_workers_read_cannot_be_set_where_runs_are_started(bench: Bench, name: str) -> None:
    with pytest.raises(AttributeError, match=f"{name} is read by the workers"):
        setattr(bench.durable(scene().workflow), name, {"a": 1})


async def test_what_is_set_to_what_it_is_changes_nothing(bench: Bench) -> None:
    durable = bench.durable(scene().workflow)
    assert durable.id
    durable.id = "".join(durable.id)
    durable.name = "".join(durable.name or "")


async def test_a_database_cannot_be_changed_where_runs_are_started(bench: Bench) -> None:
    workflow = scene().workflow
    workflow.db = InMemoryDb()
    durable = bench.durable(workflow)
    with pytest.raises(AttributeError, match="db is read by the workers"):
        durable.db = InMemoryDb()


async def test_a_database_that_workers_do_not_have_keeps_no_run(bench: Bench) -> None:
    """AgentOS gives its own to a workflow that has none. Whoever starts runs by himself is told."""
    durable = bench.durable(scene().workflow)
    durable.db = InMemoryDb()
    with pytest.raises(AttributeError, match="db is read by the workers"):
        await durable.arun("x")


async def test_an_input_that_is_too_deep_ends_the_run(bench: Bench) -> None:
    """Sent by another client than ours. A little less than what Python reads, it could not be written again."""
    deep: Any = 1
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    workflow = scene().workflow
    async with bench.worker(workflow):
        run_id = f"{bench.task_queue}-run"
        started = await bench.client.start_workflow(
            bench.durable(workflow).id, {"input": deep}, id=run_id, task_queue=bench.task_queue
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(started.result(), PATIENCE)
    assert "nested deeper than 700" in str(failed.value.cause)
