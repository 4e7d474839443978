"""Why a step is blocked, where failures are encrypted: it is what an operator mends the run by.

Of a failure that is long Temporal keeps the message alone, and of an encrypted one that says nothing.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agno.workflow import Step, StepOutput, Workflow
from temporalio.exceptions import ApplicationError

from agno_temporal.connect import opening
from agno_temporal.connect.brief import MAX_BYTES, brief
from agno_temporal.follow.blocked import UNTOLD
from agno_temporal.hitl import Action, Decision
from tests.data.scenes import GATE, OLD, having
from tests.support import Bench, eventually

FIRST = "from pydantic import BaseModel\n\nclass Account(BaseModel):\n    iban: str\n"

Load = Callable[[str], None]


@pytest.fixture
def load() -> Iterator[Load]:
    """Puts a version of the module `bank` in the place of the one before."""

    def load(source: str) -> None:
        module = sys.modules["bank"] = types.ModuleType("bank")
        exec(source, module.__dict__)

    yield load
    sys.modules.pop("bank", None)


def paying(second: str = "pay") -> Workflow:
    def make(step_input: Any) -> StepOutput:
        return StepOutput(content=sys.modules["bank"].Account(iban="DE02"))

    def pay(step_input: Any) -> str:
        return f"paid to {step_input.previous_step_content.iban}"

    steps = [Step(name="make", executor=make), Step(name=second, executor=pay, human_review=GATE)]
    return Workflow(name="paying", steps=steps)


async def reason(bench: Bench, first: Workflow, deploy: Callable[[], Workflow]) -> str:
    """Why the run cannot go on after a deploy that came while it waited."""
    async with bench.worker(first):
        run_id = await bench.start(first, "x")
        (asked,) = await bench.paused(run_id)
    async with bench.worker(deploy()):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))

        async def tried_again() -> str | None:
            """It is kept from attempt to attempt, and shown between them."""
            found = await bench.runs.blocked(run_id)
            return found[0].reason if found and found[0].attempts > 1 else None

        said = await eventually("the step to be blocked", tried_again)
        assert said is not None
        return said


async def test_a_class_that_cannot_hold_what_was_recorded_is_named(bench: Bench, load: Load) -> None:
    def deploy() -> Workflow:
        load(FIRST + "    bic: str\n")
        return paying()

    load(FIRST)
    said = await reason(having(bench, OLD), paying(), deploy)
    assert said.startswith("A recorded value of type 'model' cannot be read: ")
    assert "bic" in said


async def test_a_reason_that_is_long_is_told_in_part(bench: Bench, load: Load) -> None:
    load(FIRST)
    name = "überweisen " * 300
    said = await reason(having(bench, OLD), paying(name), paying)
    assert "überweisen überweisen" in said
    assert said.endswith(" characters)")


async def test_a_reason_that_was_lost_is_in_the_log(bench: Bench, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a worker that writes failures whole."""
    monkeypatch.setattr(opening, "brief", lambda error: error)
    load(FIRST)
    assert await reason(having(bench, OLD), paying("überweisen " * 300), paying) == UNTOLD


@pytest.mark.parametrize("character", ["a", "ü", "\n", "😀", "\ud83d"])
def test_a_message_is_cut_at_what_it_takes_to_write_it(character: str) -> None:
    said = str(brief(ApplicationError(character * 8_000)))
    kept = said.removesuffix("... (8000 characters)")
    assert kept == character * len(kept) != said
    assert MAX_BYTES - len(json.dumps(character)) <= len(json.dumps(kept)) <= MAX_BYTES + 2


def test_what_is_not_tried_again_is_left_as_it_is() -> None:
    last = ApplicationError("a" * 8_000, non_retryable=True)
    assert brief(last) is last
    other = ValueError("a" * 8_000)
    assert brief(other) is other
