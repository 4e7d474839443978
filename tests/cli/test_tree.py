"""The step tree as data: what a run's states mean where the plan repeats, branches or ends early."""

from __future__ import annotations

import pytest

from agno_temporal.client import Blocked
from agno_temporal.contract.manifest import Asked, Manifest, NodeState
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import Action, Decision, Kind, Requirement, Resolution
from agno_temporal.plan import (
    ConditionNode,
    ExecutorKind,
    LoopNode,
    Node,
    ParallelNode,
    Plan,
    StepNode,
    StepsNode,
)
from agno_temporal.views.tree import Branch, Standing, step_tree

NOW = 1_000.0


def leaf(path: str) -> StepNode:
    return StepNode(path, path, path, ExecutorKind.FUNCTION)


def loop(path: str, *steps: Node) -> LoopNode:
    return LoopNode(path, path, path, steps)


def asked(path: str, deadline: float | None = None, decision: Decision | None = None) -> Asked:
    requirement = Requirement(path, path, path, 0, "Step", Kind.CONFIRMATION, 1, 0.0, deadline)
    return Asked(requirement, Flow(), resolution=decision and Resolution(decision, 1.0))


def tree(*nodes: Node, blocked: tuple[Blocked, ...] = (), status: str = "RUNNING", questions=(), **states: str):
    """The tree where the nodes of these paths (written with _ for /) have these states."""
    progress = {path.strip("_").replace("_", "/"): NodeState(state, 1) for path, state in states.items()}
    manifest = Manifest("run", "workflow", status, 0, progress=progress, asked=tuple(questions))
    return step_tree(Plan("workflow", None, nodes), manifest, blocked, status in ("RUNNING", "PAUSED"), NOW)


def standings(branches: list[Branch] | tuple[Branch, ...]) -> list[Standing]:
    return [branch.standing for branch in branches]


def test_what_stands_behind_the_step_of_a_running_loop_is_of_the_iteration_before():
    [found] = tree(
        loop("0", leaf("0/loop/0"), leaf("0/loop/1"), leaf("0/loop/2")),
        _0="running", _0_loop_0="done", _0_loop_1="running", _0_loop_2="done",
    )  # fmt: skip
    assert standings(found.branches) == [Standing.DONE, Standing.RUNNING, Standing.NOT_YET]


def test_so_is_what_stands_in_a_container_there():
    inner = StepsNode("0/loop/1", "inner", "inner", (leaf("0/loop/1/steps/0"),))
    [found] = tree(
        loop("0", leaf("0/loop/0"), inner),
        _0="running", _0_loop_0="waiting", _0_loop_1="done", _0_loop_1_steps_0="done",
    )  # fmt: skip
    assert found.branches[1].standing is Standing.NOT_YET
    assert standings(found.branches[1].branches) == [Standing.NOT_YET]


def test_the_branches_of_a_parallel_in_a_loop_stand_for_themselves():
    inner = ParallelNode("0/loop/0", "both", "both", (leaf("0/loop/0/parallel/0"), leaf("0/loop/0/parallel/1")))
    [found] = tree(
        loop("0", inner),
        _0="running", _0_loop_0="running", _0_loop_0_parallel_0="running", _0_loop_0_parallel_1="done",
    )  # fmt: skip
    assert standings(found.branches[0].branches) == [Standing.RUNNING, Standing.DONE]


def test_a_completed_loop_keeps_the_states_of_its_last_iteration():
    [found] = tree(loop("0", leaf("0/loop/0"), leaf("0/loop/1")), _0="done", _0_loop_0="done", _0_loop_1="skipped")
    assert standings(found.branches) == [Standing.DONE, Standing.SKIPPED]


def test_a_condition_without_an_else_branch_shows_its_steps_at_once():
    [found] = tree(ConditionNode("0", "if it rains", "0", (leaf("0/if/0"),)))
    assert [branch.path for branch in found.branches] == ["0/if/0"]


