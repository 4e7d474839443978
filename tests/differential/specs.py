"""Workflows as data: what Hypothesis draws and shrinks, and the agno objects made of it.

A spec is immutable and has no names; a node is named by its place in the tree. So no two steps have one name, in which
the two sides differ on purpose (docs/differences.md, D33).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeAlias

from agno.media import Image
from agno.run import RunContext
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput, StepRequirement

from tests.differential.blocks import agent, tell
from tests.differential.oracle import Answer


@dataclass(frozen=True)
class Policy:
    """What a step does about its own failures."""

    retries: int = 0
    skip_on_failure: bool = False
    on_error: str = "skip"


@dataclass(frozen=True)
class Say:
    """Returns a content, in an output or bare."""

    content: Any
    bare: bool = False
    stop: bool = False
    success: bool = True
    image: bool = False
    policy: Policy = Policy()


@dataclass(frozen=True)
class Tell:
    """Returns what it was given."""


@dataclass(frozen=True)
class Fail:
    """Raises the first `times` times; None is always."""

    times: int | None
    policy: Policy = Policy()


@dataclass(frozen=True)
class Write:
    """Writes a key of the session state; with `adds` it counts on from what is there."""

    key: str
    value: Any
    adds: bool = False


@dataclass(frozen=True)
class Ask:
    """An agent, which answers with what it was asked."""


@dataclass(frozen=True)
class Sequence:
    """agno's Steps."""

    steps: tuple[Spec, ...]


@dataclass(frozen=True)
class Repeat:
    """agno's Loop. `ends` is the iteration at which its end condition says so, `cel` how it says it."""

    steps: tuple[Spec, ...]
    times: int
    forward: bool = False
    ends: int | None = None
    cel: bool = False


@dataclass(frozen=True)
class Decide:
    """agno's Condition. `by`: a bool, ``state`` (is the key there?), ``content`` (is its text long?) or ``cel``."""

    steps: tuple[Spec, ...]
    otherwise: tuple[Spec, ...]
    by: bool | str
    on_error: str = "skip"


@dataclass(frozen=True)
class Route:
    """agno's Router. `picks` are indices of its choices, in the order in which they run."""

    choices: tuple[Spec, ...]
    picks: tuple[int, ...]
    by_name: bool = True


@dataclass(frozen=True)
class Beside:
    """agno's Parallel."""

    branches: tuple[Spec, ...]


@dataclass(frozen=True)
class Nest:
    """A nested workflow, with a default session state of its own."""

    steps: tuple[Spec, ...]
    state: tuple[tuple[str, int], ...] = ()
    policy: Policy = Policy()


@dataclass(frozen=True)
class Gate:
    """A top-level step that asks before it runs, or whose output is reviewed; `rejections` come before the approval."""

    step: Leaf | Nest
    review: bool
    on_reject: str
    rejections: int


Leaf: TypeAlias = Say | Tell | Fail | Write | Ask
Spec: TypeAlias = Leaf | Sequence | Repeat | Decide | Route | Beside | Nest | Gate


def children(spec: Spec) -> tuple[Spec, ...]:
    match spec:
        case Sequence() | Repeat() | Nest():
            return spec.steps
        case Decide():
            return spec.steps + spec.otherwise
        case Route():
            return spec.choices
        case Beside():
            return spec.branches
        case Gate():
            return (spec.step,)
    return ()


def build(specs: tuple[Spec, ...]) -> Workflow:
    """Fresh agno objects for a spec."""
    return Workflow(name="drawn", steps=_built(specs, "s"), telemetry=False)


def answer_of(specs: tuple[Spec, ...]) -> Answer:
    """What the human says to each question of a workflow: as many rejections as the gate says, and then yes."""

    def answer(requirement: StepRequirement) -> None:
        gate = specs[requirement.step_index]
        assert isinstance(gate, Gate)
        if requirement.retry_count < gate.rejections:
            requirement.reject(f"no {requirement.retry_count}")
        else:
            requirement.confirm()

    return answer


def _built(specs: tuple[Spec, ...], prefix: str) -> list[Any]:
    return [_one(spec, f"{prefix}{index}") for index, spec in enumerate(specs)]


