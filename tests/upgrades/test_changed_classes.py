"""The class of an output is edited while a gate waits between the step that returned it and the one that reads it.

A class is found among what the worker has loaded, under the name that the history has. One that is not there, or cannot
hold what was recorded, blocks the step that reads it; no step is handed something else than the object it expects.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agno.workflow import Step, StepOutput, Workflow

from tests.support import Bench
from tests.upgrades.deploys import Deployed, Version, workflow

FIRST = """
from pydantic import BaseModel

class Order(BaseModel):
    number: int
    note: str = "urgent"
"""

Load = Callable[..., None]


@pytest.fixture
def load() -> Iterator[Load]:
    """Puts a version of the module `shop` in the place of the one before."""

    def load(source: str, name: str = "shop") -> None:
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(source, module.__dict__)

    yield load
    for name in ("shop", "store"):
        sys.modules.pop(name, None)


def version(read: list[Any]) -> Workflow:
    def make(step_input: Any) -> Any:
        return StepOutput(content=sys.modules["shop"].Order(number=7))

    def ship(step_input: Any) -> str:
        read.append(step_input.previous_step_outputs["make"].content)
        return "shipped"

    gated = Step(name="ship", executor=ship, max_retries=0, human_review=Version(1).gate().human_review)
    return workflow(Step(name="make", executor=make, max_retries=0), gated)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(FIRST + "    weight: int = 3\n", {"number": 7, "note": "urgent", "weight": 3}, id="field-added"),
        pytest.param(FIRST.replace('    note: str = "urgent"\n', ""), {"number": 7}, id="field-removed"),
        pytest.param(FIRST.replace('"urgent"', '"calm"'), {"number": 7, "note": "urgent"}, id="default-changed"),
        pytest.param(FIRST + "    def total(self): return 1\n", {"number": 7, "note": "urgent"}, id="method-added"),
    ],
)
async def test_a_class_that_can_hold_what_was_recorded_is_read_as_it_is_now(
    bench: Bench, load: Load, source: str, expected: dict[str, Any]
) -> None:
    read: list[Any] = []
    run = Deployed(bench)
    load(FIRST)
    await run.start(version(read))
    load(source)
    async with bench.worker(version(read)):
        await run.decide()
        await run.completed()
    assert [type(one) for one in read] == [sys.modules["shop"].Order]
    assert read[0].model_dump() == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(FIRST + "    weight: int\n", "Order.weight was not written and has no default", id="field-added"),
        pytest.param(
            FIRST.replace("Order", "Purchase"), "The class 'Order' of module 'shop' is not loaded", id="renamed"
        ),
        pytest.param("", "The class 'Order' of module 'shop' is not loaded", id="gone"),
        pytest.param("from store import Order", "'shop:Order' is another name of store:Order", id="moved"),
        pytest.param("import enum\nOrder = enum.Enum('Order', 'a b', module='shop')", "is no model", id="another-kind"),
    ],
)
async def test_a_class_that_cannot_blocks_the_step_that_reads_it_until_it_can(
    bench: Bench, load: Load, source: str, reason: str
) -> None:
    read: list[Any] = []
    run = Deployed(bench)
    load(FIRST)
    await run.start(version(read))
    load(FIRST, "store")
    load(source)
    async with bench.worker(version(read)):
        await run.decide()
        blocked = await run.blocked()
        assert (blocked.activity_id, read) == ("1#1", [])
        assert reason in blocked.reason
    load(FIRST)
    async with bench.worker(version(read)):
        await run.completed()
    assert [one.model_dump() for one in read] == [{"number": 7, "note": "urgent"}]


async def test_the_old_name_kept_as_a_class_of_its_own_is_the_way_to_rename(bench: Bench, load: Load) -> None:
    read: list[Any] = []
    run = Deployed(bench)
    load(FIRST)
    await run.start(version(read))
    load(FIRST.replace("Order", "Purchase") + "\nclass Order(Purchase): pass\n")
    async with bench.worker(version(read)):
        await run.decide()
        await run.completed()
    assert isinstance(read[0], sys.modules["shop"].Purchase)
