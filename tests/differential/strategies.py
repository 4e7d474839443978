"""What is drawn, and what is not: only what docs/differences.md lists is left out, each by a predicate of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from hypothesis import assume
from hypothesis import strategies as st

from tests.differential.specs import (
    Ask,
    Beside,
    Decide,
    Fail,
    Gate,
    Nest,
    Policy,
    Repeat,
    Route,
    Say,
    Sequence,
    Spec,
    Tell,
    Write,
    children,
)

contents = st.sampled_from(
    ["text", "", None, 0, 7, 1.5, True, {"b": 1, "a": [None]}, {}, [], ["x", {"y": 2}], ("t", 1), "long text " * 5]
)
keys = st.sampled_from(["k", "l"])
often_skip = st.sampled_from(["skip", "skip", "skip", "fail"])
policies = st.builds(Policy, retries=st.integers(0, 2), skip_on_failure=st.booleans(), on_error=often_skip)
without_retries = st.builds(Policy, skip_on_failure=st.booleans(), on_error=often_skip)

leaves: st.SearchStrategy[Spec] = st.one_of(
    st.just(Tell()),
    st.builds(Say, content=contents, bare=st.booleans()),
    st.builds(Say, content=contents, image=st.booleans(), success=st.booleans(), policy=without_retries),
    st.builds(Say, content=contents, stop=st.just(True), success=st.booleans()),
    st.builds(Write, key=keys, value=contents, adds=st.booleans()),
    st.builds(Fail, times=st.sampled_from([1, 2, None]), policy=policies),
    st.just(Ask()),
)


@st.composite
def trees(draw: st.DrawFn, depth: int) -> Spec:
    """A step tree of at most so many levels of containers."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return draw(leaves)
    spec = draw(draw(st.sampled_from([sequences, repeats, decisions, routes, parallels, nests]))(trees(depth - 1)))
    assume(not any(predicate(spec) for predicate in LEFT_OUT))
    return spec


def some(inner: st.SearchStrategy[Spec], least: int, most: int) -> st.SearchStrategy[tuple[Spec, ...]]:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


