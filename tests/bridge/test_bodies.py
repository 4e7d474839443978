"""The resolver: it says what is missing, and believes nothing that it is brought."""

from dataclasses import replace

import pytest
from agno.media import Image
from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.bodies import Bodies, BodyMismatch, BodyMissing
from agno_temporal.agno_bridge.step_bodies import Measure, step_body
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.outputs import DIGEST_LENGTH, Group, Leaf, MessageOf, NestedRun, RunInput
from agno_temporal.contract.tasks import EndCheck, EvaluateTask, Extras, Flow, Named, RunFacts, StepTask

FACTS = RunFacts("run-1", "w", "session-1", "digest")


def leaf(activity_id: str, **fields) -> Leaf:
    body = step_body(StepOutput(content=activity_id, images=[Image(url="https://example.org/i", id="i")]))
    measure = Measure.of(body)
    return Leaf(activity_id, measure.digest, measure.size, **{"body": body, **fields})


def absent(activity_id: str, **fields) -> Leaf:
    return leaf(activity_id, body=None, **fields)


def missing(*sources) -> list[str]:
    return [leaf.activity_id for leaf in Bodies(*sources).missing()]


def test_what_is_inline_is_not_missing():
    bodies = Bodies(leaf("0#1"))
    assert bodies.missing() == []
    assert bodies.output(leaf("0#1")).content == "0#1"


def test_a_body_that_stands_inline_once_serves_every_mention():
    assert missing(Flow(previous=(Named("a", leaf("0#1")),), media=(absent("0#1", media=True),)) and leaf("0#1")) == []


def test_everything_that_a_step_is_given_is_asked_for_once():
    task = StepTask(
        FACTS,
        "4",
        "e",
        1,
        Flow(
            input=MessageOf(absent("0#1"), MessageOf(absent("9#1"), RunInput())),
            previous=(Named("a", absent("1#1")), Named("b", Group("b", "id", "Steps", (absent("2#1"), absent("1#1"))))),
        ),
        extras=Extras(previous_output=absent("4#1")),
        end_check=EndCheck("3", 1, 3, (absent("3/loop/0#1"),)),
    )
    assert missing(task) == ["0#1", "9#1", "1#1", "2#1", "4#1", "3/loop/0#1"]


def test_for_media_only_outputs_that_hand_some_on_are_asked_for():
    branches = (absent("1/parallel/0#1", media=True), absent("1/parallel/1#1"))
    media = (absent("0#1", media=True), Group("p", "id", "Parallel", branches), Group("s", "id", "Steps", branches))
    assert missing(StepTask(FACTS, "2", "c", 1, Flow(media=media))) == ["0#1", "1/parallel/0#1"]


def test_a_predicate_on_an_output_needs_no_earlier_ones():
    flow = Flow(previous=(Named("a", absent("0#1")),))
    review = EvaluateTask(FACTS, "1", "b", "review", flow, outputs=(absent("1#1"),))
    assert missing(review) == ["1#1"]
    assert missing(replace(review, what="evaluator")) == ["0#1"]


def test_a_reader_needs_what_nested_workflows_were_given_too():
    run = NestedRun("run-2", "inner", "inner", MessageOf(absent("0#1"), RunInput()), 1.0)
    nested = Group("n", "id", "Workflow", (absent("1/workflow/0#1"),), run=run)
    assert missing(Manifest("run-1", "w", "COMPLETED", 0, step_results=(nested,))) == ["1/workflow/0#1", "0#1"]


def test_what_is_brought_must_be_what_the_run_recorded():
    bodies = Bodies(absent("0#1"))
    with pytest.raises(BodyMismatch, match=r"activity '0#1' is not what the run recorded \(sha256 .* not "):
        bodies.add("0#1", step_body(StepOutput(content="of another run")))
    bodies.add("0#1", leaf("0#1").body)
    assert bodies.missing() == []


def test_the_beginning_of_a_digest_is_enough_and_tells_outputs_apart():
    named = absent("0#1")
    bodies = Bodies(replace(named, digest=named.digest[:DIGEST_LENGTH]))
    with pytest.raises(BodyMismatch):
        bodies.add("0#1", leaf("1#1").body)
    bodies.add("0#1", leaf("0#1").body)
    assert bodies.missing() == []


def test_an_output_that_was_not_brought_is_named():
    with pytest.raises(BodyMissing, match="'0#1'"):
        Bodies(absent("0#1")).output(absent("0#1"))
