"""A durable run needs no database to pause (D28): without one it shows what agno shows with one."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import HumanReview, Step, Workflow

from tests.differential.answers import confirm, edit, fill_in, in_turn, reject
from tests.differential.blocks import agent, flow, says, sets, tells
from tests.differential.comparable import differences
from tests.differential.known import unknown
from tests.differential.oracle import Answer, Oracle

FORM = [{"name": "threshold", "field_type": "float"}]

PAUSES: dict[str, tuple[dict[str, Any], list[Answer]]] = {
    "confirmed": ({"requires_confirmation": True}, [confirm]),
    "rejected": ({"requires_confirmation": True, "on_reject": "cancel"}, [reject("no")]),
    "filled in": ({"requires_user_input": True, "user_input_schema": FORM}, [fill_in(threshold=0.5)]),
    "confirmed and filled in": (
        {"requires_confirmation": True, "requires_user_input": True, "user_input_schema": FORM},
        [in_turn(confirm, fill_in(threshold=0.5))],
    ),
    "approved": ({"requires_output_review": True}, [confirm]),
    "edited": ({"requires_output_review": True}, [edit({"b": 1, "a": 2})]),
    "made again": ({"requires_output_review": True, "on_reject": "retry"}, [reject("shorter"), confirm]),
}


@pytest.mark.parametrize(("review", "answers"), PAUSES.values(), ids=PAUSES)
async def test_a_pause_without_a_database(
    oracle_with_db: Oracle, review: dict[str, Any], answers: list[Answer]
) -> None:
    def make() -> Workflow:
        gate = Step(name="gate", agent=agent(), human_review=HumanReview(**review))
        return flow(sets("first", n=1), says("second", 5), gate, tells("last"), metadata={"m": 1})

    agno, ours = await oracle_with_db.ask(make, "go", *answers, our_db=False, session_state={"given": True})
    assert unknown(list(differences(agno.stops, ours.stops, "stops"))) == []
