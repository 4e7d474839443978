"""A manifest is made smaller by what is needed least, until Temporal takes it."""

from __future__ import annotations

import json
from dataclasses import replace

from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.outputs import Group, Leaf
from agno_temporal.contract.tasks import Flow, Named
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


def test_the_content_of_a_finished_run_is_not_said_twice_where_its_last_step_says_it() -> None:
    edited = tuple(Leaf(f"0/{number}#1", "0" * 16, edited="x" * 100_000, has_edit=True) for number in range(9))
    last = Group("all", "id", "Parallel", edited, "done")
    run = Manifest("run", "workflow", "COMPLETED", 0, step_results=(last,), content_of=last)

    data = manifest_json(run)

    assert len(json.dumps(data)) <= MAX_MANIFEST_BYTES
    shown = from_json(Manifest, data)
    assert (shown.step_results, shown.content_of) == ((last,), None)


def test_of_open_questions_what_they_were_asked_with_is_left_out_before_what_waits_for_a_review() -> None:
    steps = tuple(Named(f"step {number}", Leaf(f"{number}#1", "0" * 16, 5_000)) for number in range(100))
    drafted = Leaf("100#1", "0" * 16, 5_000)
    questions = tuple(
        replace(asked(number, decided=False), flow=Flow(previous=steps), output=drafted) for number in range(200)
    )
    run = Manifest("run", "workflow", "PAUSED", 0, asked=questions)

    shown = from_json(Manifest, manifest_json(run))

    assert [one.requirement.id for one in shown.asked] == [f"r{number}" for number in range(200)]
    assert {one.flow for one in shown.asked} == {None}
    assert {one.output for one in shown.asked} == {drafted}
