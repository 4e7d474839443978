"""A task leaves out what an earlier task has listed, and its step is given all of it: whatever order the names come in,
wherever branches part, and however often a loop begins anew."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.tasks import LISTED_AGAIN, Flow, Listed, Named
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.state import SessionState

NAMES = [None, *(f"s{number}" for number in range(3 * LISTED_AGAIN))]


def frame() -> Frame:
    return Frame(Flow(), SessionState())


def named(flow: Flow) -> list[tuple[str | None, str]]:
    return [(one.name, one.output.activity_id) for one in flow.previous]


class Tasks:
    """The tasks that were sent, as a worker sees them: by the ids of their activities."""

    def __init__(self) -> None:
        self.sent: dict[str, Flow] = {}

    def run(self, at: Frame, name: str | None, *, recorded: bool = True) -> Frame:
        """Run a step, as `workflows.calls` does."""
        activity_id = f"{len(self.sent)}#1"
        self.sent[activity_id] = at.row.shortened(at.flow)
        if recorded:
            at.row.listed = Listed(activity_id, len(at.flow.previous))
        assert named(self.whole(activity_id)) == named(at.flow)
        return at.after(name, Leaf(activity_id, "d"))

    def whole(self, activity_id: str) -> Flow:
        flow = self.sent[activity_id]
        if flow.listed is None:
            return flow
        earlier = self.whole(flow.listed.activity_id)
        assert len(earlier.previous) == flow.listed.count
        return flow.behind(earlier.previous)


def in_a_row(tasks: Tasks, at: Frame, count: int) -> Frame:
    for number in range(count):
        at = tasks.run(at, f"s{number}")
    return at


def test_few_earlier_outputs_are_all_listed() -> None:
    tasks = Tasks()
    in_a_row(tasks, frame(), LISTED_AGAIN + 1)
    assert [len(flow.previous) for flow in tasks.sent.values()] == [*range(LISTED_AGAIN + 1)]


def test_of_many_the_last_one_alone_is() -> None:
    tasks = Tasks()
    in_a_row(tasks, frame(), 100)
    assert named(tasks.sent["99#1"]) == [("s98", "98#1")]
    assert tasks.sent["99#1"].listed == Listed("98#1", 98)


def test_what_a_local_attempt_was_given_is_in_no_history_and_listed_again() -> None:
    tasks = Tasks()
    at = in_a_row(tasks, frame(), 50)
    at = tasks.run(tasks.run(at, "a", recorded=False), "b", recorded=False)
    tasks.run(at, "c")
    assert [name for name, _ in named(tasks.sent["52#1"])] == ["s49", "a", "b"]


def test_the_last_output_is_always_there() -> None:
    tasks = Tasks()
    at = in_a_row(tasks, frame(), 50)
    tasks.run(at, "once")
    tasks.run(at, "again")
    assert named(tasks.sent["51#1"]) == [("s49", "49#1")]


def test_a_nested_workflow_begins_with_nothing() -> None:
    tasks = Tasks()
    at = in_a_row(tasks, frame(), 50)
    inside = in_a_row(tasks, at.nested(), 2)
    assert [name for name, _ in named(inside.flow)] == ["s0", "s1"]


def test_where_a_run_goes_on_with_other_outputs_nothing_was_listed_yet() -> None:
    tasks = Tasks()
    at = in_a_row(tasks, frame(), 50)
    tasks.run(at, "s50")
    forwarded = tuple(Named(f"f{number}", Leaf(f"f{number}", "d")) for number in range(40))
    tasks.run(at.at(replace(at.flow, previous=forwarded)), "s51")
    assert tasks.sent["51#1"].listed is None


@given(st.data())
def test_every_step_is_given_all_that_came_before_it(data: st.DataObject) -> None:
    """Any walk: steps of any names, from here or from an earlier place, as iterations and branches begin."""
    tasks = Tasks()
    frames = [in_a_row(tasks, frame(), data.draw(st.integers(0, 2 * LISTED_AGAIN)))]
    for _ in range(data.draw(st.integers(1, 30))):
        at = data.draw(st.sampled_from(frames[-6:]))
        at = tasks.run(at, data.draw(st.sampled_from(NAMES)), recorded=data.draw(st.booleans()))
        frames.append(data.draw(st.sampled_from([at, at.inside(), at.branch(2, at.state)])))
