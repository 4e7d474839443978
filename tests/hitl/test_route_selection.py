"""What may be selected: the routes that are there, and as many as the router takes.

agno takes any names, runs those that it knows, and completes with none (agno/workflow/router.py:443): a typo skips the
deployment without a word.
"""

import pytest

from agno_temporal.hitl import Action, Kind, RefusalCode, Requirement, Resolution
from agno_temporal.plan import InputField
from tests.hitl.judging import decide, ledger_with, refused
from tests.hitl.questions import REGION, answer, question


def routes(several: bool = False, form: tuple[InputField, ...] | None = None) -> Requirement:
    choices = ("blue", "green", "canary")
    return question(
        Kind.ROUTE_SELECTION, choices=choices, allow_multiple_selections=several, schema=form, step_type="Router"
    )


def select(*names: str, **others: object):
    return answer(Action.SELECT, selected=names, **others)


def test_one_of_the_choices_is_taken():
    assert decide(ledger_with(routes()), select("green")).decision.selected == ("green",)


def test_several_are_taken_in_the_order_in_which_they_were_selected():
    assert decide(ledger_with(routes(True)), select("canary", "blue")).decision.selected == ("canary", "blue")


def test_a_route_selected_twice_runs_twice_as_in_agno():
    assert isinstance(decide(ledger_with(routes(True)), select("blue", "blue")), Resolution)


@pytest.mark.parametrize(
    ("several", "names", "error"),
    [
        (False, ("red",), "'red' is not a choice"),
        (False, ("blue", "green"), "one route is taken, not 2"),
        (True, ("blue", "red"), "'red' is not a choice"),
        (False, (), "at least one route is needed"),
    ],
)
def test_a_selection_that_cannot_run_is_refused_and_the_choices_named(
    several: bool, names: tuple[str, ...], error: str
):
    refusal = refused(ledger_with(routes(several)), select(*names))
    assert (refusal.code, refusal.errors) == (RefusalCode.INVALID_SELECTION, (error,))
    assert refusal.message == f"Router 'deploy': {error}. The choices are 'blue', 'green', 'canary'."


def test_a_selection_without_any_is_refused():
    assert refused(ledger_with(routes()), answer(Action.SELECT)).code is RefusalCode.INVALID_SELECTION


def test_a_form_beside_the_choices_is_judged_like_any_other():
    ledger = ledger_with(routes(form=(REGION,)))
    assert refused(ledger, select("blue")).errors == ("region: is required",)
    assert decide(ledger, select("blue", values={"region": "eu"})).decision.values == {"region": "eu"}
