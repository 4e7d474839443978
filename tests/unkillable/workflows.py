"""What is killed: every primitive, every kind of pause, every way to answer and to end.

Each step writes down when it began and when it ended, and takes a moment, so that a kill can find it at work. What a
step does depends on nothing but its task: a step that is to fail fails in its first occurrence, however often that is
tried.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agno.agent import Agent
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio import activity

from tests.crash.journal import HELD_FOR, Journal
from tests.crash.workflows import JournalCaller, confirmed, look, step, work

Answer = tuple[str, dict[str, Any]]
"""An action, and the body of its request."""

CONFIRM: Answer = ("confirm", {})
REJECT: Answer = ("reject", {"feedback": "not yet"})

FORM = [{"name": "region", "field_type": "str", "required": True}]

A_MOMENT = 0.03

DIRECTORY = "UNKILLABLE_DIRECTORY"
"""Names the place of all journals in a process' environment. Each has its run's name."""


@dataclass(frozen=True)
class Subject:
    """A workflow, and how its one reviewer answers it.

    Attributes:
        events: How many events the history of an undisturbed run has, about.
        answers: By the asking step's name, one for each time that it asks. Without any, its deadline answers.
        by_signal: The reviewer leaves answers for the run, and does not wait for what becomes of them.
        cancelled_in: The reviewer cancels the run when it first asks, and this step is at work.
        ends: As what.
        continue_after: After so many events it goes on in a new Temporal run; None for as many as anywhere.
        in_order: Everything has one order: nothing runs beside anything.
        quick: Its functions are declared quick.
    """

    events: int
    steps: Callable[[], Sequence[Any]]
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    by_signal: bool = False
    cancelled_in: str = ""
    ends: str = "COMPLETED"
    continue_after: int | None = None
    in_order: bool = True
    quick: bool = False


def workflows(db: Any) -> list[Workflow]:
    """All subjects, each under its name."""
    return [Workflow(name=name, db=db, steps=list(subject.steps())) for name, subject in SUBJECTS.items()]


def _journal() -> Journal:
    """Of the run, wherever in it: a nested workflow's input is not the run's."""
    return Journal(Path(os.environ[DIRECTORY]) / activity.info().workflow_id)


def at_work(name: str) -> Callable[[StepInput], str]:
    def run(step_input: StepInput) -> str:
        journal = _journal()
        journal.write("began")
        time.sleep(A_MOMENT)
        journal.write("ended")
        form = (step_input.additional_data or {}).get("user_input")
        return f"{name}{form or ''}, after {step_input.previous_step_content}"

    return run


def fails_first(step_input: StepInput) -> str:
    journal = _journal()
    journal.write("began")
    if activity.info().activity_id.endswith("#1"):
        raise ValueError("out of honey")
    journal.write("ended")
    return "mended"


def fails_quickly(step_input: StepInput) -> str:
    """In the run's own workflow task, so that a regular activity tries again."""
    journal = _journal()
    if activity.info().is_local:
        journal.write("failed")
        raise ValueError("out of honey")
    journal.write("began")
    journal.write("ended")
    return "mended"


def not_small(step_input: StepInput) -> str:
    """Too large for the run's own workflow task, so that a regular activity takes it over."""
    journal = _journal()
    journal.write("began")
    time.sleep(A_MOMENT)
    journal.write("ended")
    return "x" * 20_000


def counted(step_input: StepInput) -> str:
    journal = _journal()
    journal.write("began")
    journal.write("ended")
    return str(len(step_input.previous_step_content or ""))


async def works_for_ever(step_input: StepInput) -> str:
    _journal().write("began")
    await asyncio.sleep(HELD_FOR)
    return "never"


def judged(verdict: Any) -> Callable[[StepInput], Any]:
    """An evaluator or a selector that writes down that it was asked."""

    def judge(step_input: StepInput) -> Any:
        _journal().write("judged")
        return verdict

    return judge


def done(name: str, **review: Any) -> Step:
    return step(name, at_work(name), human_review=HumanReview(**review) if review else None)


def gate(name: str, **review: Any) -> Step:
    return step(name, at_work(name), human_review=confirmed(**review))


def broken(name: str, on_error: str) -> Step:
    return step(name, fails_first, human_review=HumanReview(on_error=on_error))


def primitives() -> list[Any]:
    return [
        done("a"),
        Steps(name="box", steps=[done("b")]),
        Condition(name="whether", evaluator=judged(True), steps=[done("c")], else_steps=[done("not c")]),
        Router(name="way", selector=judged("d"), choices=[done("d"), done("not d")]),
        Loop(name="rounds", steps=[done("e")], max_iterations=2),
        Step(name="nested", workflow=Workflow(name="inner", steps=[done("f")])),
        done("g"),
    ]


