"""Models instead of text: from agents with an `output_schema`, between functions, and into workflows with an
`input_schema`. What arrives is an instance of the class, in every step, on whatever worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from agno.agent import Agent
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.team import Team
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from examples.scripted_model import ScriptedModel
from tests.differential.answers import confirm
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


class Source(BaseModel):
    url: str
    trusted: bool = False


class Finding(BaseModel):
    title: str
    score: float
    sources: list[Source]


@dataclass
class JsonModel(ScriptedModel):
    """A model that answers with JSON, as one does that was given a schema."""

    answer: dict[str, Any] = field(default_factory=dict)

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        return ModelResponse(role="assistant", content=json.dumps(self.answer))


FOUND = {"title": "Bees", "score": 0.5, "sources": [{"url": "https://example.org", "trusted": True}]}


def finder(name: str = "Finder") -> Agent:
    return Agent(name=name, model=JsonModel(answer=FOUND), output_schema=Finding, telemetry=False)


def finding_team() -> Team:
    return Team(
        name="Crew", members=[agent("M")], model=JsonModel(answer=FOUND), output_schema=Finding, telemetry=False
    )


def finds(step_input: StepInput) -> StepOutput:
    return StepOutput(content=Finding(**FOUND))


def uses(step_input: StepInput) -> StepOutput:
    """Works on the instance itself."""
    finding: Any = step_input.previous_step_content
    assert type(finding) is Finding
    by_name = [type(output.content).__name__ for output in (step_input.previous_step_outputs or {}).values()]
    return StepOutput(content={"trusted": [source.trusted for source in finding.sources], "by name": by_name})


FLOWS: dict[str, Callable[[], Workflow]] = {
    "an agent to a function": lambda: flow(finder(), Step(name="u", executor=uses), tells()),
    "an agent to an agent": lambda: flow(finder(), agent("Ann"), tells()),
    "a team to a function": lambda: flow(finding_team(), Step(name="u", executor=uses)),
    "a function to a function": lambda: flow(Step(name="f", executor=finds), Step(name="u", executor=uses)),
    "a function to an agent": lambda: flow(Step(name="f", executor=finds), agent("Ann")),
    "as the run's content": lambda: flow(says("a"), finder()),
    "an agent in Steps": lambda: flow(Steps(name="s", steps=[finder()]), Step(name="u", executor=uses)),
    "an agent in a Loop": lambda: flow(
        Loop(name="l", steps=[finder()], max_iterations=2, end_condition=lambda outputs: outputs[0].content.score > 0),
        Step(name="u", executor=uses),
    ),
    "an agent in a Parallel": lambda: flow(Parallel(finder("One"), finder("Two"), name="p"), tells()),
    "to a Condition": lambda: flow(
        finder(),
        Condition(
            name="c",
            evaluator=lambda step_input: step_input.previous_step_content.sources[0].trusted,
            steps=[Step(name="u", executor=uses)],
        ),
    ),
    "to a Router": lambda: flow(
        finder(),
        Router(
            name="r",
            selector=lambda step_input: "u" if step_input.previous_step_content.score else None,
            choices=[Step(name="u", executor=uses), says("x")],
        ),
    ),
    "out of a nested workflow": lambda: flow(flow(finder(), id="inner"), Step(name="u", executor=uses)),
    "into a nested workflow": lambda: flow(
        finder(), flow(tells("in"), agent("Ann"), id="inner", input_schema=Finding), tells()
    ),
}


@pytest.mark.parametrize("make", FLOWS.values(), ids=FLOWS)
async def test_a_model_goes_from(oracle: Oracle, make: Callable[[], Workflow]) -> None:
    await oracle.agrees(make, "bees")


async def test_the_runs_content_is_an_instance(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(finder()), "bees")
    assert seen.last is not None
    assert seen.last.content == Finding(**FOUND)


async def test_an_instance_is_an_instance_after_a_pause_too(oracle_with_db: Oracle) -> None:
    """Where agno has a dict (docs/differences.md, D55)."""
    gated = HumanReview(requires_confirmation=True)
    _, ours = await oracle_with_db.ask(
        lambda: flow(finder(), Step(name="u", executor=uses, human_review=gated)),
        "bees",
        confirm,
        db=False,
        our_db=True,
    )
    assert ours.last is not None
    assert ours.last.content == {"trusted": [True], "by name": ["Finding"]}
