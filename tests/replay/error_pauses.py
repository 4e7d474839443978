"""One recording for each place in which a failure can wait for a person, retried and skipped, and for its timer.

The step fails once, so that a retry ends well; where it is to be skipped, it is retried first, so that both stand in
the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal.hitl import Action
from tests.replay.container_pauses import one_after_another, pick_a
from tests.replay.pauses import Act, by_signal, expire, leave_open, recording
from tests.replay.primitives import say
from tests.replay.recordings import Recording

RETRY, SKIP = (Action.RETRY, dict[str, Any]()), (Action.SKIP, dict[str, Any]())


def fails(times: int, **review: Any) -> Step:
    """A step that fails so often, and then does not."""
    failures: Iterator[bool] = chain(repeat(True, times), repeat(False))

    def run(step_input: StepInput) -> str:
        if next(failures):
            raise ValueError("out of honey")
        return "mended"

    rules = HumanReview(on_error="pause", **review)
    return Step(name="a", executor=run, max_retries=0, human_review=rules)


PLACES: dict[str, Callable[[Step], Any]] = {
    "step": lambda step: step,
    "steps": lambda step: Steps(name="box", steps=[say("x"), step]),
    "loop": lambda step: Loop(name="box", steps=[step], max_iterations=1),
    "condition": lambda step: Condition(name="box", evaluator=True, steps=[step]),
    "router": lambda step: Router(name="box", choices=[step], selector=pick_a),
    "parallel": lambda step: Parallel(step, say("b"), name="box"),
    "nested": lambda step: Step(name="sub", workflow=Workflow(name="inner", steps=[say("x"), step])),
}


def broken(act: Act, times: int = 2, place: str = "step", **review: Any) -> Recording:
    return recording(act, PLACES[place](fails(times, **review)), say("after"))


def evaluator_that_fails(act: Act) -> Recording:
    failures: Iterator[bool] = chain([True], repeat(False))

    def evaluate(step_input: StepInput) -> bool:
        if next(failures):
            raise ValueError("cannot say")
        return True

    box = Condition(name="box", evaluator=evaluate, steps=[say("a")], human_review=HumanReview(on_error="pause"))
    return recording(act, box, say("after"))


RECORDINGS = {
    "error_pause_open": broken(leave_open),
    **{f"error_pause_in_{place}": broken(one_after_another(RETRY, RETRY), place=place) for place in PLACES},
    **{
        f"error_pause_in_{place}_skipped": broken(one_after_another(RETRY, SKIP), place=place)
        for place in ("step", "loop", "nested")
    },
    "error_pause_of_an_evaluator": evaluator_that_fails(one_after_another(RETRY)),
    "error_pause_by_signal": broken(by_signal(Action.RETRY), 1),
    "error_pause_expired_approve": broken(expire, 1, timeout=1, on_timeout="approve"),
    "error_pause_expired_skip": broken(expire, 1, timeout=1, on_timeout="skip"),
    "error_pause_expired_cancel": broken(expire, 1, timeout=1, on_timeout="cancel"),
}
