"""How many bytes a run writes: once each output, and not each output to each later step."""

from __future__ import annotations

import pytest
from agno.workflow import Parallel, Step, Workflow

from tests.support import Bench


async def bytes_of(bench: Bench, *nodes: object) -> int:
    """The size of a whole run's history, as the server counts it against its limit of 50 MB."""
    workflow = Workflow(name="measured", steps=list(nodes))
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        await bench.ended(run_id)
    description = await bench.client.get_workflow_handle(run_id).describe()
    return description.raw_description.workflow_execution_info.history_size_bytes


def returning(size: int, count: int) -> list[Step]:
    return [Step(name=f"s{index}", executor=lambda _: "x" * size) for index in range(count)]


@pytest.mark.parametrize(("size", "ratio"), [(50_000, 1.2), (5_000, 2.0)])
async def test_forty_outputs_are_written_once(bench: Bench, size: int, ratio: float) -> None:
    """Passing each to each later step would write twenty times as much: 41 MB for forty of 50 KB. What a later step is
    given is a reference, of some 150 bytes."""
    written = await bytes_of(bench, *returning(size, 40))
    print(f"40 x {size} bytes: {written} bytes of history, {written / (40 * size):.2f} times the outputs")
    assert written <= ratio * 40 * size


async def test_forty_small_outputs_are_carried_along_within_a_fixed_budget(bench: Bench) -> None:
    written = await bytes_of(bench, *returning(200, 40))
    print(f"40 x 200 bytes: {written} bytes of history, {written / 40:.0f} a step")
    assert written <= 40 * (16 * 1024 + 4 * 1024)


async def test_branches_share_the_budget(bench: Bench) -> None:
    before = returning(1_000, 12)
    written = await bytes_of(bench, *before, Parallel(*returning(200, 40), name="all"))
    print(f"12 x 1000 bytes, then 40 branches: {written} bytes of history")
    assert written <= 40 * (16 * 1024 + 4 * 1024)


async def test_a_step_of_a_long_run_writes_no_more_than_one_of_a_shorter(bench: Bench) -> None:
    """It may ask for each output before it: by name they would be 100 bytes each, in every task."""
    shorter, longer = [await bytes_of(bench, *returning(10, count)) for count in (40, 80)]
    print(f"40 steps: {shorter} bytes of history, 80 steps: {longer}")
    assert longer - shorter <= 40 * 2_500
