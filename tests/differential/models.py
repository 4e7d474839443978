"""Models for agents that do something other than answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agno.media import Image
from agno.metrics import MessageMetrics
from agno.models.message import Message
from agno.models.response import ModelResponse

from examples.scripted_model import ScriptedModel


@dataclass
class BrokenModel(ScriptedModel):
    """A model that is never reached."""

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        raise ConnectionError("no such model")


@dataclass
class MeteredModel(ScriptedModel):
    """A model that says what its answers cost."""

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        answer = self._answer(messages)
        used = MessageMetrics(input_tokens=len(messages), output_tokens=len(answer), total_tokens=len(answer) + 1)
        return ModelResponse(role="assistant", content=answer, response_usage=used)


@dataclass
class PaintingModel(ScriptedModel):
    """A model that makes an image, and whose provider says something of it."""

    image: Image | None = None

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        images = [self.image] if self.image else None
        provider_data = {"z": 1, "a": 2}
        return ModelResponse(role="assistant", content="painted", images=images, provider_data=provider_data)