def pauses() -> list[Any]:
    chosen = HumanReview(requires_user_input=True)
    return [
        gate("leave"),
        gate("no leave"),
        gate("asks again", on_reject="retry", max_retries=3),
        done("form", requires_user_input=True, user_input_schema=FORM),
        done("draft", requires_output_review=True, on_reject="retry", max_retries=3),
        Router(name="way", choices=[done("left"), done("right")], human_review=chosen),
        broken("mended", "pause"),
        broken("given up", "pause"),
        done("last"),
    ]


def timers() -> list[Any]:
    return [
        gate("in time", timeout=600, on_timeout="cancel"),
        gate("approved", timeout=1, on_timeout="approve"),
        gate("skipped", timeout=1, on_timeout="skip"),
        done("last"),
    ]


def loops() -> list[Any]:
    reviewed = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=2)
    return [
        Loop(name="rounds", steps=[done("a"), gate("b")], max_iterations=2),
        Loop(name="reviewed", steps=[done("c")], max_iterations=3, human_review=reviewed),
        done("last"),
    ]


def branches() -> list[Any]:
    left = Steps(name="left", steps=[gate("leave left"), done("then left")])
    right = Steps(name="right", steps=[done("before right"), gate("leave right")])
    return [done("a"), Parallel(left, right, done("free"), name="all"), done("last")]


def agents() -> list[Any]:
    agent = Agent(name="Ops", model=JournalCaller(), tools=[look, work], telemetry=False)
    return [Step(name="ops", agent=agent, max_retries=0), done("last")]


def signalled() -> list[Any]:
    return [done("a"), gate("leave"), done("form", requires_user_input=True, user_input_schema=FORM)]


def cancelled() -> list[Any]:
    return [done("a"), Parallel(gate("never"), step("busy", works_for_ever), name="both"), done("not reached")]


def failing() -> list[Any]:
    return [done("a"), gate("leave"), broken("broken", "fail"), done("not reached")]


def chapters() -> list[Any]:
    """A history ends as soon as a question is open, and as soon as a decision was taken, while the next one comes."""
    left = Steps(name="left", steps=[gate("leave left"), done("then left")])
    right = Steps(name="right", steps=[done("before right"), gate("leave right")])
    return [Parallel(left, right, name="all"), gate("approved", timeout=1, on_timeout="approve")]


def chapters_signalled() -> list[Any]:
    return [Loop(name="rounds", steps=[done("a"), gate("b")], max_iterations=2), done("last")]


def quick_steps() -> list[Any]:
    return [
        done("a"),
        done("b"),
        gate("leave"),
        Loop(name="rounds", steps=[done("c"), done("d")], max_iterations=2),
        step("again", fails_quickly, max_retries=1),
        step("large", not_small),
        step("counted", counted),
        broken("mended", "pause"),
        done("last"),
    ]


def quick_chapters() -> list[Any]:
    left = Steps(name="left", steps=[done("a"), gate("leave left"), done("then left")])
    right = Steps(name="right", steps=[done("b"), done("before right"), gate("leave right")])
    return [Parallel(left, right, name="all"), gate("approved", timeout=1, on_timeout="approve"), done("last")]


SUBJECTS: dict[str, Subject] = {
    "primitives": Subject(70, primitives),
    "pauses": Subject(
        127,
        pauses,
        {
            "leave": [CONFIRM],
            "no leave": [REJECT],
            "asks again": [REJECT, CONFIRM],
            "form": [("input", {"values": {"region": "eu"}})],
            "draft": [REJECT, ("edit", {"output": "a better draft"})],
            "way": [("select", {"routes": ["right"]})],
            "mended": [("retry", {})],
            "given up": [("skip", {})],
        },
    ),
    "timers": Subject(45, timers, {"in time": [CONFIRM], "approved": [], "skipped": []}),
    "loops": Subject(73, loops, {"b": [CONFIRM, CONFIRM], "reviewed": [REJECT, CONFIRM, CONFIRM]}),
    "branches": Subject(58, branches, {"leave left": [CONFIRM], "leave right": [CONFIRM]}, in_order=False),
    "agents": Subject(31, agents, {"ops": [CONFIRM]}),
    "signalled": Subject(
        37, signalled, {"leave": [CONFIRM], "form": [("input", {"values": {"region": "us"}})]}, by_signal=True
    ),
    "cancelled": Subject(21, cancelled, cancelled_in="1/parallel/1#1", ends="CANCELLED", in_order=False),
    "failing": Subject(31, failing, {"leave": [CONFIRM]}, ends="ERROR"),
    "chapters": Subject(
        95,
        chapters,
        {"leave left": [CONFIRM], "leave right": [REJECT], "approved": []},
        continue_after=9,
        in_order=False,
    ),
    "chapters-signalled": Subject(101, chapters_signalled, {"b": [CONFIRM, CONFIRM]}, by_signal=True, continue_after=6),
    "quick": Subject(70, quick_steps, {"leave": [CONFIRM], "mended": [("retry", {})]}, quick=True),
    "quick-chapters": Subject(
        78,
        quick_chapters,
        {"leave left": [CONFIRM], "leave right": [CONFIRM], "approved": []},
        by_signal=True,
        continue_after=15,
        in_order=False,
        quick=True,
    ),
}
