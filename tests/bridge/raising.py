"""What agno cannot write, for each field of a run on which its `to_dict` calls something that may raise."""

from __future__ import annotations

import copy
from typing import Any, NoReturn

from agno.compaction.types import CompactionRecord
from agno.media import Audio, File, Image, Video
from agno.metrics import RunMetrics
from agno.models.message import Citations, Message, MessageReferences
from agno.models.response import ToolExecution
from agno.reasoning.step import ReasoningStep
from agno.run.agent import RunContentEvent, RunInput, RunOutput
from agno.run.requirement import RunRequirement
from agno.run.team import TeamRunInput, TeamRunOutput
from agno.run.workflow import StepOutputEvent, WorkflowRunOutput
from agno.workflow.types import ErrorRequirement, StepMetrics, StepOutput, StepRequirement, WorkflowMetrics
from pydantic import BaseModel, model_serializer

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"


class Document(BaseModel):
    """pydantic takes its bytes for UTF-8."""

    raw: bytes = PDF


class Refusing(BaseModel):
    name: str = "report"

    @model_serializer
    def refuse(self) -> dict[str, Any]:
        raise ValueError("not serialised")


class Uncopied:
    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise ValueError("not copied")

    def __str__(self) -> str:
        return "uncopied"


def refusing(one: Any) -> Any:
    """The object, of a class of its own that agno cannot write."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise ValueError("not written")

    odd = copy.copy(one)
    odd.__class__ = type("Refusing", (type(one),), {"to_dict": refuse, "model_dump": refuse})
    return odd


METRICS = StepMetrics(step_name="s", executor_type="agent", executor_name="a", metrics=refusing(RunMetrics()))

MEDIA: dict[str, Any] = {
    "images": [Image(id="i", url="u"), refusing(Image(id="j", url="u"))],
    "videos": [refusing(Video(id="i", url="u"))],
    "audio": [refusing(Audio(id="i", url="u"))],
    "files": [refusing(File(id="i", url="u"))],
    "response_audio": refusing(Audio(id="i", url="u")),
}

OF_A_WORKFLOW: dict[str, Any] = {
    "input": Refusing(),
    "content": Document(),
    **MEDIA,
    "step_results": [StepOutput(content="x", steps=[StepOutput(content=Document()), StepOutput(content="y")])],
    "step_executor_runs": [
        RunOutput(agent_id="a", content=Document()),
        WorkflowRunOutput(workflow_name="w", step_results=[StepOutput(content=Document())]),
    ],
    "workflow_agent_run": RunOutput(agent_id="a", content=Document()),
    "events": [StepOutputEvent(step_output=StepOutput(content=Document()))],
    "metrics": WorkflowMetrics(steps={"s": METRICS}, duration=1.0),
    "step_requirements": [
        StepRequirement(step_id="s", step_output=StepOutput(content=Document())),
        StepRequirement(step_id="t"),
    ],
    "error_requirements": [refusing(ErrorRequirement(step_id="s"))],
}

OF_AN_AGENT: dict[str, Any] = {
    "input": RunInput(input_content=Refusing(), images=[Image(id="i", url="u")]),
    "content": Document(),
    **MEDIA,
    "reasoning_steps": [refusing(ReasoningStep(title="t"))],
    "reasoning_messages": [refusing(Message(role="user", content="x"))],
    "additional_input": [refusing(Message(role="user", content="x"))],
    "messages": [
        Message(role="user", content="x"),
        Message(role="user", content="y", images=[refusing(Image(id="i", url="u"))]),
    ],
    "metrics": refusing(RunMetrics(input_tokens=1)),
    "compaction": refusing(CompactionRecord(messages_compacted=1, summary="s")),
    "tools": [ToolExecution(tool_name="t", tool_args={"a": Uncopied()})],
    "citations": refusing(Citations()),
    "references": [refusing(MessageReferences(query="q"))],
    "events": [RunContentEvent(content=Refusing()), RunContentEvent(content="x")],
    "requirements": [RunRequirement(ToolExecution(tool_name="t", tool_args={"a": Uncopied()}))],
    "model_provider_data": {"a": Uncopied()},
    "session_state": {"a": Uncopied()},
}

OF_A_TEAM: dict[str, Any] = {
    **{name: value for name, value in OF_AN_AGENT.items() if name != "compaction"},
    "input": TeamRunInput(input_content=[Refusing()]),
    "member_responses": [
        RunOutput(agent_id="a", content=Document()),
        TeamRunOutput(team_id="t", member_responses=[RunOutput(agent_id="b", content=Document())]),
    ],
}

ODD: dict[type[Any], dict[str, Any]] = {
    WorkflowRunOutput: OF_A_WORKFLOW,
    RunOutput: OF_AN_AGENT,
    TeamRunOutput: OF_A_TEAM,
}
