"""Synchronous tools of agents: as many at once as the worker takes steps, and nothing else waits for their threads."""

from __future__ import annotations

import asyncio
import os
import threading

from agno.tools import tool
from agno.workflow import Step, Workflow

from tests.support import PATIENCE, Bench, eventually
from tests.tool_script import caller

AT_ONCE = (os.cpu_count() or 1) + 8
"""More than a loop's own pool has threads, where it has fewer than 32."""


async def test_slow_tools_hold_up_nobody(bench: Bench):
    at_work, go_on = list[int](), threading.Event()

    @tool
    def slow(number: int) -> str:
        """Waits."""
        at_work.append(number)
        go_on.wait(2 * PATIENCE)
        return "done"

    def flow() -> Workflow:
        return Workflow(name="slow", steps=[Step(name="s", agent=caller([("slow", {"number": 1})], tools=[slow]))])

    async with bench.worker(workflow := flow()):
        runs = [await bench.start(workflow, "go") for _ in range(AT_ONCE)]

        async def all_at_work() -> bool:
            return len(at_work) == AT_ONCE

        try:
            await eventually("all tools to be at work", all_at_work)
            await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo("localhost", 80), 5)
        finally:
            go_on.set()
        assert {(await bench.ended(run)).status for run in runs} == {"COMPLETED"}
