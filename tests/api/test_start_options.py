"""What agno's `run` takes beside the input, given over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from agno.agent import Agent
from agno.workflow import Workflow

from examples.scripted_model import ScriptedModel
from tests.api.served import Served, problem, served
from tests.support import Bench


class Prompts:
    """A workflow of an agent, and what its model was shown."""

    def __init__(self) -> None:
        self.shown = ""
        model = Shown(task="Ann")
        model.prompts = self
        self.workflow = Workflow(name="ask", steps=[Agent(name="Ann", model=model, telemetry=False)])


class Shown(ScriptedModel):
    prompts: Prompts

    def _answer(self, messages: list[Any]) -> str:
        self.prompts.shown = "\n".join(str(message.content) for message in messages)
        return super()._answer(messages)


@pytest.fixture
def prompts() -> Prompts:
    return Prompts()


@pytest.fixture
async def api(bench: Bench, prompts: Prompts) -> AsyncIterator[Served]:
    async with served(bench, prompts.workflow) as one:
        yield one


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"dependencies": {"rate": "zebra"}}, "add_dependencies_to_context"),
        ({"session_state": {"mood": "zebra"}}, "add_session_state_to_context"),
    ],
)
async def test_a_model_is_shown_them_where_that_is_asked_for(
    api: Served, prompts: Prompts, given: dict[str, Any], option: str
) -> None:
    await api.start("ask", input="go", **given)
    assert "zebra" not in prompts.shown

    await api.start("ask", input="go", **given, **{option: True})
    assert "zebra" in prompts.shown


@pytest.mark.parametrize("option", ["add_dependencies_to_context", "add_session_state_to_context", "stream_events"])
async def test_a_text_is_no_yes(api: Served, option: str) -> None:
    [error] = problem(
        await api.http.post("/v1/runs", json={"workflow_id": "ask", option: "yes"}), 422, "invalid-request"
    )["errors"]

    assert (error["field"], error["message"]) == (option, "Input should be a valid boolean")


async def names(api: Served, **options: Any) -> set[str]:
    run_id = await api.start("ask", input="go", **options)
    page = await api.http.get(f"/v1/runs/{run_id}/events", headers={"Accept": "application/json"})
    return {event["event"] for event in page.json()["events"]}


async def test_a_streamed_run_tells_all_that_its_agents_do_or_what_they_say_alone(api: Served) -> None:
    all_of_them = await names(api, stream=True)

    assert {"RunStarted", "RunContent", "RunCompleted"} <= all_of_them
    assert await names(api, stream=True, stream_events=True) == all_of_them
    assert {name for name in await names(api, stream=True, stream_events=False) if name.startswith("Run")} == {
        "RunContent"
    }
    assert "RunContent" not in await names(api, stream_events=True)
