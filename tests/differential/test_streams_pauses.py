"""The events of pauses and decisions: a stream ends where the run waits, and the next one begins with the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Steps, Workflow

from tests.differential.blocks import agent, fails, flow, says, tells
from tests.differential.streams import StreamOracle

FORM = [{"name": "region", "field_type": "str", "required": True}]


def confirm(requirement: Any) -> None:
    requirement.confirm()


def reject(requirement: Any) -> None:
    requirement.reject(feedback="not like this")


def fill_in(requirement: Any) -> None:
    requirement.set_user_input(region="eu")


def edit(requirement: Any) -> None:
    requirement.edit("edited")


def retry(requirement: Any) -> None:
    requirement.retry()


def skip(requirement: Any) -> None:
    requirement.skip()


def gate(**review: Any) -> HumanReview:
    return HumanReview(**{"requires_confirmation": True, "confirmation_message": "Go?", **review})


def gated(**review: Any) -> Workflow:
    return flow(says("a"), says("gate", human_review=gate(**review)), tells())


def reviewed(**review: Any) -> Workflow:
    return flow(says("a"), says("gate", human_review=HumanReview(requires_output_review=True, **review)), tells())


def reviewed_agent(**review: Any) -> Workflow:
    step = Step(name="gate", agent=agent("Ann"), human_review=HumanReview(requires_output_review=True, **review))
    return flow(step, tells())


def condition(**review: Any) -> Workflow:
    return flow(
        Condition(name="box", evaluator=True, steps=[says("a")], else_steps=[says("b")], human_review=gate(**review)),
        tells(),
    )


PAUSES: dict[str, tuple[Callable[[], Workflow], list[Any]]] = {
    "confirmed": (gated, [confirm]),
    "rejected and skipped": (lambda: gated(on_reject="skip"), [reject]),
    "rejected and cancelled": (lambda: gated(on_reject="cancel"), [reject]),
    "a form": (
        lambda: flow(says("gate", human_review=HumanReview(requires_user_input=True, user_input_schema=FORM)), tells()),
        [fill_in],
    ),
    "two gates": (
        lambda: flow(says("a", human_review=gate()), says("b", human_review=gate()), tells()),
        [confirm, confirm],
    ),
    "reviewed": (reviewed, [confirm]),
    "reviewed and edited": (reviewed, [edit]),
    "reviewed, rejected and skipped": (lambda: reviewed(on_reject="skip"), [reject]),
    "reviewed, rejected and cancelled": (lambda: reviewed(on_reject="cancel"), [reject]),
    "reviewed, sent back and accepted": (lambda: reviewed(on_reject="retry"), [reject, confirm]),
    "reviewed, sent back too often": (lambda: reviewed(on_reject="retry", max_retries=1), [reject, reject]),
    "an agent reviewed and sent back": (lambda: reviewed_agent(on_reject="retry"), [reject, confirm]),
    "confirmed steps": (lambda: flow(Steps(name="box", steps=[says("a")], human_review=gate()), tells()), [confirm]),
    "confirmed loop": (
        lambda: flow(Loop(name="box", steps=[says("a")], max_iterations=1, human_review=gate()), tells()),
        [confirm],
    ),
    "confirmed condition": (condition, [confirm]),
    "condition sent to its other branch": (lambda: condition(on_reject="else"), [reject]),
    "rejected condition": (lambda: condition(on_reject="skip"), [reject]),
    "confirmed router": (
        lambda: flow(
            Router(name="box", selector=lambda _: "a", choices=[says("a"), says("b")], human_review=gate()), tells()
        ),
        [confirm],
    ),
    "router with a route": (
        lambda: flow(
            Router(name="box", choices=[says("a"), says("b")], human_review=HumanReview(requires_user_input=True)),
            tells(),
        ),
        [lambda requirement: requirement.select("b")],
    ),
    "reviewed router": (
        lambda: flow(
            Router(
                name="box",
                selector=lambda _: "a",
                choices=[says("a"), says("b")],
                human_review=HumanReview(requires_output_review=True),
            ),
            tells(),
        ),
        [confirm],
    ),
    "reviewed router that is sent back": (
        lambda: flow(
            Router(
                name="box",
                selector=lambda _: "a",
                choices=[says("a"), says("b")],
                human_review=HumanReview(requires_output_review=True, on_reject="retry"),
            ),
            tells(),
        ),
        [reject, lambda requirement: requirement.select("b"), confirm],
    ),
    "reviewed iteration": (
        lambda: flow(
            Loop(
                name="box",
                steps=[says("a")],
                max_iterations=3,
                human_review=HumanReview(requires_iteration_review=True),
            ),
            tells(),
        ),
        [confirm],
    ),
    "an error, tried again": (
        lambda: flow(says("a"), fails("f", times=1, human_review=HumanReview(on_error="pause")), tells()),
        [retry],
    ),
    "an error, skipped": (
        lambda: flow(says("a"), fails("f", human_review=HumanReview(on_error="pause")), tells()),
        [skip],
    ),
}

IGNORING = ("step_requirements", "duration", "files", "paused_step", "pause_kind", "step_input")
"""Of the run that agno's last event holds: compared, and differing, where whole runs are (`known`)."""


@pytest.fixture
def streams(client: Any) -> StreamOracle:
    return StreamOracle(client)


@pytest.mark.parametrize("stream_events", [True, False], ids=["events", "content"])
@pytest.mark.parametrize(("make", "answers"), PAUSES.values(), ids=PAUSES)
async def test_the_events_of(
    streams: StreamOracle, make: Callable[[], Workflow], answers: list[Any], stream_events: bool
) -> None:
    await streams.agrees(make, "go", *answers, stream_events=stream_events, ignoring=IGNORING)
