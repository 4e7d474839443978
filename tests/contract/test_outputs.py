"""What of an output travels inline: as much as the budget takes, and nothing of the rest.

Passing every earlier output to every step is quadratic: forty steps of 50 KB write 41 MB of history, of the 50 MB that
Temporal allows. So what is over the budget must go, what is needed first must stay, and nothing else may change.
"""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agno_temporal.contract.outputs import Budget, Group, Leaf, Made, NestedRun, Output, RunInput, bare, leaves
from agno_temporal.plan.data import to_json
from tests.plan.wire import instances

ANY_OUTPUT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MADE = Made("fetch", "Step fetch failed but skipped")


def leaf(number: int, size: int = 10) -> Leaf:
    return Leaf(f"{number}#1", "abc", size=size, body={"content": "x" * size})


def group(*steps: Output) -> Group:
    return Group("all", "g", "Steps", steps, content="Steps all completed")


def inline(output: Output) -> list[str]:
    """The activities whose bodies travel with the output."""
    return [one.activity_id for one in leaves(output) if one.body is not None]


def test_what_fits_travels_as_it_is():
    output = group(leaf(0), leaf(1))
    assert Budget(20).trim(output) == output


def test_what_does_not_fit_leaves_only_its_body_behind():
    assert Budget(9).trim(leaf(0, size=10)) == Leaf("0#1", "abc", size=10)


def test_a_body_may_use_the_budget_up_to_its_last_byte():
    assert inline(Budget(10).trim(leaf(0, size=10))) == ["0#1"]


def test_the_last_leaf_comes_first_because_it_is_what_the_next_step_reads():
    assert inline(Budget(20).trim(group(leaf(0), leaf(1), leaf(2)))) == ["1#1", "2#1"]


def test_the_last_leaf_comes_first_at_any_depth():
    assert inline(Budget(20).trim(group(group(leaf(0), leaf(1)), group(leaf(2))))) == ["1#1", "2#1"]


def test_trimming_keeps_the_order_of_the_steps():
    trimmed = Budget(0).trim(group(leaf(0), MADE, group(leaf(1)), leaf(2)))
    assert trimmed == group(bare(leaf(0)), MADE, group(bare(leaf(1))), bare(leaf(2)))


def test_a_small_output_travels_although_a_later_one_is_too_large():
    assert inline(Budget(10).trim(group(leaf(0, size=5), leaf(1, size=50)))) == ["0#1"]


def test_one_budget_is_shared_by_all_outputs_that_are_trimmed_with_it():
    budget = Budget(15)
    assert [inline(budget.trim(leaf(number))) for number in range(2)] == [["0#1"], []]
    assert budget.left == 5


def test_what_has_no_body_costs_nothing():
    budget = Budget(10)
    budget.trim(group(bare(leaf(0, size=10)), MADE))
    assert budget.left == 10


def test_a_bare_output_has_no_body_anywhere_and_keeps_everything_else():
    nested = NestedRun("r", "w", None, RunInput(), 1.5)
    output = Group("inner", "g", "Workflow", (leaf(0), group(leaf(1)), MADE), run=nested)
    assert bare(output) == Group(
        "inner", "g", "Workflow", (Leaf("0#1", "abc", 10), group(Leaf("1#1", "abc", 10)), MADE), run=nested
    )


@ANY_OUTPUT
@given(output=instances(Output), size=st.integers(0, 200))
def test_trimming_never_exceeds_the_budget_and_takes_nothing_but_bodies(output: Output, size: int):
    output = weighed(output)
    budget = Budget(size)
    trimmed = budget.trim(output)
    assert sum(one.size for one in leaves(trimmed) if one.body is not None) == size - budget.left <= size
    assert bare(trimmed) == bare(output)


def weighed(output: Output) -> Output:
    """The output with the true size of each body, as the interpreter writes it."""
    match output:
        case Leaf():
            return Leaf(output.activity_id, output.digest, size=len(json.dumps(output.body)), body=output.body)
        case Group():
            return Group(output.step_name, output.step_id, output.step_type, tuple(map(weighed, output.steps)))
        case _:
            return output


def test_leaves_are_given_in_order_from_every_depth():
    output = group(leaf(0), MADE, group(leaf(1), leaf(2)))
    assert [one.activity_id for one in leaves(output)] == ["0#1", "1#1", "2#1"]


def test_only_a_parallel_hands_on_the_media_of_its_children():
    picture = Leaf("0#1", "abc", media=True)
    assert Group("both", "g", "Parallel", (Leaf("1#1", "abc"), picture)).media
    assert not Group("all", "g", "Steps", (picture,)).media


def test_an_edit_to_none_differs_from_no_edit_in_a_history():
    assert to_json(Leaf("0#1", "abc", edited=None, has_edit=True)) != to_json(Leaf("0#1", "abc"))
