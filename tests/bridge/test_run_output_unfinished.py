"""A run that waits, failed or was cancelled is shown as plain agno shows it, field by field."""

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.media import Image
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Step, StepInput, StepOutput, Workflow

from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Made
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import Action, Decision, Kind, Policy, Requirement, Resolution
from examples.scripted_model import ScriptedModel
from tests.bridge.by_hand import ByHand, flow_of
from tests.bridge.shapes import shape

PICTURE = Image(url="https://example.org/i", id="given")


def paint(step_input: StepInput) -> StepOutput:
    return StepOutput(content="painted", images=[Image(content=b"png", id="painted")])


def fail(step_input: StepInput):
    raise ValueError("no rows")


def workflow(review: HumanReview | None = None, executor=paint) -> Workflow:
    agent = Agent(name="Writer", model=ScriptedModel(task="Draft"), telemetry=False)
    steps = [
        Step(name="draft", agent=agent, step_id="draft"),
        Step(name="ship", executor=executor, step_id="ship", human_review=review, max_retries=0),
        Step(name="last", executor=paint, step_id="last"),
    ]
    return Workflow(name="w", id="w", steps=steps, db=InMemoryDb(), telemetry=False)


async def agnos(workflow: Workflow, **options) -> WorkflowRunOutput:
    return await workflow.arun("bees", run_id="run-1", session_id="session-1", session_state={}, **options)


def asked(kind: Kind, flow: Flow, output=None, decision: Action | None = None, on_reject="skip", **fields) -> Asked:
    requirement = Requirement(
        "ship", "1", "ship", 1, "Step", kind, 1, 0.0, policy=Policy(on_reject, max_retries=3), **fields
    )
    resolution = None if decision is None else Resolution(Decision(requirement.id, decision), 1.0)
    return Asked(requirement, flow, output, resolution)


@pytest.mark.parametrize("media", [{}, {"images": [PICTURE]}], ids=["no-media", "with-media"])
async def test_a_run_that_waits_before_a_step(media):
    review = HumanReview(requires_confirmation=True, confirmation_message="Ship it?")
    run = ByHand(workflow(review), "bees", metadata={}, **media)
    draft = await run.step("0")
    gate = asked(Kind.CONFIRMATION, flow_of(("draft", draft)), message="Ship it?")
    waiting = {"status": "PAUSED", "paused_step_index": 1, "paused_step_name": "ship"}
    assert shape(run.run(draft, asked=(gate,), **waiting)) == shape(await agnos(workflow(review), **media))


@pytest.mark.parametrize("media", [{}, {"images": [PICTURE]}], ids=["no-media", "with-media"])
async def test_a_run_that_waits_for_a_review(media):
    review = HumanReview(requires_output_review=True)
    run = ByHand(workflow(review), "bees", metadata={}, **media)
    draft = await run.step("0")
    ship = await run.step("1", ("draft", draft))
    gate = asked(Kind.OUTPUT_REVIEW, flow_of(("draft", draft)), ship, message="Review output of step 'ship'?")
    waiting = {"status": "PAUSED", "paused_step_index": 1, "paused_step_name": "ship"}
    theirs = await agnos(workflow(review), **media)
    # agno's steps share one dict of earlier outputs, so that what is reviewed appears in its own step's input.
    del theirs.step_requirements[0].step_input.previous_step_outputs["ship"]
    assert shape(run.run(draft, asked=(gate,), **waiting)) == shape(theirs)


async def test_a_run_that_a_rejection_cancelled():
    review = HumanReview(requires_confirmation=True, on_reject="cancel")
    theirs = workflow(review)
    paused = await agnos(theirs)
    paused.steps_requiring_confirmation[0].reject()
    cancelled = await theirs.acontinue_run(paused)
    run = ByHand(workflow(review), "bees", metadata={})
    draft = await run.step("0")
    gate = asked(Kind.CONFIRMATION, flow_of(("draft", draft)), decision=Action.REJECT, on_reject="cancel")
    content = "Workflow cancelled: Step 'ship' was rejected"
    ours = run.run(draft, asked=(gate,), status="CANCELLED", cancellation_stage="PAUSED", content=content)
    assert shape(ours) == shape(cancelled)


async def test_a_run_that_was_confirmed_and_completed():
    review = HumanReview(requires_confirmation=True)
    theirs = workflow(review)
    paused = await agnos(theirs)
    paused.steps_requiring_confirmation[0].confirm()
    completed = await theirs.acontinue_run(paused)
    run = ByHand(workflow(review), "bees", metadata={})
    draft = await run.step("0")
    ship = await run.step("1", ("draft", draft))
    last = await run.step("2", ("draft", draft), ("ship", ship))
    gate = asked(Kind.CONFIRMATION, flow_of(("draft", draft)), decision=Action.CONFIRM)
    # agno forgets `files` when it continues (docs/differences.md, D35).
    completed.files = []
    assert shape(run.run(draft, ship, last, asked=(gate,))) == shape(completed)


async def test_a_run_that_failed():
    review = HumanReview(on_error="fail")
    theirs = workflow(review, fail)
    with pytest.raises(ValueError, match="no rows"):
        await agnos(theirs)
    stored = theirs.get_run_output("run-1", "session-1")
    run = ByHand(workflow(review, fail), "bees", metadata={})
    draft = await run.step("0")
    failed = Made("ship", "no rows", "ship", success=False, error="no rows")
    ours = run.run(draft, failed, status="ERROR", content="Workflow execution failed: no rows")
    assert shape(WorkflowRunOutput.from_dict(ours.to_dict())) == shape(WorkflowRunOutput.from_dict(stored.to_dict()))


async def test_the_agents_run_behind_a_rejected_output_stays_where_its_step_stands():
    review = HumanReview(requires_output_review=True, on_reject="retry")
    run = ByHand(workflow(review), "bees", metadata={})
    first, second = await run.step("0"), await run.step("0")
    ship = await run.step("1", ("draft", second))
    gate = asked(Kind.OUTPUT_REVIEW, flow_of(), first, decision=Action.REJECT)
    runs = run.run(second, ship, asked=(gate,)).step_executor_runs
    kept = [run.results[leaf.activity_id].body["output"]["step_run_id"] for leaf in (first, second)]
    assert [each.run_id for each in runs] == kept


async def test_a_run_that_was_cut_off_at_work_counts_what_it_used():
    run = ByHand(workflow(), "bees", metadata={})
    draft = await run.step("0")
    cut = Made("ship", None, "ship", "Step", success=False, error="Cancelled during execution")
    ours = run.run(draft, cut, status="CANCELLED", cancellation_stage="EXECUTING", content="Run run-1 was cancelled")
    assert list(ours.metrics.steps) == ["draft"]
    assert (ours.is_cancelled, ours.paused_step_index, ours.pause_kind) == (True, None, None)
