"""`HumanReview` as the plan's review: what is kept, and what is refused because nothing would come of it.

A gate that is written is a gate that is enforced. agno has one `HumanReview` for every primitive and reads of it what
suits the place: a message without its gate asks nobody, a timeout on a Loop never fires, a misspelt ``on_timeout`` is
taken for "cancel" (agno/workflow/workflow.py:6675-6682). Each of these is a fault here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agno.workflow.decorators import get_pause_metadata

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.callables import output_review_call
from agno_temporal.agno_bridge.input_fields import input_fields
from agno_temporal.agno_bridge.refusals import Report, shown
from agno_temporal.hitl.user_input import complete_input, field_error
from agno_temporal.plan import Call, InputField, Review

GATES = ("requires_confirmation", "requires_user_input", "requires_output_review", "requires_iteration_review")

_GATE_OF = {
    "confirmation_message": "requires_confirmation",
    "user_input_message": "requires_user_input",
    "user_input_schema": "requires_user_input",
    "output_review_message": "requires_output_review",
    "iteration_review_message": "requires_iteration_review",
}

_ON_REJECT = ("skip", "cancel", "retry", "else")

_INSTEAD = {
    ("Step", "requires_iteration_review"): "On a Step, set requires_output_review.",
    ("Loop", "requires_output_review"): "On a Loop, set requires_iteration_review, or review the Step behind it.",
    ("Router", "requires_iteration_review"): "On a Router, set requires_output_review.",
}

_UNSET = {"on_reject": ("skip", "else"), "max_retries": (3,), "timeout": (None,), "on_timeout": ("cancel",)}
"""What these settings of a gate hold when nobody set them; "else" is Condition's."""

_GATES_OF = {
    "Step": ("requires_confirmation", "requires_user_input", "requires_output_review"),
    "Steps": ("requires_confirmation",),
    "Loop": ("requires_confirmation", "requires_iteration_review"),
    "Condition": ("requires_confirmation",),
    "Router": ("requires_confirmation", "requires_user_input", "requires_output_review"),
    "Parallel": (),
}
"""The gates of each primitive (agno/workflow/types.py:150-246)."""

_ON_ERROR = {"Step": ("skip", "fail", "pause"), "Condition": ("skip", "fail", "pause")}
"""Where agno reads `on_error` (agno/workflow/workflow.py:3057)."""


def review_of(kind: str, review: Any, report: Report, *, tools_may_ask: bool = False) -> Review:
    """The review of a primitive.

    Args:
        kind: agno's name of the primitive.
        review: Its `human_review`; of a Step, what `Step.__init__` made of ``human_review=`` and `@pause`.
        tools_may_ask: Whether the step has an agent or a team. Its tools may ask, and those that come from a factory or
            a server are not known before they do; the deadline and its policy are for their pauses too.
    """
    _refuse_other_gates(kind, review, report)
    _refuse_what_asks_nobody(kind, review, report, tools_may_ask)
    on_reject = checks.one_of("on_reject", _else_branch(review.on_reject), _ON_REJECT, report)
    asks_for_input = checks.flag("requires_user_input", review.requires_user_input, report)
    return Review(
        requires_confirmation=checks.flag("requires_confirmation", review.requires_confirmation, report),
        confirmation_message=checks.text("confirmation_message", review.confirmation_message, report),
        requires_user_input=asks_for_input,
        user_input_message=checks.text("user_input_message", review.user_input_message, report),
        user_input_schema=input_fields(review.user_input_schema, report) if asks_for_input else None,
        output_review=output_review_call(review.requires_output_review, report),
        output_review_message=checks.text("output_review_message", review.output_review_message, report),
        on_reject=on_reject if kind == "Condition" and _asks(review) else _skip_for_else(on_reject),
        on_error=_on_error(kind, review.on_error, report),
        max_retries=None if review.max_retries is None else checks.count("max_retries", review.max_retries, report),
        timeout=checks.seconds("timeout", review.timeout, report),
        on_timeout=checks.one_of("on_timeout", review.on_timeout, ("approve", "reject", "skip", "cancel"), report),
        iteration_review=checks.flag("requires_iteration_review", review.requires_iteration_review, report),
        iteration_review_message=checks.text("iteration_review_message", review.iteration_review_message, report),
        allow_multiple_selections=checks.flag("allow_multiple_selections", review.allow_multiple_selections, report),
    )


def refuse_empty_approval(review: Review, given: Any, report: Report) -> None:
    """A timer that approves fills a form with its defaults, so that they must suffice.

    Args:
        given: The `HumanReview` that the review was made of.
    """
    if not review.requires_user_input or review.on_timeout != "approve":
        return
    if not given.user_input_schema:
        report(
            'on_timeout="approve" has nothing to fill in for the user, since there is no user_input_schema. '
            "Add one with defaults, or use another on_timeout."
        )
    elif review.user_input_schema is not None:
        _refuse_missing_defaults(review.user_input_schema, report)


