"""Agents and teams whose model calls the tools that a test names, turn by turn, and then says what they gave.

The model reads from its messages how far it is, and remembers nothing itself: another process, or a second attempt,
goes on at the same place.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from agno.agent import Agent
from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.run import RunContext
from agno.run.requirement import RunRequirement
from agno.team import Team
from agno.tools import tool
from agno.workflow.types import StepRequirement

Call = tuple[str, dict[str, Any]]


@dataclass
class ToolScript(Model):
    """Calls the tools of each turn, then answers with what they gave. `same_ids` gives every call the same id."""

    id: str = "tool-script"
    name: str | None = "tool-script"
    provider: str | None = "tests"
    turns: list[list[Call]] = field(default_factory=list)
    same_ids: bool = False
    says: str | None = None

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        turn = sum(1 for message in messages if message.role == "assistant" and message.tool_calls)
        if turn < len(self.turns):
            calls = [self._call(turn, place, *call) for place, call in enumerate(self.turns[turn])]
            return ModelResponse(role="assistant", content=self.says, tool_calls=calls)
        results = [message.content for message in messages if message.role == "tool"]
        return ModelResponse(role="assistant", content=f"got {' | '.join(map(str, results))}")

    def _call(self, turn: int, place: int, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        call_id = "call" if self.same_ids else f"{self.id}-{turn}-{place}"
        function = {"arguments": json.dumps(arguments), "name": name}
        return {"function": function, "id": call_id, "type": "function"}  # In order: histories keep none.

    async def ainvoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        return self.invoke(messages)

    def invoke_stream(self, messages: list[Message], **_: Any) -> Iterator[ModelResponse]:
        yield self.invoke(messages)

    async def ainvoke_stream(self, messages: list[Message], **_: Any) -> AsyncIterator[ModelResponse]:
        yield self.invoke(messages)

    def _parse_provider_response(self, response: ModelResponse, **_: Any) -> ModelResponse:
        return response

    def _parse_provider_response_delta(self, response: ModelResponse) -> ModelResponse:
        return response


@tool(requires_confirmation=True)
def drop(table: str) -> str:
    """Drops a table."""
    return f"dropped {table}"


@tool
def count(table: str) -> str:
    """Counts a table's rows."""
    return f"{table} has 3 rows"


@tool(requires_user_input=True, user_input_fields=["to", "copies"])
def send(subject: str, to: str, copies: int) -> str:
    """Sends a mail."""
    return f"sent {subject} to {to} {copies} times"


@tool(external_execution=True)
def shell(command: str) -> str:
    """Runs a command elsewhere."""
    raise AssertionError("it runs elsewhere")


@tool(requires_confirmation=True)
def note(run_context: RunContext, text: str) -> str:
    """Writes into the session state, and says what it sees there and of the run."""
    seen = dict(run_context.session_state or {})
    run_context.session_state.setdefault("notes", []).append(text)
    own = {key: value for key, value in sorted(seen.items()) if not key.startswith(("current_", "workflow_"))}
    return repr((own, run_context.dependencies, run_context.metadata, run_context.user_id))


def caller(*turns: list[Call], name: str = "Ops", tools: Any = (), **options: Any) -> Agent:
    """An agent whose model calls these tools, one turn after the other."""
    model = ToolScript(id=name, turns=list(turns), **{k: options.pop(k) for k in ("same_ids", "says") if k in options})
    return Agent(name=name, model=model, tools=list(tools), telemetry=False, **options)


def leader(*turns: list[Call], members: Any = (), name: str = "Desk", tools: Any = (), **options: Any) -> Team:
    model = ToolScript(id=name, turns=list(turns))
    return Team(name=name, model=model, members=list(members), tools=list(tools), telemetry=False, **options)


def delegate(member: str, task: str = "do it") -> Call:
    return "delegate_task_to_member", {"member_id": member, "task": task}


def asked(requirement: StepRequirement) -> list[RunRequirement]:
    """The open tool calls of a requirement, as objects that can be answered."""
    assert requirement.executor_requirements
    return [RunRequirement.from_dict(one) for one in requirement.executor_requirements]


def answered(*answers: Any) -> Any:
    """Answers a requirement's tools in turn, and puts them back as dicts, as an API client does."""

    def answer(requirement: StepRequirement) -> None:
        tools = asked(requirement)
        for one, act in zip(tools, answers, strict=True):
            act(one)
        requirement.executor_requirements = [one.to_dict() for one in tools]

    return answer


def yes(requirement: RunRequirement) -> None:
    requirement.confirm()


def no(why: str | None = None) -> Any:
    return lambda requirement: requirement.reject(why)


def fill(**values: Any) -> Any:
    return lambda requirement: requirement.provide_user_input(values)


def choose(**selections: list[str]) -> Any:
    return lambda requirement: requirement.provide_user_feedback(selections)


def give(result: str) -> Any:
    return lambda requirement: requirement.set_external_execution_result(result)
