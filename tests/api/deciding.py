"""Decisions over HTTP: an API in this process, over a real server and real workers, and callers by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from agno.workflow import Workflow
from httpx import ASGITransport, AsyncClient, Response
from starlette.requests import HTTPConnection
from temporalio.client import Client

from agno_temporal.api.access import Principal, Scope
from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service
from agno_temporal.client import RunClient
from tests.support import Bench

PATIENT = timedelta(seconds=30)
IMPATIENT = timedelta(seconds=0.4)


class ByName:
    """Everybody is believed to be who they say; "ben of ana" is kept to the runs of ana, where users are kept apart."""

    async def principal(self, connection: HTTPConnection) -> Principal:
        name = connection.headers["x-name"]
        user_id = name.partition(" of ")[2] or None
        return Principal(name, frozenset({Scope.READ, Scope.DECIDE}), user_id)


class Api:
    """Somebody's requests."""

    def __init__(self, http: AsyncClient) -> None:
        self._http = http

    async def decide(
        self,
        run_id: str,
        requirement_id: str,
        action: str,
        body: Any = None,
        *,
        by: str = "ana",
        key: str | None = None,
        prefer: str | None = None,
    ) -> Response:
        headers = {"x-name": by, "Idempotency-Key": key, "Prefer": prefer}
        return await self._http.post(
            f"/v1/runs/{run_id}/requirements/{requirement_id}/{action}",
            json={} if body is None else body,
            headers={name: value for name, value in headers.items() if value is not None},
        )

    async def requirements(self, run_id: str) -> dict[str, Any]:
        """All of a run's, decided and open."""
        answer = await self._http.get(
            f"/v1/runs/{run_id}/requirements", params={"all": "true"}, headers={"x-name": "ana"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, by: str = "ana") -> Response:
        return await self._http.get(path, headers={"x-name": by})


@asynccontextmanager
async def api_over(
    client: Client, task_queue: str, answer_timeout: timedelta = PATIENT, *, isolation: bool = False
) -> AsyncIterator[Api]:
    runs = RunClient(client, task_queue, answer_timeout=answer_timeout)
    app = create_app(Service(runs, {}, {}, access=ByName(), isolation=isolation))
    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://api") as http:
        yield Api(http)


async def opened(bench: Bench, workflow: Workflow) -> tuple[str, str]:
    """A run that waits for one decision: its id, and the requirement's."""
    run_id = await bench.start(workflow)
    [asked] = await bench.paused(run_id)
    return run_id, asked.requirement.id


def problem(answer: Response, status: int, type: str) -> dict[str, Any]:
    """The body of an answer that must be this problem."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert (body["type"], body["status"]) == (type, status), body
    assert body["title"]
    assert body["detail"]
    return body


def decided(answer: Response) -> dict[str, Any]:
    """The record in an answer that must be one."""
    assert answer.status_code == 200, answer.text
    return answer.json()
