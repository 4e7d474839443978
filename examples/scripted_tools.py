"""A model that calls the tools it is told to, and then says what they gave: for examples whose tools ask a person.

It reads from its messages what has been called already and remembers nothing itself, so that another process goes on
where this one stopped.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from agno.agent import Agent
from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse

from examples.scripted_model import model_for

Call = tuple[str, dict[str, Any]]
"""A tool's name, and the arguments that the model calls it with."""


@dataclass
class ToolCaller(Model):
    """Calls its tools one after another, one in each turn, and answers with what they gave."""

    id: str = "scripted-tools"
    provider: str | None = "examples"
    calls: list[Call] = field(default_factory=list)

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        results = [str(message.content) for message in messages if message.role == "tool"]
        if len(results) == len(self.calls):
            return ModelResponse(role="assistant", content="; ".join(results))
        name, arguments = self.calls[len(results)]
        call = {
            "id": f"{name}-{len(results)}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        return ModelResponse(role="assistant", tool_calls=[call])

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


def tool_worker(name: str, instructions: str, tools: list[Callable[..., Any]], calls: list[Call]) -> Agent:
    """An agent with tools. If ``OPENAI_API_KEY`` is set a real model calls them as it likes; else `calls` are made."""
    model = model_for(name) if os.environ.get("OPENAI_API_KEY") else ToolCaller(calls=calls)
    return Agent(name=name, model=model, instructions=instructions, tools=tools, telemetry=False)