def sequences(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    return st.builds(Sequence, some(inner, 0, 3))


def repeats(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    ends = st.sampled_from([None, 1, 2])
    return st.builds(Repeat, some(inner, 1, 3), st.integers(0, 3), forward=st.booleans(), ends=ends, cel=st.booleans())


def decisions(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    by = st.sampled_from([True, False, "state", "content", "cel", "raise"])
    return st.builds(Decide, some(inner, 1, 3), some(inner, 0, 2), by=by, on_error=often_skip)


@st.composite
def routes(draw: st.DrawFn, inner: st.SearchStrategy[Spec]) -> Spec:
    choices = draw(some(inner, 1, 3))
    picks = draw(st.lists(st.integers(0, len(choices) - 1), max_size=3))
    return Route(choices, tuple(picks), by_name=draw(st.booleans()))


def parallels(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    return st.builds(Beside, some(inner, 0, 3))


def nests(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    state = st.sampled_from([(), (("k", 1),), (("m", 1),)])
    return st.builds(Nest, some(inner, 0, 3), state, without_retries)


def below(spec: Spec) -> Iterator[Spec]:
    """The spec and all that is in it."""
    yield spec
    for child in children(spec):
        yield from below(child)


def written(spec: Spec) -> set[str]:
    """The keys of the session state that it writes."""
    plain = {one.key for one in below(spec) if isinstance(one, Write)}
    return plain | {key for one in below(spec) if isinstance(one, Nest) for key, _ in one.state}


def reads(spec: Spec) -> bool:
    return any(
        isinstance(one, Tell | Nest)
        or (isinstance(one, Write) and one.adds)
        or (isinstance(one, Decide) and one.by in ("state", "cel"))
        for one in below(spec)
    )


def d34_forwards_more_than_one_step(spec: Spec) -> bool:
    return isinstance(spec, Repeat) and spec.forward and len(spec.steps) > 1


def d37_draws_in_a_nested_workflow(spec: Spec) -> bool:
    return isinstance(spec, Nest) and any(isinstance(one, Say) and one.image for one in below(spec))


def can_fail(spec: Spec) -> bool:
    match spec:
        case Fail():
            return True
        case Decide(by="raise"):
            return True
        case Say(success=False, policy=Policy(on_error="fail")):
            return True
    return False


def d44_fails_behind_an_agent(spec: Spec) -> bool:
    """The outputs of a container that fails are lost, and here the runs of agents and workflows in it with them."""
    inside = [one for child in children(spec) for one in below(child)]
    has_runs = any(isinstance(one, Ask | Nest) for one in inside)
    return isinstance(spec, Sequence | Repeat | Decide) and has_runs and any(map(can_fail, inside))


def nested_run_beside_media(spec: Spec) -> bool:
    """A nested workflow's run is shown with the media of other iterations and branches, which it was not given."""
    inside = [one for child in children(spec) for one in below(child)]
    draws = any(isinstance(one, Say) and one.image for one in inside)
    return isinstance(spec, Repeat | Beside) and draws and any(isinstance(one, Nest) for one in inside)


def branches_see_each_other(spec: Spec) -> bool:
    """agno's branches share one session state, in which the order of their turns on the loop shows."""
    if not isinstance(spec, Beside):
        return False
    return any(
        (written(one) and reads(other)) or written(one) & written(other)
        for one, other in permutations(spec.branches, 2)
    )


def runs_end_in_another_order(spec: Spec) -> bool:
    """agno lists the runs of agents and workflows as they end, and here they stand in the order of the branches."""
    if not isinstance(spec, Beside):
        return False
    running = [one for one in spec.branches if any(isinstance(inner, Ask | Nest) for inner in below(one))]
    return len(running) > 1


def an_input_is_shared(spec: Spec) -> bool:
    """agno gives one object to all branches of a Parallel and all iterations of a Loop, and the first step to run
    changes the previous content in it."""
    inside = (one for child in children(spec) for one in below(child))
    return isinstance(spec, Beside | Repeat) and any(isinstance(one, Decide) and one.by == "content" for one in inside)


LEFT_OUT: tuple[Callable[[Spec], bool], ...] = (
    d34_forwards_more_than_one_step,
    d37_draws_in_a_nested_workflow,
    d44_fails_behind_an_agent,
    nested_run_beside_media,
    branches_see_each_other,
    runs_end_in_another_order,
    an_input_is_shared,
)

workflows = st.lists(trees(3), min_size=1, max_size=4).map(tuple)

gates = st.builds(
    Gate,
    st.one_of(leaves, st.builds(Nest, some(leaves, 0, 2))),
    review=st.booleans(),
    on_reject=st.sampled_from(["skip", "skip", "cancel", "retry"]),
    rejections=st.integers(0, 2),
)


def d31_stops_under_review(spec: Spec) -> bool:
    return isinstance(spec, Gate) and spec.review and any(isinstance(one, Say) and one.stop for one in below(spec))


def d35_draws(spec: Spec) -> bool:
    return any(isinstance(one, Say) and one.image for one in below(spec))


def a_nested_workflow_is_told(spec: Spec) -> bool:
    """What was said against a nested workflow's output reaches its steps here."""
    return isinstance(spec, Gate) and spec.on_reject == "retry" and spec.rejections > 0 and isinstance(spec.step, Nest)


def d60_is_asked_again(spec: Spec) -> bool:
    return isinstance(spec, Gate) and not spec.review and spec.on_reject == "retry" and spec.rejections > 0


def d43_has_no_name_after_a_pause(spec: Spec) -> bool:
    policies = (one.policy for one in below(spec) if isinstance(one, Say | Fail | Nest))
    return any(policy.skip_on_failure for policy in policies)


LEFT_OUT_WITH_GATES: tuple[Callable[[Spec], bool], ...] = (
    d31_stops_under_review,
    d35_draws,
    d43_has_no_name_after_a_pause,
    d60_is_asked_again,
    a_nested_workflow_is_told,
)


@st.composite
def gated_workflows(draw: st.DrawFn) -> tuple[Spec, ...]:
    """Workflows of which some top-level steps ask."""
    specs = tuple(draw(st.lists(st.one_of(trees(1), gates), min_size=1, max_size=4)))
    assume(not any(predicate(spec) for spec in specs for predicate in LEFT_OUT_WITH_GATES))
    return specs
