"""What is told of an agent in front of a workflow: the same, in the same order, as agno tells it."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from agno.workflow import Workflow
from rich.console import Console
from temporalio.client import Client

from agno_temporal import embedded
from tests.differential.blocks import agent, says
from tests.differential.streams import Streamed, StreamOracle
from tests.differential.test_workflow_agents import TURNS, fronted
from tests.tool_script import Call


@pytest.fixture
def streams(client: Client) -> StreamOracle:
    return StreamOracle(client)


@pytest.mark.parametrize("stream_events", [True, False], ids=["events", "content"])
async def test_the_events_of_one_that_answers_by_itself(streams: StreamOracle, stream_events: bool) -> None:
    await streams.agrees(
        lambda: fronted([], says("a")),
        "please",
        stream_events=stream_events,
        metadata={"ticket": 7},
        ignoring=("agent_id", "run_id"),
    )


@pytest.mark.parametrize("turns", TURNS.values(), ids=TURNS)
async def test_the_text_of_one_that(streams: StreamOracle, turns: list[list[Call]]) -> None:
    """Once the steps have run, the text is theirs: what the agent makes of it is in its own run alone."""
    agno, ours = await streams.ask(lambda: fronted(turns, agent("Ann"), says("a")), "please", stream_events=False)
    assert pieces(ours) == pieces(agno)


def pieces(stream: Streamed) -> list[tuple[str | None, Any]]:
    """Who said what, piece by piece."""
    return [(event.step_name, event.content) for event in stream.events if event.event == "RunContent"]


def test_agnos_own_printing_shows_the_answer_of_one_that_answers_by_itself() -> None:
    def printed(workflow: Workflow) -> str:
        written = StringIO()
        workflow.print_response("please", stream=True, console=Console(file=written, width=60))
        return written.getvalue()

    with embedded() as runtime:
        ours = printed(runtime.durable(fronted([], says("a"), telemetry=False)))
    assert "Workflow Agent Response" in ours
