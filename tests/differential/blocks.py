"""Steps to build subjects of. What they return says what they were given, so that comparing results compares inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agno.agent import Agent
from agno.run import RunContext
from agno.team import Team
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput, StepOutput

from examples.scripted_model import ScriptedModel

MEDIA = ("images", "videos", "audio", "files")


def flow(*steps: Any, **options: Any) -> Workflow:
    return Workflow(name="subject", steps=[*steps], **options)


def says(name: str | None = "s", content: Any = None, human_review: HumanReview | None = None, **output: Any) -> Step:
    """A step with this output."""

    def say(step_input: StepInput) -> StepOutput:
        return StepOutput(content=content if content is not None else f"{name} says", **output)

    return Step(name=name, executor=say, human_review=human_review)


def tell(step_input: StepInput, run_context: RunContext) -> str:
    """What a step is given, as text."""
    before = step_input.previous_step_outputs or {}
    return repr(
        {
            "input": step_input.input,
            "last": step_input.previous_step_content,
            "by name": {name: (output.content, output.success) for name, output in before.items()},
            "deepest": {name: step_input.get_step_content(name) for name in before if name},
            "additional": step_input.additional_data,
            "media": {kind: [item.id for item in getattr(step_input, kind) or []] for kind in MEDIA},
            "state": _own(run_context.session_state),
        }
    )


def tell_all(step_input: StepInput, run_context: RunContext) -> str:
    """The same, and what agno forgets when a run is continued (docs/differences.md, D25)."""
    known = run_context.dependencies, run_context.metadata, run_context.workflow_id, run_context.workflow_name
    return tell(step_input, run_context) + repr((*known, run_context.user_id, run_context.session_id))


def _own(state: dict[str, Any] | None) -> dict[str, Any]:
    """Sorted, and without what agno adds while a step runs under `run` and not under `arun` (docs/differences.md)."""
    added = {"workflow_id", "workflow_name", "current_user_id", "current_session_id", "current_run_id"}
    return {key: value for key, value in sorted((state or {}).items()) if key not in added}


def tells(name: str | None = "tells", **options: Any) -> Step:
    return Step(name=name, executor=tell, **options)


def tells_all(name: str | None = "tells", **options: Any) -> Step:
    return Step(name=name, executor=tell_all, **options)


def fails(name: str | None = "fails", times: int | None = None, **options: Any) -> Step:
    """A step that raises, always or the first `times` times. Its text counts the attempts."""
    attempts = 0

    def fail(step_input: StepInput) -> str:
        nonlocal attempts
        attempts += 1
        if times is None or attempts <= times:
            raise ValueError(f"attempt {attempts} of {name}")
        return f"{name} works at attempt {attempts}"

    return Step(name=name, executor=fail, **{"max_retries": 0, **options})


def sets(name: str, **values: Any) -> Step:
    """A step that writes into the session state."""

    def put(step_input: StepInput, run_context: RunContext) -> str:
        run_context.session_state.update(values)
        return f"{name} wrote {sorted(values)}"

    return Step(name=name, executor=put)


def agent(name: str | None = "Ann", **options: Any) -> Agent:
    """An agent that answers with what it was asked."""
    return Agent(name=name, model=ScriptedModel(task=name or "Nobody"), telemetry=False, **options)


def team(name: str = "Crew", **options: Any) -> Team:
    members = [agent("Member")]
    return Team(name=name, members=members, model=ScriptedModel(task=name), telemetry=False, **options)


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = name
    return function
