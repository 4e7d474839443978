"""Recordings of functions in the place of a workflow's steps."""

from __future__ import annotations

from typing import Any

from agno.workflow import Loop, Step, Workflow
from agno.workflow.types import WorkflowExecutionInput

from tests.replay.primitives import say
from tests.replay.recordings import Recording, to_the_end


def whole(execution_input: WorkflowExecutionInput, session_state: dict[str, Any]) -> dict[str, Any]:
    session_state["asked"] = execution_input.input
    return {"for": execution_input.input}


def breaks() -> str:
    raise ValueError("broken")


def nested() -> Workflow:
    inner = Workflow(name="inner", steps=whole)
    loop = Loop(name="rounds", steps=[say("before"), Step(name="inner", workflow=inner)], max_iterations=2)
    return Workflow(name="recorded", steps=[loop, say("after")])


RECORDINGS: dict[str, Recording] = {
    "function": Recording(lambda: Workflow(name="recorded", steps=whole), to_the_end),
    "function_that_fails": Recording(lambda: Workflow(name="recorded", steps=breaks), to_the_end),
    "function_nested": Recording(nested, to_the_end),
}
