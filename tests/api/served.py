"""An API over a worker and a database of a test's own, called in this process without a socket."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from starlette.types import ASGIApp

from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service, new_service
from tests.support import Bench


def release(db: Any = None, name: str = "release", **review: Any) -> Workflow:
    """`build, <gate>, ship`; the gate is a confirmation where nothing else is asked for."""
    review = review or {"requires_confirmation": True, "confirmation_message": "Ship it?"}
    return Workflow(
        name=name,
        description="Builds and ships",
        db=db,
        steps=[
            Step(name="build", executor=lambda given: f"built {given.input}"),
            Step(name="gate", executor=lambda given: "gate passed", human_review=HumanReview(**review)),
            Step(name="ship", executor=lambda given: "shipped"),
        ],
    )


@dataclass
class Served:
    """An API, and a client of it."""

    service: Service
    http: httpx.AsyncClient
    bench: Bench

    async def start(self, workflow_id: str = "release", **body: Any) -> str:
        """Start a run and wait until it has ended, or waits."""
        answer = await self.http.post("/v1/runs?wait=30", json={"workflow_id": workflow_id, **body})
        assert answer.status_code == 201, answer.text
        assert answer.json()["run"] is not None, answer.text
        return str(answer.json()["run_id"])

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def served(bench: Bench, *workflows: Workflow, worker: bool = True, **options: Any) -> AsyncIterator[Served]:
    """An API for these workflows, with a worker that has them."""
    service = new_service(workflows, bench.client, task_queue=bench.task_queue, **options)
    async with over(create_app(service)) as http:
        if not worker:
            yield Served(service, http, bench)
            return
        async with bench.worker(*workflows):
            yield Served(service, http, bench)


def over(app: ASGIApp, prefix: str = "") -> httpx.AsyncClient:
    """A client of an app in this process."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1{prefix}", timeout=60)


def problem(answer: httpx.Response, status: int, type: str) -> dict[str, Any]:
    """The problem that an answer is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["type"]) == (status, status, type), body
    assert {"title", "detail", "instance"} <= body.keys()
    return body


def some_id(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4()}"
