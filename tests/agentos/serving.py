"""agno's own AgentOS, served over HTTP in the tests' process, and what a client without agno sees of it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from agno.os import AgentOS
from agno.os.settings import AgnoAPISettings
from fastapi import FastAPI

from agno_temporal.api.agentos import AgentOSAccess
from agno_temporal.api.router import create_router
from agno_temporal.api.service import new_service
from tests.agentos.flows import Flows
from tests.support import PATIENCE, Bench, eventually

Frame = tuple[str, dict[str, Any]]


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The app at an address of its own, for the length of the block."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve())

    async def address() -> str | None:
        if task.done():
            task.result()
        sockets = [one for server_ in server.servers for one in server_.sockets] if server.started else []
        return f"http://127.0.0.1:{sockets[0].getsockname()[1]}" if sockets else None

    try:
        yield await eventually("the server to listen", address) or ""
    finally:
        server.should_exit = True
        await task


def agent_os(workflows: list[Any], db: Any, **options: Any) -> AgentOS:
    return AgentOS(workflows=workflows, db=db, telemetry=False, **options)


def together(bench: Bench, workflows: list[Any], db: Any, settings: AgnoAPISettings, **options: Any) -> FastAPI:
    """AgentOS with our routes in its app."""
    durable = [bench.durable(one) for one in workflows]
    isolation = options.pop("isolation", options.get("user_isolation", False))
    access = AgentOSAccess(settings)
    service = new_service(durable, bench.client, task_queue=bench.task_queue, access=access, isolation=isolation)
    base = FastAPI()
    base.include_router(create_router(service))
    return agent_os(durable, db, base_app=base, settings=settings, **options).get_app()


@dataclass
class Site:
    """A served AgentOS, and requests to it as its documentation says."""

    url: str
    flows: Flows
    http: httpx.AsyncClient

    async def run(self, workflow: str, message: str, **form: Any) -> httpx.Response:
        data = {"message": message, "stream": "false", **form}
        return await self.http.post(f"/workflows/{workflow}/runs", data=data)

    async def paused(self, workflow: str, message: str, **form: Any) -> dict[str, Any]:
        """A run that waits."""
        answer = await self.run(workflow, message, **form)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "PAUSED", answer.text
        return answer.json()

    async def go_on(self, run: dict[str, Any], *requirements: dict[str, Any], **form: Any) -> httpx.Response:
        data = {
            "step_requirements": json.dumps(requirements),
            "session_id": run["session_id"],
            "stream": "false",
            **form,
        }
        return await self.http.post(f"{place(run)}/continue", data=data)

    async def found(self, run: dict[str, Any]) -> httpx.Response:
        return await self.http.get(place(run), params={"session_id": run["session_id"]})

    async def stream(self, path: str, **form: Any) -> list[Frame]:
        """All frames of a stream."""
        async with self.http.stream("POST", path, data=form) as answer:
            assert answer.status_code == 200, await answer.aread()
            return [frame async for frame in frames(answer)]

    async def becomes(self, run: dict[str, Any], status: str) -> dict[str, Any]:
        """The run, once it has this status."""

        async def probe() -> dict[str, Any] | None:
            answer = await self.found(run)
            return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

        return await eventually(f"run {run['run_id']} to be {status}", probe) or {}


def place(run: dict[str, Any]) -> str:
    return f"/workflows/{run['workflow_id']}/runs/{run['run_id']}"


async def frames(answer: httpx.Response) -> AsyncIterator[Frame]:
    """The frames of server-sent events, comments left out."""
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def names(told: list[Frame]) -> list[str]:
    return [name for name, _ in told]


def numbers(told: list[Frame]) -> list[int]:
    """The numbers of the events; what a run asks at the end is no event of its own."""
    return [data["event_index"] for name, data in told if "event_index" in data and name != "WorkflowPaused"]


def fresh() -> str:
    """An input of a test's own."""
    return f"in-{uuid.uuid4().hex[:8]}"


def patient(url: str, **options: Any) -> httpx.AsyncClient:
    # Without certificates, which take long to load: these servers have none.
    return httpx.AsyncClient(base_url=url, timeout=PATIENCE, verify=False, **options)
