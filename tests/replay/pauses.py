"""One recording for each kind of pause, in each state that it can be in, and by each way in which it is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepOutput

from agno_temporal.hitl import Action, Decision
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording

FORM = [{"name": "limit", "field_type": "int", "value": 3}, {"name": "mode", "field_type": "str", "required": False}]

KINDS: dict[str, dict[str, Any]] = {
    "confirmation": {"requires_confirmation": True},
    "input": {"requires_user_input": True, "user_input_schema": FORM},
    "confirmation_with_input": {
        "requires_confirmation": True,
        "requires_user_input": True,
        "user_input_schema": FORM,
    },
    "review": {"requires_output_review": True},
}

ANSWERS: dict[str, tuple[Action, dict[str, Any]]] = {
    "confirmation": (Action.CONFIRM, {}),
    "input": (Action.INPUT, {"values": {"limit": 5}}),
    "confirmation_with_input": (Action.CONFIRM, {"values": {"limit": 5, "mode": "fast"}}),
    "review": (Action.EDIT, {"edited_output": "edited"}),
}

Act = Callable[[Drive], Awaitable[None]]


async def leave_open(run: Drive) -> None:
    await run.asked()


async def expire(run: Drive) -> None:
    await run.ended()


def by_update(action: Action, **answer: Any) -> Act:
    async def act(run: Drive) -> None:
        await run.update(action, **answer)
        await run.ended()

    return act


def by_signal(action: Action, **answer: Any) -> Act:
    async def act(run: Drive) -> None:
        await run.signal(action, **answer)
        await run.ended()

    return act


async def reject_twice_then_confirm(run: Drive) -> None:
    for _ in range(2):
        await run.update(Action.REJECT, feedback="not yet")
    await run.update(Action.CONFIRM)
    await run.ended()


async def confirm_each(run: Drive) -> None:
    await run.asked()
    while waiting := await run.bench.runs.requirements(run.run_id):
        await run.bench.runs.decide(run.run_id, Decision(waiting[-1].requirement.id, Action.CONFIRM))
        await run.bench.runs.wait(run.run_id)


async def signal_before_the_deadline_of_an_outage(run: Drive) -> None:
    asked = await run.asked()
    await run.outage()
    await run.signal_to(asked, Action.CONFIRM)
    await asyncio.sleep(2.0)
    await run.work()
    await run.ended()


async def signal_after_the_deadline_of_an_outage(run: Drive) -> None:
    asked = await run.asked()
    await run.outage()
    await asyncio.sleep(2.0)
    await run.signal_to(asked, Action.CONFIRM)
    await run.work()
    await run.ended()


async def refused_signals_then_confirm(run: Drive) -> None:
    handle = run.bench.client.get_workflow_handle(run.run_id)
    await run.asked()
    await handle.signal("no_such_signal", {"requirement_id": "?"})
    await handle.signal("confirm", args=["one", 2])
    await handle.signal("confirm", {"requirement_id": "no-such-requirement"})
    await by_update(Action.CONFIRM)(run)


def gate(act: Act, **review: Any) -> Recording:
    gated = Step(name="gate", executor=say("gate").executor, human_review=HumanReview(**review))
    return recording(act, say("before"), gated, say("after"))


def recording(act: Act, *steps: Any, **settings: Any) -> Recording:
    async def drive(run: Drive) -> None:
        await run.start()
        await act(run)

    return Recording(lambda: Workflow(name="recorded", steps=list(steps), **settings), drive)


def confirmed(name: str) -> Step:
    return Step(name=name, executor=say(name).executor, human_review=HumanReview(requires_confirmation=True))


async def raises(output: StepOutput) -> bool:
    raise ValueError("cannot say")


RECORDINGS = {
    **{f"{kind}_open": gate(leave_open, **review) for kind, review in KINDS.items()},
    **{f"{kind}_by_update": gate(by_update(ANSWERS[kind][0], **ANSWERS[kind][1]), **KINDS[kind]) for kind in KINDS},
    **{f"{kind}_by_signal": gate(by_signal(ANSWERS[kind][0], **ANSWERS[kind][1]), **KINDS[kind]) for kind in KINDS},
    **{
        f"{kind}_rejected_{policy}": gate(by_update(Action.REJECT), on_reject=policy, **KINDS[kind])
        for kind in ("confirmation", "review")
        for policy in ("skip", "cancel")
    },
    **{
        f"{kind}_rejected_retry": gate(reject_twice_then_confirm, on_reject="retry", **KINDS[kind])
        for kind in ("confirmation", "review")
    },
    "confirmation_with_a_large_feedback": gate(
        by_update(Action.REJECT, feedback="й" * 12_000), requires_confirmation=True, on_reject="skip"
    ),
    **{
        f"expired_{policy}": gate(expire, requires_confirmation=True, timeout=1, on_timeout=policy)
        for policy in ("approve", "skip", "cancel", "reject")
    },
    "expired_reject_retry": gate(
        expire, requires_confirmation=True, timeout=1, on_timeout="reject", on_reject="retry", max_retries=2
    ),
    "expired_input_approve": gate(expire, timeout=1, on_timeout="approve", **KINDS["input"]),
    **{
        f"review_expired_{policy}": gate(expire, timeout=1, on_timeout=policy, **KINDS["review"])
        for policy in ("approve", "reject")
    },
    "deadline_and_answer_in_time": gate(by_update(Action.CONFIRM), requires_confirmation=True, timeout=3600),
    "outage_signal_in_time": gate(
        signal_before_the_deadline_of_an_outage, requires_confirmation=True, timeout=2, on_timeout="cancel"
    ),
    "outage_signal_too_late": gate(
        signal_after_the_deadline_of_an_outage, requires_confirmation=True, timeout=2, on_timeout="skip"
    ),
    "signals_refused": gate(refused_signals_then_confirm, requires_confirmation=True),
    "review_by_predicate_that_raises": gate(by_update(Action.CONFIRM), requires_output_review=raises),
    "gate_in_loop": recording(confirm_each, Loop(name="rounds", steps=[confirmed("a")], max_iterations=3)),
    "gates_in_parallel": recording(confirm_each, Parallel(confirmed("a"), confirmed("b"), name="both"), say("c")),
    "gate_in_nested": recording(
        confirm_each, Step(name="sub", workflow=Workflow(name="inner", steps=[say("a"), confirmed("b")])), say("c")
    ),
}
