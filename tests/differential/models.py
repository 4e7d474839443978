"""Models for agents that do something other than answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agno.models.message import Message
from agno.models.response import ModelResponse

from examples.scripted_model import ScriptedModel


@dataclass
class BrokenModel(ScriptedModel):
    """A model that is never reached."""

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        raise ConnectionError("no such model")
