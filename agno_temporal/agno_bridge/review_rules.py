"""`HumanReview` as the plan's review: what is kept, and what is refused because nothing would come of it.

A gate that is written is a gate that is enforced. agno has one `HumanReview` for every primitive and reads of it what
suits the place: a message without its gate asks nobody, a timeout on a Loop never fires, a misspelt ``on_timeout`` is
taken for "cancel" (agno/workflow/workflow.py:6675-6682). Each of these is a fault here.
"""

from __future__ import annotations

from typing import Any

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.callables import output_review_call
from agno_temporal.agno_bridge.input_fields import input_fields
from agno_temporal.agno_bridge.refusals import NOT_YET, Report, shown
from agno_temporal.hitl.user_input import complete_input, field_error
from agno_temporal.plan import InputField, Review

GATES = ("requires_confirmation", "requires_user_input", "requires_output_review", "requires_iteration_review")

_GATE_OF = {
    "confirmation_message": "requires_confirmation",
    "user_input_message": "requires_user_input",
    "user_input_schema": "requires_user_input",
    "output_review_message": "requires_output_review",
    "iteration_review_message": "requires_iteration_review",
}

_ON_REJECT = ("skip", "cancel", "retry", "else")

_UNSET = {"on_reject": ("skip", "else"), "max_retries": (3,), "timeout": (None,), "on_timeout": ("cancel",)}
"""What these settings of a gate hold when nobody set them; "else" is Condition's."""

_OF_TOOLS = ("on_reject", "timeout", "on_timeout")
"""What of these counts for the pauses of an agent's or a team's tools."""

_ASK_BEFORE = "Ask on a Step in front of it: its on_reject stops the run or goes on"
_INSTEAD = {
    ("Steps", "requires_confirmation"): f"{_ASK_BEFORE}.",
    ("Loop", "requires_confirmation"): f"{_ASK_BEFORE}.",
    ("Loop", "requires_iteration_review"): "Review the output of the loop's last Step: requires_output_review=True.",
    ("Condition", "requires_confirmation"): "Ask on a Step in front of it, and let the evaluator read the answer.",
    ("Router", "requires_confirmation"): f"{_ASK_BEFORE}.",
    ("Router", "requires_user_input"): "Ask on a Step in front of it, and let the selector read the answer.",
    ("Router", "requires_output_review"): "Review the outputs of the Steps among its choices.",
}


def review_of(review: Any, report: Report, *, tools_may_ask: bool = False) -> Review:
    """A Step's review. `review` is what `Step.__init__` made of ``human_review=`` and `@pause`.

    Args:
        tools_may_ask: Whether the step has an agent or a team. Its tools may ask, and those that come from a factory or
            a server are not known before they do; the deadline and its policy are for their pauses too.
    """
    _refuse_what_asks_nobody(review, GATES[:3], report, _OF_TOOLS if tools_may_ask else ())
    if review.requires_iteration_review:
        report("requires_iteration_review is for a Loop. On a Step, set requires_output_review.")
    on_reject = _on_reject(review.on_reject, report)
    asks_for_input = checks.flag("requires_user_input", review.requires_user_input, report)
    schema = input_fields(review.user_input_schema, report) if asks_for_input else None
    result = Review(
        requires_confirmation=checks.flag("requires_confirmation", review.requires_confirmation, report),
        confirmation_message=checks.text("confirmation_message", review.confirmation_message, report),
        requires_user_input=asks_for_input,
        user_input_message=checks.text("user_input_message", review.user_input_message, report),
        user_input_schema=schema,
        output_review=output_review_call(review.requires_output_review, report),
        output_review_message=checks.text("output_review_message", review.output_review_message, report),
        on_reject="skip" if on_reject == "else" else on_reject,
        on_error=on_error_of(review.on_error, report),
        max_retries=None if review.max_retries is None else checks.count("max_retries", review.max_retries, report),
        timeout=checks.seconds("timeout", review.timeout, report),
        on_timeout=checks.one_of("on_timeout", review.on_timeout, ("approve", "reject", "skip", "cancel"), report),
    )
    if result.requires_user_input and review.on_timeout == "approve":
        _refuse_empty_approval(review.user_input_schema, schema, report)
    return result


def on_error_of(value: Any, report: Report) -> str:
    """What an exception does, where agno reads it: on Step and Condition (agno/workflow/workflow.py:3057)."""
    if value == "pause":
        report(f'on_error="pause" {NOT_YET}. Use "fail" or "skip"; Step(max_retries=...) tries again first.')
        return "skip"
    return checks.one_of("on_error", value, ("skip", "fail"), report)


def refuse_container_review(kind: str, review: Any, report: Report) -> None:
    """Refuses every pause on a container, and what would be ignored on it. A Condition's on_error is left alone."""
    for gate in GATES:
        if getattr(review, gate):
            report(f"{gate} on {kind} {NOT_YET}. {_INSTEAD.get((kind, gate), f'agno has none on {kind} either.')}")
    _refuse_what_asks_nobody(review, (), report)
    if kind == "Condition":
        return
    if review.on_error == "pause":
        on_error_of(review.on_error, report)
    elif review.on_error != "skip":
        report(f"on_error={shown(review.on_error)} on {kind} is ignored by agno. Set it on the Steps in it.")


def _refuse_what_asks_nobody(
    review: Any, available: tuple[str, ...], report: Report, used: tuple[str, ...] = ()
) -> None:
    """Settings of a gate that is not there. `available` are the gates that could be set in this place."""
    for setting, gate in _GATE_OF.items():
        if getattr(review, setting) and not getattr(review, gate):
            remedy = f"Set {gate}=True, or leave it out." if gate in available else "Leave it out."
            report(f"{setting} is set without {gate}, so that nobody is asked. {remedy}")
    if review.allow_multiple_selections and not review.requires_user_input:
        report("allow_multiple_selections is for a Router that asks for its routes. Leave it out.")
    if any(getattr(review, gate) for gate in GATES):
        return
    remedy = f"Set one of {', '.join(available)}, or leave it out." if available else "Leave it out."
    for setting in [name for name, unset in _UNSET.items() if getattr(review, name) not in unset and name not in used]:
        hint = " A step's own retries are Step(max_retries=...)." if setting == "max_retries" else ""
        report(f"{setting}={shown(getattr(review, setting))} is set, but nothing here asks a human. {remedy}{hint}")


def _on_reject(value: Any, report: Report) -> str:
    """agno treats "else" as "skip" wherever there is no else branch; ``else_branch`` is its enum's own name for it."""
    return checks.one_of("on_reject", "else" if value == "else_branch" else value, _ON_REJECT, report)


def _refuse_empty_approval(given: Any, schema: tuple[InputField, ...] | None, report: Report) -> None:
    """A timer that approves fills the form with its defaults, so that they must suffice."""
    if not given:
        report(
            'on_timeout="approve" has nothing to fill in for the user, since there is no user_input_schema. '
            "Add one with defaults, or use another on_timeout."
        )
    elif schema is not None and complete_input(schema) is None:
        missing = ", ".join(shown(field.name) for field in schema if field_error(field, field.value))
        report(
            f'on_timeout="approve" needs a default value for every required field; {missing} has none. '
            "Give it a value, or use another on_timeout."
        )