def test_a_condition_with_both_branches_names_them():
    [found] = tree(ConditionNode("0", "rain", "0", (leaf("0/if/0"),), (leaf("0/else/0"),)), _0_else_0="skipped")
    assert [(one.name, one.standing) for one in found.branches] == [
        ("if", Standing.NOT_YET),
        ("else", Standing.SKIPPED),
    ]


@pytest.mark.parametrize(
    ("first", "second", "status", "expected"),
    [
        ("done", "running", "RUNNING", Standing.RUNNING),
        ("done", "skipped", "RUNNING", Standing.DONE),
        ("done", "failed", "COMPLETED", Standing.FAILED),
        ("done", "running", "CANCELLED", Standing.CUT_OFF),
        ("done", "", "CANCELLED", Standing.DONE),
        ("skipped", "", "CANCELLED", Standing.SKIPPED),
        ("waiting", "waiting", "PAUSED", Standing.WAITING),
    ],
)
def test_a_branch_stands_where_its_steps_do(first: str, second: str, status: str, expected: Standing):
    rain = ConditionNode("0", "rain", "0", (leaf("0/if/0"), leaf("0/if/1")), (leaf("0/else/0"),))
    [found] = tree(rain, status=status, _0_if_0=first, _0_if_1=second)
    assert found.branches[0].standing is expected


@pytest.mark.parametrize(("status", "expected"), [("RUNNING", Standing.NOT_YET), ("COMPLETED", Standing.NEVER)])
def test_a_branch_without_steps_is_never_at_work(status: str, expected: Standing):
    [found] = tree(ConditionNode("0", "rain", "0", (), (leaf("0/else/0"),)), status=status, _0_else_0="done")
    assert standings(found.branches) == [expected, Standing.DONE]


def test_between_two_iterations_what_stands_behind_a_condition_is_done():
    rain = ConditionNode("0/loop/0", "rain", "rain", (leaf("0/loop/0/if/0"), leaf("0/loop/0/if/1")), (leaf("else"),))
    [found] = tree(
        loop("0", rain, leaf("0/loop/1")),
        _0="running", _0_loop_0="done", _0_loop_0_if_0="done", _0_loop_0_if_1="skipped", _0_loop_1="done",
    )  # fmt: skip
    assert standings(found.branches) == [Standing.DONE, Standing.DONE]


def test_an_evaluation_that_is_blocked_is_shown_at_its_node():
    [found] = tree(loop("0", leaf("0/loop/0")), blocked=(Blocked("0:end_condition#1", "gone", 7),), _0="running")
    assert (found.standing, found.notes) == (Standing.BLOCKED, ("tried 7 times: gone",))


def test_what_ran_when_the_run_ended_was_cut_off_and_the_rest_was_not_run():
    assert standings(tree(leaf("0"), leaf("1"), status="CANCELLED", _0="running")) == [
        Standing.CUT_OFF,
        Standing.NEVER,
    ]


def test_an_open_question_says_how_much_time_is_left():
    [found] = tree(leaf("0"), questions=[asked("0", deadline=NOW + 61)], status="PAUSED", _0="waiting")
    assert found.notes == ("waits for confirmation, 1 min 1 s left",)


def test_a_rejection_says_who_and_why():
    decision = Decision("0", Action.REJECT, feedback="too dear", decided_by="ana")
    [found] = tree(leaf("0"), questions=[asked("0", decision=decision)], _0="skipped")
    assert found.notes == ("rejected by ana: too dear",)


def test_what_a_rejection_says_draws_no_line_of_its_own():
    decision = Decision("0", Action.REJECT, feedback="no\n" * 100, decided_by="ana\n✓ 1  function, done")
    [found] = tree(leaf("0"), questions=[asked("0", decision=decision)], _0="skipped")
    assert found.notes == (f"rejected by ana ✓ 1 function, done: {'no ' * 32}n...",)


def test_a_decision_of_the_timer_is_called_the_deadline_s():
    decision = Decision("0", Action.CONFIRM, decided_by="system:timer")
    [found] = tree(leaf("0"), questions=[asked("0", decision=decision)], _0="done")
    assert found.notes == ("confirmed by its deadline",)
