"""Questions that a run has forgotten: they were decided, which is not the same as never asked."""

from agno_temporal.hitl import Forgotten, Ledger, RefusalCode, requirement_id
from tests.hitl.judging import refused
from tests.hitl.questions import answer, question

FORGOTTEN = Forgotten("run-1", {"1": 2, "2/loop/0": 5})


def judged(path: str, occurrence: int, run_id: str = "run-1") -> RefusalCode:
    return refused(Ledger(FORGOTTEN), answer(requirement_id=requirement_id(run_id, path, occurrence))).code


def test_a_forgotten_question_was_decided_before():
    refusal = refused(Ledger(FORGOTTEN), answer(requirement_id=requirement_id("run-1", "2/loop/0", 5)))
    assert (refusal.code, refusal.winner) == (RefusalCode.ALREADY_DECIDED, None)
    assert refusal.message == (
        "What the step at '2/loop/0' asked there was decided before, so long ago that the run has forgotten by whom: "
        "the question's row in the database says it. This decision changes nothing."
    )
    assert judged("1", 1) is RefusalCode.ALREADY_DECIDED


def test_what_was_never_asked_is_not_found():
    assert judged("1", 3) is RefusalCode.NOT_FOUND
    assert judged("3", 1) is RefusalCode.NOT_FOUND
    assert judged("1", 1, run_id="run-2") is RefusalCode.NOT_FOUND


def test_the_newest_one_that_is_forgotten_is_remembered_of_each_path():
    later = [question(path="1", occurrence=3), question(path="1", occurrence=4), question(path="4", occurrence=1)]
    assert FORGOTTEN.plus(later).until == {"1": 4, "2/loop/0": 5, "4": 1}
