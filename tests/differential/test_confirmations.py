"""A step that asks before it runs, at the top of a workflow: what is shown, and what each answer does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.media import Image
from agno.workflow import HumanReview, OnReject, Parallel, Step, Steps, Workflow
from agno.workflow.decorators import pause
from agno.workflow.types import StepInput, StepOutput

from tests.differential.answers import confirm, reject
from tests.differential.blocks import agent, flow, says, sets, team, tell, tells
from tests.differential.oracle import Oracle


def asks(on_reject: Any = "skip", **options: Any) -> HumanReview:
    return HumanReview(requires_confirmation=True, on_reject=on_reject, **options)


@pause(requires_confirmation=True, confirmation_message="Run me?")
def asking(step_input: StepInput) -> str:
    return f"after {step_input.previous_step_content}"


GATES: dict[str, Callable[[], Any]] = {
    "function": lambda: Step(name="gate", executor=tell, human_review=asks()),
    "with a message": lambda: Step(name="gate", executor=tell, human_review=asks(confirmation_message="Really?")),
    "agent": lambda: Step(name="gate", agent=agent(), human_review=asks()),
    "team": lambda: Step(name="gate", team=team(), human_review=asks()),
    "nested workflow": lambda: Step(name="gate", workflow=flow(tells("in"), id="inner"), human_review=asks()),
    "decorated function": lambda: Step(name="gate", executor=asking),
    "with an id": lambda: Step(name="gate", executor=tell, human_review=asks(), step_id="own-id"),
    "with a timeout": lambda: Step(name="gate", executor=tell, human_review=asks(timeout=3600, on_timeout="skip")),
    "with a retry limit": lambda: Step(name="gate", executor=tell, human_review=asks(max_retries=7)),
    "without a retry limit": lambda: Step(name="gate", executor=tell, human_review=asks(max_retries=None)),
    "whose policy is an enum": lambda: Step(name="gate", executor=tell, human_review=asks(OnReject.skip)),
}


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
async def test_a_confirmed_step_runs(oracle_with_db: Oracle, gate: Callable[[], Any]) -> None:
    seen = await oracle_with_db.agrees(lambda: flow(says("first"), gate(), tells("last")), "go", confirm)
    assert [stop["status"] for stop in seen.stops] == ["RunStatus.paused", "RunStatus.completed"]


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
async def test_a_rejected_step_is_skipped(oracle_with_db: Oracle, gate: Callable[[], Any]) -> None:
    seen = await oracle_with_db.agrees(lambda: flow(says("first"), gate(), tells("last")), "go", reject("no"))
    assert len(seen.stops[-1]["step_results"][""]) == 2


@pytest.mark.parametrize("on_reject", ["skip", "cancel", "else", OnReject.cancel], ids=str)
@pytest.mark.parametrize("feedback", [None, "not today"])
async def test_a_rejection_under_each_policy(oracle_with_db: Oracle, on_reject: Any, feedback: str | None) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), tells("gate", human_review=asks(on_reject)), tells("last")), "go", reject(feedback)
    )


@pytest.mark.parametrize("answer", [confirm, reject()], ids=["confirmed", "rejected"])
@pytest.mark.parametrize("on_reject", ["skip", "cancel"])
async def test_a_gate_that_is_the_only_step(oracle_with_db: Oracle, on_reject: str, answer: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(tells("gate", human_review=asks(on_reject))), "go", answer)


@pytest.mark.parametrize(
    "answers", [(confirm, confirm), (confirm, reject()), (reject(), confirm), (reject(), reject())]
)
async def test_two_gates(oracle_with_db: Oracle, answers: Any) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            tells("one", human_review=asks()), says("between"), tells("two", human_review=asks("cancel")), tells("last")
        ),
        "go",
        *answers,
    )


async def test_what_is_shown_after_containers(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            Steps(name="s", steps=[says("a"), agent("Ann")]),
            Parallel(says("b"), says("c"), name="p"),
            tells("gate", human_review=asks()),
        ),
        {"b": 1, "a": 2},
        confirm,
    )


async def test_the_session_state_is_kept_over_the_pause(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(sets("a", n=[1]), tells("gate", human_review=asks()), sets("b", m=2), tells("last")),
        "go",
        confirm,
        session_state={"given": 1},
    )


async def test_a_confirmed_step_that_fails(oracle_with_db: Oracle) -> None:
    def fail(step_input: StepInput) -> str:
        raise ValueError("no")

    def make(on_error: str) -> Workflow:
        review = HumanReview(requires_confirmation=True, on_error=on_error)
        return flow(says("first"), Step(name="gate", executor=fail, human_review=review, max_retries=0), tells("last"))

    await oracle_with_db.agrees(lambda: make("skip"), "go", confirm)


async def test_a_confirmed_step_that_stops(oracle_with_db: Oracle) -> None:
    def stop(step_input: StepInput) -> StepOutput:
        return StepOutput(content="enough", stop=True)

    await oracle_with_db.agrees(
        lambda: flow(Step(name="gate", executor=stop, human_review=asks()), tells("never")), "go", confirm
    )


async def test_media_that_are_shown(oracle_with_db: Oracle) -> None:
    image = Image(id="i", url="https://example.org/i.png")
    await oracle_with_db.agrees(lambda: flow(says("a", images=[image]), tells("gate", human_review=asks())), "go")
