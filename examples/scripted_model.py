"""A model that answers from its prompt alone, so that the examples run without a key and always say the same.

agno passes what a person gave to the next agent inside the message: preferences after ``User preferences:``, the
rejected attempt after ``Your previous output:`` and the reason after ``Feedback from reviewer:``. The answers name what
arrived, so that one can see it arrive.
"""

import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse

SECTIONS = ("User preferences", "Your previous output", "Feedback from reviewer")


def parse_prompt(prompt: str) -> tuple[str, dict[str, str]]:
    """Splits a prompt into its subject and the sections that agno appends to it, in whatever number.

    >>> parse_prompt("Bees\\n\\nFeedback from reviewer:\\nshorter")
    ('Bees', {'Feedback from reviewer': 'shorter'})
    """
    subject, *rest = re.split(rf"(?:^|\n\n)({'|'.join(SECTIONS)}):\n", prompt)
    return subject.strip(), {name: text.strip() for name, text in zip(rest[::2], rest[1::2], strict=True)}


def scripted_answer(task: str, prompt: str) -> str:
    """The answer to a prompt.

    >>> scripted_answer("Process", "Sales\\n\\nUser preferences:\\n- threshold: 0.8\\n- mode: fast")
    'Process (Sales) with threshold: 0.8, mode: fast'
    >>> scripted_answer("Draft", "Bees\\n\\nYour previous output:\\nBzz\\n\\nFeedback from reviewer:\\nshorter")
    'Draft (Bees), revised: shorter'
    """
    subject, given = parse_prompt(prompt)
    answer = f"{task} ({subject})"
    if preferences := given.get("User preferences"):
        answer += " with " + ", ".join(line.removeprefix("- ") for line in preferences.splitlines())
    if "Your previous output" in given or "Feedback from reviewer" in given:
        answer += f", revised: {given.get('Feedback from reviewer', 'no reason given')}"
    return answer


@dataclass
class ScriptedModel(Model):
    """Answers the last user message with ``<task> (<message>)`` and what a person added to it."""

    id: str = "scripted"
    provider: str | None = "examples"
    task: str = "Answer"

    def _answer(self, messages: list[Message]) -> str:
        asked = [message for message in messages if message.role == "user"]
        return scripted_answer(self.task, asked[-1].get_content_string() if asked else "")

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        return ModelResponse(role="assistant", content=self._answer(messages))

    async def ainvoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        return self.invoke(messages)

    def invoke_stream(self, messages: list[Message], **_: Any) -> Iterator[ModelResponse]:
        for word in re.findall(r"\s*\S+", self._answer(messages)):
            yield ModelResponse(role="assistant", content=word)

    async def ainvoke_stream(self, messages: list[Message], **_: Any) -> AsyncIterator[ModelResponse]:
        for chunk in self.invoke_stream(messages):
            yield chunk

    def _parse_provider_response(self, response: ModelResponse, **_: Any) -> ModelResponse:
        return response

    def _parse_provider_response_delta(self, response: ModelResponse) -> ModelResponse:
        return response


def model_for(task: str) -> Model:
    """A real model if ``OPENAI_API_KEY`` is set (``OPENAI_MODEL`` names it), and the scripted one otherwise."""
    if not os.environ.get("OPENAI_API_KEY"):
        return ScriptedModel(task=task)
    from agno.models.openai import OpenAIChat

    return OpenAIChat(id=os.environ.get("OPENAI_MODEL", "gpt-4o-mini"))
