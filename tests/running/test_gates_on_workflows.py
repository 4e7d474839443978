"""A gate on a nested workflow as a whole, with gates inside it.

It is one step of its parent, so that it is asked for, reviewed, edited and made again as one. Whoever rejects its
output has all of it run again, its own gates included: what was answered inside it was about the output that is gone.
"""

from __future__ import annotations

from typing import Any

from agno.run.base import RunStatus
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from tests.running.scenes import FORM
from tests.running.tools import confirm, deciders, edit, fill_in, reject
from tests.support import Bench


class Family:
    """A workflow `outer` of which one step is the workflow `inner`, and what their steps were given."""

    def __init__(self, outer_gate: dict[str, Any], inner_gate: dict[str, Any] | None = None) -> None:
        self.given: dict[str, list[str]] = {}
        self.told: dict[str, Any] = {}
        inner = Workflow(name="inner", steps=[self.step("first"), self.step("second", **(inner_gate or {}))])
        box = Step(name="box", workflow=inner, human_review=HumanReview(**outer_gate))
        self.workflow = Workflow(name="outer", steps=[self.step("before"), box, self.step("after")])

    def step(self, name: str, **review: Any) -> Step:
        def work(step_input: Any) -> str:
            given = self.given.setdefault(name, [])
            given.append(step_input.get_last_step_content() or step_input.input)
            self.told[name] = step_input.additional_data
            return f"{name} ran {len(given)}"

        return Step(name=name, executor=work, human_review=HumanReview(**review))


async def test_a_confirmed_workflow_runs_whole(bench: Bench) -> None:
    family = Family({"requires_confirmation": True})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        assert list(family.given) == ["before"]
        await bench.runs.decide(run_id, confirm(asked))
        await bench.ended(run_id)

    assert family.given["after"] == ["second ran 1"]


async def test_a_rejected_workflow_is_left_out_whole(bench: Bench) -> None:
    family = Family({"requires_confirmation": True, "on_reject": "skip"})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked))
        await bench.ended(run_id)

    assert family.given == {"before": ["x"], "after": ["before ran 1"]}


async def test_an_edited_workflow_output_replaces_what_its_steps_said(bench: Bench) -> None:
    family = Family({"requires_output_review": True})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, edit(asked, "as edited"))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert run.step_results[1].content == "as edited"
    assert family.given["after"] == ["as edited"]


async def test_an_edited_workflow_output_at_the_end_is_the_run_s_content(bench: Bench) -> None:
    family = Family({"requires_output_review": True})
    family.workflow.steps.pop()
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, edit(asked, "as edited"))
        await bench.ended(run_id)

    assert (await bench.runs.run_output(run_id)).content == "as edited"


async def test_a_rejected_workflow_output_is_made_again_by_all_of_its_steps(bench: Bench) -> None:
    family = Family({"requires_output_review": True, "on_reject": "retry"})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked, feedback="again"))
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked))
        await bench.ended(run_id)

    assert {name: len(given) for name, given in family.given.items()} == {
        "before": 1,
        "first": 2,
        "second": 2,
        "after": 1,
    }
    assert family.given["after"] == ["second ran 2"]


async def test_its_own_gates_ask_again_when_it_is_made_again(bench: Bench) -> None:
    family = Family({"requires_output_review": True, "on_reject": "retry"}, {"requires_confirmation": True})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [inner] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(inner, by="ana"))
        [outer] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(outer, by="ben"))
        [again] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(again, by="cleo"))
        [last] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(last, by="dan"))
        run = await bench.ended(run_id)

    assert [asked.requirement.step_name for asked in run.asked] == ["second", "box", "second", "box"]
    assert deciders(run) == ["ana", "ben", "cleo", "dan"]
    assert again.requirement.id != inner.requirement.id


async def test_a_rejection_inside_ends_the_whole_run(bench: Bench) -> None:
    """Not the nested workflow alone: its author said cancel, and there is one run."""
    family = Family({"requires_confirmation": True}, {"requires_confirmation": True, "on_reject": "cancel"})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [outer] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(outer))
        [inner] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(inner))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert run.status == RunStatus.cancelled
    assert "after" not in family.given


async def test_what_is_filled_in_for_a_workflow_reaches_each_of_its_steps(bench: Bench) -> None:
    family = Family({"requires_user_input": True, "user_input_schema": FORM})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, fill_in(asked, region="us"))
        await bench.ended(run_id)

    filled_in = {"user_input": {"region": "us"}}
    assert family.told == {"before": None, "first": filled_in, "second": filled_in, "after": None}


async def test_the_feedback_on_a_workflow_s_output_reaches_it(bench: Bench) -> None:
    family = Family({"requires_output_review": True, "on_reject": "retry"})
    async with bench.worker(family.workflow):
        run_id = await bench.start(family.workflow, "x")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked, feedback="shorter"))
        await bench.paused(run_id)

    assert family.told["second"] == {"rejection_feedback": "shorter", "previous_output": "second ran 1"}
