"""Cells of a notebook: they begin and end a runtime without a block, and are edited and run again.

A cell may be run in any order, and twice. And whoever edits one has changed what he looks at, which need not be a step.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Step, Workflow

from agno_temporal import PlanError, embedded
from tests.cli.processes import Process
from tests.running.scenes import scene
from tests.running.test_embedded import answers, threads
from tests.support import eventually

LEFT_RUNNING = """
from agno_temporal import embedded
print(embedded().start().client.service_client.config.target_host, flush=True)
"""


def test_a_runtime_is_started_and_stopped_by_cells_that_may_be_run_twice() -> None:
    runtime = embedded()
    assert runtime.start() is runtime
    try:
        address = runtime.client.service_client.config.target_host
        assert runtime.start().client.service_client.config.target_host == address
        assert runtime.durable(scene().workflow).run("x").status is RunStatus.completed
    finally:
        runtime.stop()
    runtime.stop()
    assert not answers(address)
    assert threads() == []


def test_what_was_durable_before_a_stop_is_so_again_after_a_start(tmp_path: Path) -> None:
    at, runtime = scene(requires_confirmation=True), embedded(database=tmp_path / "temporal.db")
    durable = runtime.start().durable(at.workflow)
    try:
        durable.run("x", run_id="kept")
        runtime.stop()
        with pytest.raises(RuntimeError, match="not running"):
            durable.get_run_output("kept")
        runtime.start()
        run = durable.get_run_output("kept")
        run.steps_requiring_confirmation[0].confirm()
        assert durable.continue_run(run).status is RunStatus.completed
    finally:
        runtime.stop()


def test_a_runtime_that_could_not_be_started_can_be_stopped() -> None:
    runtime = embedded(binary="/no/such/temporal")
    with pytest.raises(RuntimeError):
        runtime.start()
    runtime.stop()
    assert threads() == []


async def test_a_kernel_that_ends_without_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    script = Process("-c", LEFT_RUNNING, directory=tmp_path)
    await script.ended()
    [address] = re.findall(r"^[\d.]+:\d+$", script.said, re.MULTILINE)

    async def gone() -> bool:
        return not answers(address)

    await eventually("the server to stop", gone)


def cell(message: str = "Ok?", retries: int = 3, more: tuple[Step, ...] = (), db: InMemoryDb | None = None) -> Workflow:
    gate = HumanReview(requires_confirmation=True, confirmation_message=message)
    steps = [
        Step(name="build", executor=lambda _: "built", max_retries=retries),
        Step(name="ship", executor=lambda _: "shipped", human_review=gate),
    ]
    return Workflow(name="release", db=db, steps=[*steps, *more])


@pytest.mark.parametrize(
    ("edited", "what"),
    [
        pytest.param({"message": "Is it ok?"}, "`confirmation_message` of step '1' (\"ship\")", id="a-wording"),
        pytest.param({"retries": 1}, "`max_retries` of step '0' (\"build\")", id="retries"),
        pytest.param({"db": InMemoryDb()}, "its `db`", id="a-database"),
        pytest.param({"more": (Step(name="tell", executor=print),)}, "step '2' (\"tell\") is new", id="a-step"),
    ],
)
def test_an_edited_cell_is_told_what_it_has_changed_and_what_to_do(edited: dict[str, object], what: str) -> None:
    with embedded() as runtime:
        runtime.durable(cell())
        with pytest.raises(PlanError, match=re.escape(f"It differs from this one: {what}. ")) as refused:
            runtime.durable(cell(**edited))  # type: ignore[arg-type]
    assert "`runtime.stop()`, and a new `embedded().start()`" in str(refused.value)
    assert "its own `id` or `name`" in str(refused.value)