def _one(spec: Spec, name: str) -> Any:
    match spec:
        case Say():
            return _step(name, _saying(spec), spec.policy)
        case Tell():
            return Step(name=name, executor=briefly)
        case Fail():
            return _step(name, _failing(spec, name), spec.policy)
        case Write():
            return Step(name=name, executor=_writing(spec))
        case Ask():
            return Step(name=name, agent=agent(name), max_retries=0)
        case Sequence():
            return Steps(name=name, steps=_built(spec.steps, f"{name}."))
        case Repeat():
            return Loop(
                name=name,
                steps=_built(spec.steps, f"{name}."),
                max_iterations=spec.times,
                forward_iteration_output=spec.forward,
                end_condition=_ending(spec),
            )
        case Decide():
            return Condition(
                name=name,
                evaluator=_deciding(spec.by),
                steps=_built(spec.steps, f"{name}.if."),
                else_steps=_built(spec.otherwise, f"{name}.else.") or None,
                human_review=HumanReview(on_error=spec.on_error),
            )
        case Route():
            return Router(name=name, choices=_built(spec.choices, f"{name}."), selector=_selecting(spec, name))
        case Beside():
            return Parallel(*_built(spec.branches, f"{name}."), name=name)
        case Nest():
            inner = Workflow(name=f"{name}-inner", steps=_built(spec.steps, f"{name}."), telemetry=False)
            inner.session_state = dict(spec.state) or None
            return _step(name, None, spec.policy, workflow=inner)
        case Gate():
            step = _one(spec.step, name)
            gate = "requires_output_review" if spec.review else "requires_confirmation"
            on_error = step.human_review.on_error
            step.human_review = HumanReview(**{gate: True}, on_reject=spec.on_reject, on_error=on_error)
            return step


def _step(name: str, executor: Any, policy: Policy, **options: Any) -> Step:
    return Step(
        name=name,
        executor=executor,
        max_retries=policy.retries,
        skip_on_failure=policy.skip_on_failure,
        human_review=HumanReview(on_error=policy.on_error),
        **options,
    )


def briefly(step_input: StepInput, run_context: RunContext) -> str:
    """What it was given, cut short: told by one step to the next in full, it would double each time."""
    text = tell(step_input, run_context)
    return text if len(text) < 300 else f"{text[:300]}... {hashlib.sha256(text.encode()).hexdigest()}"


def _saying(spec: Say) -> Any:
    def say(step_input: StepInput) -> Any:
        if spec.bare:
            return spec.content
        images = [Image(id="drawn", url="https://example.org/drawn.png")] if spec.image else None
        return StepOutput(content=spec.content, stop=spec.stop, success=spec.success, images=images)

    return say


def _failing(spec: Fail, name: str) -> Any:
    attempts = 0

    def fail(step_input: StepInput) -> str:
        nonlocal attempts
        attempts += 1
        if spec.times is None or attempts <= spec.times:
            raise ValueError(f"{name} at attempt {attempts}")
        return f"{name} at attempt {attempts}"

    return fail


def _writing(spec: Write) -> Any:
    def write(step_input: StepInput, run_context: RunContext) -> str:
        state = run_context.session_state
        state[spec.key] = [*state.get(spec.key, ()), spec.value] if spec.adds else spec.value
        return f"{spec.key} is {state[spec.key]}"

    return write


def _ending(spec: Repeat) -> Any:
    if spec.ends is None:
        return None
    if spec.cel:
        return f"current_iteration >= {spec.ends}"
    asked = 0

    def ends(outputs: list[StepOutput]) -> bool:
        nonlocal asked
        asked += 1
        return asked >= spec.ends

    return ends


def _deciding(by: bool | str) -> Any:
    match by:
        case "state":
            return lambda step_input, run_context: "k" in run_context.session_state
        case "content":
            return lambda step_input: len(str(step_input.previous_step_content)) > 20
        case "cel":
            return '"k" in session_state'
        case "raise":
            return lambda step_input: step_input.no_such_attribute
    return by


def _selecting(spec: Route, name: str) -> Any:
    def select(step_input: StepInput, step_choices: list[Any]) -> Any:
        return [f"{name}.{index}" if spec.by_name else step_choices[index] for index in spec.picks]

    return select
