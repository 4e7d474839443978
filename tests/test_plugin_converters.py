"""The user's own converter, codec and failure converter: everything goes through them, and nothing is lost.

A whole round each time: a start, a pause that asks for values, a decision, a large output that is read from the
history, and the ways in which a run can end other than well.
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from agno_temporal import DecisionRefused, RunError
from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually


class Squeezed(PayloadCodec):
    """Compresses and encodes; passes on what is not its own, as a codec must."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(
                metadata={"encoding": b"binary/squeezed"},
                data=base64.b64encode(zlib.compress(payload.SerializeToString())),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(zlib.decompress(base64.b64decode(payload.data)))
            if payload.metadata["encoding"] == b"binary/squeezed"
            else payload
            for payload in payloads
        ]


class Shouting(DefaultFailureConverter):
    def to_failure(self, exception: Any, payload_converter: Any, failure: Any) -> None:
        super().to_failure(exception, payload_converter, failure)
        failure.source = "shouting"


CONVERTERS = {
    "pydantic": pydantic_data_converter,
    "codec": DataConverter(payload_codec=Squeezed()),
    "pydantic-and-codec": dataclasses.replace(pydantic_data_converter, payload_codec=Squeezed()),
    "failures": DataConverter(failure_converter_class=Shouting),
    "hidden-failures": DataConverter(
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes, payload_codec=Squeezed()
    ),
}


@pytest.fixture(params=CONVERTERS.values(), ids=CONVERTERS)
def converting(request: pytest.FixtureRequest, client: Client, bench: Bench) -> Bench:
    """A bench whose client and workers have one of the converters."""
    return Bench(Client(**{**client.config(), "data_converter": request.param}), bench.task_queue)


def gated() -> Workflow:
    def shout(step_input: StepInput) -> str:
        return f"{step_input.input} x {step_input.additional_data['user_input']['times']}"

    def measure(step_input: StepInput) -> str:
        return f"{step_input.get_step_content('gate')}, {len(step_input.get_step_content('large'))} bytes"

    form = [{"name": "times", "field_type": "int"}]
    review = HumanReview(requires_confirmation=True, requires_user_input=True, user_input_schema=form)
    steps = [
        Step(name="gate", executor=shout, human_review=review),
        Step(name="large", executor=lambda _: "x" * 100_000),
        Step(name="last", executor=measure),
    ]
    return Workflow(name="gated", steps=steps)


async def test_a_pause_is_decided_and_the_run_goes_on(converting: Bench) -> None:
    workflow = gated()
    async with converting.worker(workflow):
        run_id = await converting.start(workflow, "bees")
        (asked,) = await converting.paused(run_id)
        with pytest.raises(DecisionRefused, match="times"):
            await converting.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await converting.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, values={"times": 3}))
        await converting.ended(run_id)
    run = await converting.runs.run_output(run_id)
    assert run.content == "bees x 3, 100000 bytes"
    assert run.input == "bees"


async def test_another_worker_reads_large_outputs_from_the_history(converting: Bench) -> None:
    steps = [
        Step(name="large", executor=lambda _: "x" * 100_000),
        Step(
            name="last",
            executor=lambda step_input: f"{len(step_input.previous_step_content)}",
            human_review=HumanReview(requires_confirmation=True),
        ),
    ]
    workflow = Workflow(name="two", steps=steps)
    async with converting.worker(workflow):
        run_id = await converting.start(workflow)
        (asked,) = await converting.paused(run_id)
    async with converting.worker(workflow):
        await converting.runs.signal(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await converting.ended(run_id)
    assert (await converting.runs.run_output(run_id)).content == "100000"


async def test_a_failure_keeps_its_words(converting: Bench) -> None:
    def fails(step_input: StepInput) -> str:
        raise ValueError("out of honey")

    steps = [Step(name="a", executor=fails, max_retries=1, human_review=HumanReview(on_error="fail"))]
    workflow = Workflow(name="failing", steps=steps)
    async with converting.worker(workflow):
        with pytest.raises(RunError, match="out of honey"):
            await converting.durable(workflow).arun("x")


async def test_a_cancelled_run_can_be_read(converting: Bench) -> None:
    workflow = gated()
    async with converting.worker(workflow):
        run_id = await converting.start(workflow, "bees")
        await converting.paused(run_id)
        await converting.runs.cancel(run_id)
        await converting.ended(run_id)
    run = await converting.runs.run_output(run_id)
    assert (run.status, run.input) == ("CANCELLED", "bees")


async def test_a_blocked_run_says_why(converting: Bench) -> None:
    async with converting.worker(gated()):
        run_id = f"blocked-{converting.task_queue}"
        await converting.client.start_workflow("late", {}, id=run_id, task_queue=converting.task_queue)
        (blocked,) = await eventually("the run to be blocked", lambda: converting.runs.blocked(run_id))
    assert blocked.reason.startswith("This worker has no workflow 'late'; it has 'gated'.")


async def test_nothing_is_in_plain_sight_behind_a_codec(client: Client, bench: Bench) -> None:
    """Whoever encrypts wants neither inputs nor outputs nor plans on the server."""
    hidden = Bench(Client(**{**client.config(), "data_converter": CONVERTERS["hidden-failures"]}), bench.task_queue)
    workflow = gated()
    async with hidden.worker(workflow):
        run_id = await hidden.start(workflow, "a secret")
        (asked,) = await hidden.paused(run_id)
        await hidden.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, values={"times": 987654}))
        await hidden.ended(run_id)
    history = await hidden.client.get_workflow_handle(run_id).fetch_history()
    seen = b"".join(event.SerializeToString() for event in history.events)
    assert [word for word in (b"a secret", b"987654", b"user_input_schema", b"session_state") if word in seen] == []
