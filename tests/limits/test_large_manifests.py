"""A manifest is made smaller by what is needed least, until Temporal takes it."""

from __future__ import annotations

import json
from dataclasses import replace

from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.outputs import Group, Leaf
from agno_temporal.hitl import Action, Decision, Kind, Requirement, Resolution
from agno_temporal.plan.data import from_json
from agno_temporal.workflows.report import MAX_MANIFEST_BYTES, manifest_json


def asked(number: int, decided: bool = True) -> Asked:
    requirement = Requirement(
        id=f"r{number}",
        path="0",
        step_name="gate",
        step_index=0,
        step_type="Step",
        kind=Kind.CONFIRMATION,
        occurrence=number,
        opened_at=float(number),
    )
    decision = Decision(requirement.id, Action.REJECT, feedback="x" * 50_000)
    return Asked(requirement, None, None, Resolution(decision, float(number)) if decided else None)


def test_what_was_decided_first_is_left_out_first_and_what_waits_is_kept() -> None:
    """What was decided last is still to be written to the database."""
    questions = (asked(0, decided=False), *(asked(number) for number in range(1, 41)))
    run = Manifest("run", "workflow", "PAUSED", 0, asked=questions)

    data = manifest_json(run)

    assert len(json.dumps(data)) <= MAX_MANIFEST_BYTES
    kept = [one.requirement.id for one in from_json(Manifest, data).asked]
    assert kept == ["r0", *(f"r{number}" for number in range(41 - len(kept) + 1, 41))]
    assert len(kept) > 20


def test_of_more_outputs_than_have_names_in_it_each_container_shows_the_last_and_questions_are_kept() -> None:
    outputs = tuple(Leaf(f"0/loop/0#{number}", "0" * 64) for number in range(20_000))
    loop = Group("loop", "id", "Loop", outputs, "done")
    answers = tuple(asked(number) for number in range(3))
    run = Manifest("run", "workflow", "COMPLETED", 0, step_results=(loop,), content_of=loop, asked=answers)

    shown = from_json(Manifest, manifest_json(run))

    assert shown.step_results == (replace(loop, steps=outputs[-1:]),)
    assert shown.asked == answers
