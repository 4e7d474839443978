"""A manifest is made smaller by what is needed least, until Temporal takes it."""

from __future__ import annotations

import json

from agno_temporal.contract.manifest import Asked, Manifest
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
