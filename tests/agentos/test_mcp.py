"""AgentOS as an MCP server: a model on the other side runs, answers and cancels durable workflows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.agentos.serving import Site, fresh

fastmcp = pytest.importorskip("fastmcp")


@pytest.fixture
async def mcp(site: Site) -> AsyncIterator[Any]:
    async with fastmcp.Client(f"{site.url}/mcp") as client:
        yield client


async def run(mcp: Any, workflow: str, message: str) -> dict[str, Any]:
    answer = await mcp.call_tool("run_workflow", {"workflow_id": workflow, "message": message})
    return answer.structured_content


async def go_on(mcp: Any, paused: dict[str, Any], *requirements: dict[str, Any]) -> dict[str, Any]:
    place = {name: paused[name] for name in ("workflow_id", "run_id", "session_id")}
    answer = await mcp.call_tool("continue_run", {**place, "requirements": list(requirements)})
    return answer.structured_content


async def test_a_step_is_confirmed(mcp: Any, site: Site) -> None:
    paused = await run(mcp, "confirm", mine := fresh())
    assert paused["status"] == "PAUSED"
    ended = await go_on(mcp, paused, {**paused["requirements"][0], "confirmed": True})
    assert ended["status"] == "COMPLETED"
    assert site.flows.ran[f"{mine}/gate"] == 1


async def test_a_draft_is_sent_back_and_confirmed(mcp: Any, site: Site) -> None:
    paused = await run(mcp, "review", mine := fresh())
    again = await go_on(mcp, paused, {**paused["requirements"][0], "confirmed": False, "rejection_feedback": "no"})
    assert again["status"] == "PAUSED"
    waiting = again["requirements"][-1]
    ended = await go_on(mcp, again, {**waiting, "confirmed": True})
    assert ended["status"] == "COMPLETED"
    assert site.flows.ran[f"{mine}/gate"] == 2


async def test_a_paused_run_is_cancelled(mcp: Any, site: Site) -> None:
    paused = await run(mcp, "confirm", fresh())
    place = {name: paused[name] for name in ("workflow_id", "run_id", "session_id")}
    await mcp.call_tool("cancel_run", place)
    await site.becomes(paused, "CANCELLED")


async def test_a_second_answer_is_told_that_it_comes_too_late(mcp: Any) -> None:
    paused = await run(mcp, "confirm", fresh())
    answer = {**paused["requirements"][0], "confirmed": True}
    await go_on(mcp, paused, answer)
    with pytest.raises(fastmcp.exceptions.ToolError, match="already completed"):
        await go_on(mcp, paused, answer)
