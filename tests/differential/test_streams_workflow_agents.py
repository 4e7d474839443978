"""What is told of an agent in front of a workflow: the same, in the same order, as agno tells it."""

from __future__ import annotations

from io import StringIO

import pytest
from agno.workflow import Workflow
from rich.console import Console
from temporalio.client import Client

from agno_temporal import embedded
from tests.differential.blocks import says
from tests.differential.streams import StreamOracle
from tests.differential.test_workflow_agents import fronted


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


def test_agnos_own_printing_shows_the_answer_of_one_that_answers_by_itself() -> None:
    def printed(workflow: Workflow) -> str:
        written = StringIO()
        workflow.print_response("please", stream=True, console=Console(file=written, width=60))
        return written.getvalue()

    with embedded() as runtime:
        ours = printed(runtime.durable(fronted([], says("a"), telemetry=False)))
    assert "Workflow Agent Response" in ours
