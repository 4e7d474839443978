"""What each answer does to a paused executor, a person's and the timer's, cell by cell.

agno has no deadline for tools, so the timer's cells are our own: what it can answer for nobody it answers, and nothing
runs that nobody confirmed unless the policy says approve.
"""

from itertools import product

import pytest

from agno_temporal.hitl import (
    Action,
    Cancel,
    Outcome,
    Policy,
    Proceed,
    Requirement,
    Skip,
    ToolAnswer,
    outcome_of,
    timer_decision,
)
from agno_temporal.hitl.tools import NOBODY_ANSWERED
from agno_temporal.plan import InputField
from tests.hitl.questions import answer
from tests.hitl.tool_questions import choice, confirmation, elsewhere, executor, form

ON_REJECT = ("skip", "else", "cancel", "retry", "a policy of tomorrow")
REJECTED = Cancel("Workflow cancelled: Step 'deploy' was rejected")
YES, NO = ToolAnswer(confirmed=True), ToolAnswer(confirmed=False, note="why")
FILLED = form("f1", InputField("to", value="ana"))

ASKS = {
    "confirmations": (confirmation("a"), confirmation("b")),
    "a form that the model filled in": (confirmation("a"), FILLED),
    "a form": (confirmation("a"), form()),
    "a choice": (confirmation("a"), choice()),
    "a result": (elsewhere(),),
}
APPROVED: dict[str, Outcome] = {
    "confirmations": Proceed(answers={"a": YES, "b": YES}),
    "a form that the model filled in": Proceed(answers={"a": YES, "f1": ToolAnswer(values={})}),
    "a form": REJECTED,
    "a choice": REJECTED,
    "a result": REJECTED,
}
BY_POLICY: dict[str, Outcome] = {
    "skip": Skip(),
    "else": Skip(),
    "cancel": REJECTED,
    "retry": REJECTED,
    "a policy of tomorrow": REJECTED,
}


def at_deadline(asks: str, on_timeout: str, on_reject: str = "skip") -> Outcome:
    requirement = executor(*ASKS[asks], policy=Policy(on_reject, on_timeout))
    return outcome_of(requirement, timer_decision(requirement))


def two(on_reject: str) -> Requirement:
    return executor(*ASKS["confirmations"], policy=Policy(on_reject))


@pytest.mark.parametrize("on_reject", ON_REJECT)
def test_answers_let_the_executor_go_on_under_every_policy(on_reject: str):
    given = {"a": YES, "b": NO}
    assert outcome_of(two(on_reject), answer(Action.ANSWER, answers=given)) == Proceed(answers=given)


@pytest.mark.parametrize("on_reject", ON_REJECT)
def test_a_plain_yes_confirms_every_tool(on_reject: str):
    assert outcome_of(two(on_reject), answer(Action.CONFIRM)) == Proceed(answers={"a": YES, "b": YES})


@pytest.mark.parametrize("on_reject", ON_REJECT)
def test_a_plain_no_rejects_every_tool_and_no_step(on_reject: str):
    outcome = outcome_of(two(on_reject), answer(Action.REJECT, feedback="why"))
    assert outcome == Proceed(answers={"a": NO, "b": NO})


@pytest.mark.parametrize("asks", ASKS)
def test_approve_answers_what_it_can_and_cancels_where_that_is_not_all(asks: str):
    assert at_deadline(asks, "approve") == APPROVED[asks]


@pytest.mark.parametrize("on_reject", ON_REJECT)
def test_reject_rejects_confirmations_with_a_note_that_says_so(on_reject: str):
    nobody = ToolAnswer(confirmed=False, note=NOBODY_ANSWERED)
    assert at_deadline("confirmations", "reject", on_reject) == Proceed(answers={"a": nobody, "b": nobody})


@pytest.mark.parametrize(("asks", "on_reject"), [*product([*ASKS][1:], ON_REJECT)])
def test_reject_of_anything_else_does_what_on_reject_says(asks: str, on_reject: str):
    assert at_deadline(asks, "reject", on_reject) == BY_POLICY[on_reject]


@pytest.mark.parametrize(("asks", "on_reject"), [*product(ASKS, ON_REJECT)])
def test_skip_leaves_the_step_out(asks: str, on_reject: str):
    assert at_deadline(asks, "skip", on_reject) == Skip()


@pytest.mark.parametrize(("asks", "on_reject"), [*product(ASKS, ON_REJECT)])
@pytest.mark.parametrize("on_timeout", ["cancel", "aprove", ""])
def test_cancel_and_everything_unknown_cancel_the_run(asks: str, on_reject: str, on_timeout: str):
    assert at_deadline(asks, on_timeout, on_reject) == REJECTED
