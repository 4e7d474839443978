"""What a worker logs of the steps of runs that are encrypted, with the log set up as `agno-temporal worker` does it.

Its log goes to other people than those who have the key, and is also what they mend a worker by: ids, names, classes
and places are told, and no words of a step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agno.exceptions import RunCancelledException
from agno.workflow import Step, StepOutput, Workflow

from agno_temporal.agno_bridge.value_reader import MalformedValue
from agno_temporal.hitl import Action, Decision
from agno_temporal.worker import _shorten, log_to_stderr
from tests.data.scenes import OLD, gated, having
from tests.support import Bench, eventually

SECRET = "s3cret"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What the worker has logged so far."""
    log_to_stderr()
    formatter = logging.Formatter("%(levelname)s %(name)s: %(message)s")

    def text() -> str:
        ours = [one for one in caplog.records if not one.name.startswith("agno-") and one.name != "agno"]
        return "\n".join(map(formatter.format, ours))

    with caplog.at_level(logging.INFO):
        yield text
    logging.getLogger("temporalio.activity").removeFilter(_shorten)


def raises(step_input: Any) -> str:
    raise ValueError(f"{SECRET} {step_input.input}")


def cancels(step_input: Any) -> str:
    raise RunCancelledException(f"{SECRET} {step_input.input}")


def returns_what_nobody_can_keep(step_input: Any) -> StepOutput:
    return StepOutput(content={SECRET: lambda: 1})


@pytest.mark.parametrize(
    ("executor", "told"),
    [
        (raises, ["ValueError", "test_discreet_logs.py"]),
        (cancels, ["RunCancelled", "RunCancelledException", "test_discreet_logs.py"]),
        (returns_what_nobody_can_keep, ["OutputNotSerialisable", "NotSerialisable"]),
    ],
)
async def test_what_a_step_says_stays_out_of_the_log_and_what_failed_where_is_in_it(
    bench: Bench, logged: Callable[[], str], executor: Callable[[Any], Any], told: list[str]
) -> None:
    ours = having(bench, OLD)
    workflow = Workflow(name="failing", steps=[Step(name="a", executor=executor, max_retries=0)])
    async with ours.worker(workflow):
        run_id = await ours.start(workflow, SECRET)
        await ours.ended(run_id)
    text = logged()
    assert SECRET not in text
    for word in (run_id, *told):
        assert word in text


async def blocked(bench: Bench, deployed: Workflow) -> str:
    async with bench.worker(gated()):
        run_id = await bench.start(gated(), SECRET)
        (asked,) = await bench.paused(run_id)
    async with bench.worker(deployed):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        (one,) = await eventually("the step to be blocked", lambda: bench.runs.blocked(run_id))
        await bench.runs.check_for_trouble(run_id, started=True)
    return one.reason


async def test_a_step_that_is_gone_is_named_in_the_log(bench: Bench, logged: Callable[[], str]) -> None:
    renamed = Workflow(name="gated", steps=[gated().steps[0], Step(name="other", executor=lambda _: "x")])
    reason = await blocked(having(bench, OLD), renamed)
    assert 'the step "other"' in reason
    assert reason in logged()


@pytest.mark.parametrize("error", [MalformedValue("model", SECRET), RuntimeError(SECRET)], ids=["value", "anything"])
async def test_why_a_step_is_blocked_is_in_the_run_where_it_may_hold_a_value(
    bench: Bench, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*about: Any) -> Any:
        raise error

    monkeypatch.setattr("agno_temporal.activities.run_step.as_read_by", fails)
    workflow = Workflow(name="failing", steps=[Step(name="a", executor=lambda _: "x")])
    ours = having(bench, OLD)
    async with ours.worker(workflow):
        run_id = await ours.start(workflow, "x")
        (one,) = await eventually("the step to be blocked", lambda: ours.runs.blocked(run_id))
        await ours.runs.check_for_trouble(run_id, started=True)
        await ours.runs.cancel(run_id)
        await ours.ended(run_id)
    assert SECRET in one.reason
    text = logged()
    assert SECRET not in text
    assert type(error).__name__ in text
    assert f"run {run_id} waits for an operator: `agno-temporal show {run_id}` says why" in text
