"""What a task leaves out, because whoever reads it knows it, and what it says all the same.

It is written into the history for every step. Tasks that were sent before anything was left out are still read.
"""

import json
import re
from dataclasses import replace

import pytest
from temporalio.activity import Info
from temporalio.testing import ActivityEnvironment

from agno_temporal.activities.whole import whole
from agno_temporal.contract import names
from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import Flow, Named, OpenedRun, RunFacts, StepTask
from agno_temporal.plan import ExecutorKind, Plan, StepNode
from agno_temporal.plan.data import to_json
from agno_temporal.workflows.facts import facts_of
from agno_temporal.workflows.failures import RunFailed
from agno_temporal.workflows.frame import INLINE_BYTES, Frame
from agno_temporal.workflows.packing import MAX_TASK_BYTES, inlined, measured
from agno_temporal.workflows.state import SessionState

PLAN = Plan("release", "release", (), digest="0123456789abcdef" * 4)
OPENED = OpenedRun(PLAN, names.session_id_of("run-1"))
EARLIER = tuple(Named(f"s{at}", Leaf(f"{at}#1", "abc", 9, body={"output": {}})) for at in range(3))


def read(facts: RunFacts) -> RunFacts:
    """As an activity of the run reads them."""
    environment = ActivityEnvironment()
    info: Info = replace(environment.info, workflow_id="run-1", workflow_type="release")
    environment.info = info
    told: StepTask = environment.run(whole, StepTask(facts, "0", "a", 1, Flow()))
    return told.facts


def test_a_task_does_not_say_what_its_activity_knows_anyhow() -> None:
    assert to_json(facts_of("run-1", RunRequest("go"), OPENED)) == {
        "plan_digest": "0123456789abcdef",
        "request": {"input": "go"},
    }


def test_what_is_left_out_is_known_to_the_activity() -> None:
    facts = read(facts_of("run-1", RunRequest("go"), OPENED))
    assert (facts.run_id, facts.workflow_id, facts.session_id) == ("run-1", "release", OPENED.session_id)


def test_a_session_that_was_given_is_said() -> None:
    assert read(facts_of("run-1", RunRequest("go"), replace(OPENED, session_id="mine"))).session_id == "mine"


def test_a_task_that_says_all_of_it_is_read_as_it_is() -> None:
    facts = RunFacts("run-0", "other", "session-0", PLAN.digest)
    assert read(facts) == facts


def test_a_large_request_does_not_travel_with_the_tasks() -> None:
    assert facts_of("run-1", RunRequest("x" * 2000), OPENED).request is None


@pytest.mark.parametrize(
    ("kind", "carried"),
    [(ExecutorKind.FUNCTION, ["s0", "s1", "s2"]), (ExecutorKind.AGENT, ["s2"]), (ExecutorKind.TEAM, ["s2"])],
)
def test_only_what_the_executor_reads_is_carried_and_the_rest_is_named(kind: ExecutorKind, carried: list[str]) -> None:
    given = inlined(Frame(Flow(previous=EARLIER), SessionState()), StepNode("3", "d", "id", kind)).previous
    assert [named.name for named in given] == ["s0", "s1", "s2"]
    assert [named.name for named in given if isinstance(named.output, Leaf) and named.output.body] == carried


def kept(previous: tuple[Named, ...]) -> list[str | None]:
    return [named.name for named in previous if isinstance(named.output, Leaf) and named.output.body]


def behind(count: int, size: int) -> tuple[Named, ...]:
    """What is carried behind so many steps, each of which has returned so much."""
    frame = Frame(Flow(), SessionState())
    for at in range(count):
        frame = frame.after(f"s{at}", Leaf(f"{at}#1", "abc", size, body={"output": "x" * size}))
    return frame.flow.previous


def test_the_newest_outputs_are_carried_as_far_as_the_budget_goes() -> None:
    assert kept(behind(6, INLINE_BYTES // 3)) == ["s3", "s4", "s5"]


def test_an_output_is_written_once_for_all_steps_behind_it() -> None:
    frame = Frame(Flow(previous=behind(3, 10)), SessionState())
    later = frame.after("s3", Leaf("3#1", "abc", 10, body={"output": "x"}))
    pairs = zip(frame.flow.previous, later.flow.previous, strict=False)
    assert all(to_json(one) is to_json(same) for one, same in pairs)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_task_is_as_long_as_it_was_measured(count: int) -> None:
    node = StepNode("3", "d", "id", ExecutorKind.FUNCTION)
    task = StepTask(RunFacts(), "3", "d", 1, Flow(previous=behind(count, 200)), state={"large": "y" * MAX_TASK_BYTES})
    with pytest.raises(RunFailed) as failed:
        measured(task, node, 1)
    [told] = re.findall(r"would be given (\d+) bytes", str(failed.value))
    assert 0 <= int(told) - len(json.dumps(to_json(task))) <= len(", ")
