"""What cannot be written to a history fails its step at once, and names what it is and what to do instead."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Step, Workflow
from agno.workflow.types import StepInput, StepOutput

from agno_temporal import RunError
from tests.support import Bench


def lock(step_input: StepInput) -> Any:
    return StepOutput(content=threading.Lock())


def open_file(step_input: StepInput) -> Any:
    return StepOutput(content=Path(__file__).open())


def inside_a_dict(step_input: StepInput) -> Any:
    return StepOutput(content={"handles": [threading.Lock()]})


def in_the_state(step_input: StepInput, run_context: RunContext) -> Any:
    run_context.session_state["lock"] = threading.Lock()
    return "fine"


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        pytest.param(lock, ["step '0' (\"a\")", "content", "lock"], id="lock"),
        pytest.param(open_file, ["step '0' (\"a\")", "content", "TextIOWrapper"], id="open-file"),
        pytest.param(inside_a_dict, ["step '0' (\"a\")", "handles", "lock"], id="inside-a-dict"),
        pytest.param(in_the_state, ["step '0' (\"a\")", "session_state", "lock"], id="session-state"),
    ],
)
async def test_a_run_that_cannot_be_kept_fails_at_once(bench: Bench, executor: Any, words: list[str]) -> None:
    ran: list[int] = []

    def counted(step_input: StepInput, run_context: RunContext) -> Any:
        ran.append(1)
        return executor(step_input, run_context) if executor is in_the_state else executor(step_input)

    workflow = Workflow(name="unwritable", steps=[Step(name="a", executor=counted, max_retries=3)])
    async with bench.worker(workflow):
        with pytest.raises(RunError) as failed:
            await bench.durable(workflow).arun("x")
    assert [word for word in words if word not in str(failed.value)] == []
    assert len(ran) == 1