def refuse_dropped_gates(executor: Any, review: Review, report: Report) -> None:
    """A gate that `@pause` writes on a function, and that any ``human_review=`` of its step drops without a word
    (agno/workflow/step.py:246-262)."""
    if not callable(executor):
        return
    written = get_pause_metadata(executor)
    for gate, kept in (
        ("requires_confirmation", review.requires_confirmation),
        ("requires_user_input", review.requires_user_input),
    ):
        if written.get(gate) and not kept:
            report(
                f"@pause({gate}=True) on {shown(executor)} is dropped by the step's human_review. "
                f"Set {gate}=True in that, or take the decorator away."
            )


def refuse_route_faults(review: Review, names: Sequence[str | None], has_selector: bool, report: Report) -> None:
    """What a router cannot ask, where a human may have to choose its routes: at first, or after a review."""
    if not (review.requires_user_input or (review.output_review is not Call.NONE and review.on_reject == "retry")):
        return
    if not names:
        report("it asks for a route, and has no choices. Add some.")
    for index in [index for index, name in enumerate(names) if not name]:
        report(f"it asks for a route, and choices[{index}] has no name to choose it by. Give it one.")
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        report(f"it asks for a route, and more than one choice has the name {shown(name)}. Rename all but one.")
    if review.on_timeout == "approve" and not has_selector:
        report(
            'on_timeout="approve" cannot choose a route for the user: that is left to the selector, and there is none. '
            "Add one, or use another on_timeout."
        )
    if review.on_timeout == "approve" and review.user_input_schema is not None:
        _refuse_missing_defaults(review.user_input_schema, report)


def _refuse_missing_defaults(schema: tuple[InputField, ...], report: Report) -> None:
    if complete_input(schema) is None:
        missing = ", ".join(shown(field.name) for field in schema if field_error(field, field.value))
        report(
            f'on_timeout="approve" needs a default value for every required field; {missing} has none. '
            "Give it a value, or use another on_timeout."
        )


def _on_error(kind: str, value: Any, report: Report) -> str:
    """What an exception does."""
    choices = _ON_ERROR.get(kind)
    if choices is None:
        if value != "skip":
            report(f"on_error={shown(value)} on {kind} is ignored by agno. Set it on the Steps in it.")
        return "skip"
    return checks.one_of("on_error", value, choices, report)


def _refuse_other_gates(kind: str, review: Any, report: Report) -> None:
    """Gates that agno has on other primitives only. Its constructors refuse most of them, and nothing afterwards."""
    for gate in GATES:
        if getattr(review, gate) and gate not in _GATES_OF[kind]:
            there = ", ".join(name for name, gates in _GATES_OF.items() if gate in gates)
            report(f"{gate} on {kind} asks nobody: it is for {there}. {_INSTEAD.get((kind, gate), 'Leave it out.')}")


def _refuse_what_asks_nobody(kind: str, review: Any, report: Report, tools_may_ask: bool) -> None:
    """Settings of a gate that is not there."""
    available = _GATES_OF[kind]
    for setting, gate in _GATE_OF.items():
        if getattr(review, setting) and not getattr(review, gate):
            remedy = f"Set {gate}=True, or leave it out." if gate in available else "Leave it out."
            report(f"{setting} is set without {gate}, so that nobody is asked. {remedy}")
    if review.allow_multiple_selections and not (kind == "Router" and _may_choose(review)):
        report("allow_multiple_selections is for a Router that asks for its routes. Leave it out.")
    gates = [gate for gate in GATES if getattr(review, gate)]
    pauses = review.on_error == "pause" and kind in _ON_ERROR
    unused = [name for name, unset in _UNSET.items() if getattr(review, name) not in unset]
    if (pauses or tools_may_ask) and not gates:
        unused = [name for name in unused if name == "max_retries"]
    if gates:
        return
    remedy = f"Set one of {', '.join(available)}, or leave it out." if available else "Leave it out."
    for setting in unused:
        hint = " A step's own retries are Step(max_retries=...)." if setting == "max_retries" else ""
        report(f"{setting}={shown(getattr(review, setting))} is set, but nothing here asks a human. {remedy}{hint}")


def _may_choose(review: Any) -> bool:
    return bool(review.requires_user_input or (review.requires_output_review and review.on_reject == "retry"))


def _asks(review: Any) -> bool:
    return review.on_error == "pause" or any(getattr(review, gate) for gate in GATES)


def _skip_for_else(on_reject: str) -> str:
    return "skip" if on_reject == "else" else on_reject


def _else_branch(value: Any) -> Any:
    """agno treats "else" as "skip" wherever there is no else branch; ``else_branch`` is its enum's own name for it."""
    return "else" if value == "else_branch" else value
