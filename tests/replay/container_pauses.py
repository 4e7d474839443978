"""One recording for each pause of a container: asked and decided in each way, by a person or by the timer."""

from __future__ import annotations

from typing import Any

from agno.workflow import Condition, Loop, Router, Steps
from agno.workflow.types import HumanReview, StepInput

from agno_temporal.hitl import Action, Decision
from tests.replay.pauses import FORM, Act, by_signal, by_update, expire, leave_open, recording
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording


def pick_a(step_input: StepInput) -> str:
    return "a"


CONTAINERS: dict[str, Any] = {
    "steps": lambda review: Steps(name="box", steps=[say("a")], human_review=review),
    "loop": lambda review: Loop(name="box", steps=[say("a")], max_iterations=1, human_review=review),
    "condition": lambda review: Condition(
        name="box", evaluator=True, steps=[say("a")], else_steps=[say("b")], human_review=review
    ),
    "router": lambda review: Router(name="box", choices=[say("a"), say("b")], selector=pick_a, human_review=review),
}


def container(kind: str, act: Act, **review: Any) -> Recording:
    return recording(act, CONTAINERS[kind](HumanReview(**review)), say("after"))


def rounds(act: Act, **review: Any) -> Recording:
    """A loop whose iterations are reviewed."""
    rules = HumanReview(requires_iteration_review=True, **review)
    return recording(act, Loop(name="rounds", steps=[say("a")], max_iterations=3, human_review=rules), say("after"))


def routed(act: Act, **review: Any) -> Recording:
    """A router whose routes a person chooses."""
    return container("router", act, requires_user_input=True, **review)


def one_after_another(*answers: tuple[Action, dict[str, Any]]) -> Act:
    """Several answers, each to what is open then."""

    async def act(run: Drive) -> None:
        for action, answer in answers:
            asked = await run.asked()
            await run.bench.runs.decide(run.run_id, Decision(asked.requirement.id, action, **answer))
        await run.ended()

    return act


REJECT, CONFIRM = (Action.REJECT, {"feedback": "not yet"}), (Action.CONFIRM, dict[str, Any]())


def select(*routes: str, **answer: Any) -> tuple[Action, dict[str, Any]]:
    return Action.SELECT, {"selected": routes, **answer}


RECORDINGS = {
    **{f"{kind}_confirmation_open": container(kind, leave_open, requires_confirmation=True) for kind in CONTAINERS},
    **{
        f"{kind}_confirmed": container(kind, by_update(Action.CONFIRM), requires_confirmation=True)
        for kind in CONTAINERS
    },
    **{
        f"{kind}_confirmation_rejected_retry": container(
            kind, one_after_another(REJECT, CONFIRM), requires_confirmation=True, on_reject="retry"
        )
        for kind in ("steps", "condition")
    },
    **{
        f"{kind}_confirmation_expired": container(
            kind, expire, requires_confirmation=True, timeout=1, on_timeout="approve"
        )
        for kind in CONTAINERS
    },
    "condition_rejected_to_else": container(
        "condition", by_update(Action.REJECT), requires_confirmation=True, on_reject="else_branch"
    ),
    "condition_expired_to_else": container(
        "condition", expire, requires_confirmation=True, on_reject="else_branch", timeout=1, on_timeout="reject"
    ),
    "iteration_review_open": rounds(leave_open),
    "iteration_review_accepted": rounds(by_update(Action.CONFIRM)),
    "iteration_review_by_signal": rounds(by_signal(Action.CONFIRM)),
    "iteration_review_edited": rounds(by_update(Action.EDIT, edited_output="edited")),
    "iteration_review_retried": rounds(one_after_another(REJECT, CONFIRM), on_reject="retry"),
    "iteration_review_skipped": rounds(by_update(Action.REJECT), on_reject="skip"),
    "iteration_review_cancelled": rounds(by_update(Action.REJECT), on_reject="cancel"),
    "iteration_review_expired_approve": rounds(expire, timeout=1, on_timeout="approve"),
    "iteration_review_expired_reject": rounds(expire, timeout=1, on_timeout="reject", on_reject="retry", max_retries=2),
    "iteration_review_expired_skip": rounds(expire, timeout=1, on_timeout="skip"),
    "route_open": routed(leave_open),
    "route_of_one": routed(one_after_another(select("b"))),
    "route_of_several": routed(one_after_another(select("b", "a")), allow_multiple_selections=True),
    "route_by_signal": routed(by_signal(Action.SELECT, selected=("b",))),
    "route_with_a_form": routed(one_after_another(select("a", values={"limit": 5})), user_input_schema=FORM),
    "route_skipped": routed(by_update(Action.REJECT), on_reject="skip"),
    "route_expired_approve": routed(expire, timeout=1, on_timeout="approve"),
    "route_expired_skip": routed(expire, timeout=1, on_timeout="skip"),
    "router_review_confirmed": container("router", by_update(Action.CONFIRM), requires_output_review=True),
    "router_review_rerouted": container(
        "router", one_after_another(REJECT, select("b"), CONFIRM), requires_output_review=True, on_reject="retry"
    ),
}
