"""What may be in a decision: only the answer, of the right form, and all faults of it are named at once.

agno takes the whole requirement from its caller, who can so move a deadline or switch a gate off (agno-semantics D26),
and keeps a value although it has refused it (D12). Here a refused decision leaves the requirement as it was.
"""

from __future__ import annotations

from dataclasses import fields

import pytest
from temporalio.client import WorkflowUpdateFailedError

from agno_temporal import DecisionRefused
from agno_temporal.contract import names
from agno_temporal.hitl import Action, Decision, Policy, RefusalCode, Requirement
from tests.running.scenes import GATES, scene
from tests.running.tools import fill_in
from tests.support import Bench

TAKEN = {
    "confirmation": ("confirm", "reject"),
    "input": ("input", "reject"),
    "confirmation with input": ("confirm", "reject"),
    "review": ("confirm", "reject", "edit"),
}

RULES = sorted({field.name for kind in (Requirement, Policy) for field in fields(kind)} - {"id", "feedback"})
"""What a requirement consists of, and no client may send."""


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("action", Action)
async def test_an_action_that_the_gate_does_not_take_is_refused_with_those_it_takes(
    bench: Bench, gate: str, action: Action
) -> None:
    at = scene(**GATES[gate])
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        values = {"region": "us"} if "input" in gate and action.value in ("confirm", "input") else None
        edited = "better" if action is Action.EDIT else None
        decision = Decision(asked.requirement.id, action, values=values, edited_output=edited)
        if action.value in TAKEN[gate]:
            await bench.runs.decide(run_id, decision)
            assert (await bench.ended(run_id)).status == "COMPLETED"
            return
        with pytest.raises(DecisionRefused) as refused:
            await bench.runs.decide(run_id, decision)

    assert refused.value.code is RefusalCode.ACTION_NOT_ALLOWED
    assert refused.value.refusal.allowed == TAKEN[gate]


@pytest.fixture
async def form(bench: Bench):
    """A run that waits for input, what it waits for, and what its step is given in the end."""
    at = scene(**GATES["input"])
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        yield run_id, asked, at


async def test_all_wrong_fields_are_named_at_once(bench: Bench, form) -> None:
    run_id, asked, _ = form
    with pytest.raises(DecisionRefused) as refused:
        await bench.runs.decide(run_id, fill_in(asked, region="", copies="two", colour="red"))

    assert refused.value.code is RefusalCode.INVALID_INPUT
    assert refused.value.refusal.errors == (
        "region: is required",
        "copies: expected int, got str",
        "colour: is not a field of this form",
    )


async def test_a_refused_value_is_not_kept_for_the_next_try(bench: Bench, form) -> None:
    run_id, asked, at = form
    with pytest.raises(DecisionRefused):
        await bench.runs.decide(run_id, fill_in(asked, copies=3))
    await bench.runs.decide(run_id, fill_in(asked, region="us"))
    await bench.ended(run_id)

    assert at.filled_in == [{"region": "us"}]


async def test_a_form_s_default_is_not_an_answer(bench: Bench, form) -> None:
    run_id, asked, _ = form
    with pytest.raises(DecisionRefused, match="region: is required"):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.INPUT))


async def test_a_form_can_be_rejected_without_being_filled_in(bench: Bench, form) -> None:
    run_id, asked, at = form
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.REJECT))

    assert (await bench.ended(run_id)).status == "COMPLETED"
    assert at.ran == ["before", "after"]


@pytest.mark.parametrize("rule", RULES)
async def test_no_client_sends_the_rules_of_its_gate(bench: Bench, form, rule: str) -> None:
    run_id, asked, _ = form
    decision = {"requirement_id": asked.requirement.id, "action": "input", "values": {"region": "us"}, rule: None}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await bench.client.get_workflow_handle(run_id).execute_update(names.DECIDE, decision)

    assert refused.value.cause.type == RefusalCode.MALFORMED
    assert repr(rule) in refused.value.cause.message
    assert len(await bench.paused(run_id)) == 1


async def test_a_decision_that_is_too_large_is_refused(bench: Bench, form) -> None:
    run_id, asked, _ = form
    with pytest.raises(DecisionRefused, match="at most 65536") as refused:
        await bench.runs.decide(run_id, fill_in(asked, region="x" * 70_000))

    assert refused.value.code is RefusalCode.MALFORMED


@pytest.mark.parametrize("name", ["system:timer", "system:cancel", "system:anything"])
async def test_no_client_decides_in_the_name_of_the_system(bench: Bench, form, name: str) -> None:
    run_id, asked, _ = form
    with pytest.raises(DecisionRefused, match="name who decided") as refused:
        await bench.runs.decide(run_id, fill_in(asked, by=name, region="us"))

    assert refused.value.code is RefusalCode.MALFORMED
