"""The digest: one definition, one digest, in every process and at every time."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from agno.agent import Agent
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Workflow

from agno_temporal.agno_bridge.compile import compile_workflow, plan_digest
from agno_temporal.plan import Plan, StepOptions
from agno_temporal.plan.data import from_json, to_json

ROOT = Path(__file__).parent.parent


def fetch(step_input):
    return "rows"


def deploy(step_input):
    return "live"


def release(timeout: float = 60, message: str = "Go?", *, extra: bool = False) -> Workflow:
    gate = HumanReview(
        requires_confirmation=True,
        confirmation_message=message,
        requires_user_input=True,
        user_input_schema=[
            {"name": "region", "allowed_values": ["eu", "us"]},
            {"name": "limits", "field_type": "dict"},
        ],
        timeout=timeout,
    )
    steps = [
        Step(name="deploy", executor=deploy, human_review=gate),
        Router(name="pick", choices=[fetch, [deploy]], selector=lambda step_input: "fetch"),
        Loop(name="poll", steps=[Condition(steps=[Agent()], evaluator=lambda step_input: True)]),
    ]
    return Workflow(name="release", steps=steps + [fetch] * extra, telemetry=False)


def digest(workflow: Workflow, **options) -> str:
    return compile_workflow(workflow, **options).plan.digest


def test_a_digest_is_a_sha_256():
    assert len(bytes.fromhex(digest(release()))) == 32


def test_every_process_computes_the_same_digest():
    script = "from tests.test_plan_digest import digest, release; print(digest(release()))"
    found = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1", "4242")
    ]
    assert set(found) == {digest(release())}


def test_a_workflow_that_agno_has_run_has_the_digest_that_it_had_before():
    workflow = Workflow(name="release", steps=[fetch, Agent(), Loop(steps=[deploy])], telemetry=False)
    before = digest(workflow)
    workflow._prepare_steps()
    workflow.set_id()
    assert digest(workflow) == before


def test_a_plan_read_back_from_a_history_has_the_digest_that_it_carries():
    plan = compile_workflow(release()).plan
    read = from_json(Plan, to_json(plan))
    assert plan_digest(read) == read.digest == plan.digest


def test_the_digest_field_is_no_part_of_the_digest():
    plan = compile_workflow(release()).plan
    assert plan_digest(replace(plan, digest="something else")) == plan.digest


def test_the_same_number_written_as_int_or_float_is_the_same_definition():
    assert digest(release(timeout=60)) == digest(release(timeout=60.0))
    options = [StepOptions(start_to_close_timeout=value) for value in (60, 60.0)]
    assert digest(release(), options=options[0]) == digest(release(), options=options[1])


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(release(timeout=61), id="a-deadline"),
        pytest.param(release(message="Really?"), id="a-message"),
        pytest.param(release(extra=True), id="a-step-more"),
    ],
)
def test_another_definition_has_another_digest(changed):
    assert digest(changed) != digest(release())


def test_other_options_have_another_digest():
    assert digest(release(), options=StepOptions(task_queue="gpu")) != digest(release())
