"""A worker and a server for a test of the API; and PostgreSQL, for the tests that list from a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import httpx
import pytest
from agno.workflow import Workflow

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from tests.api.following import Serve
from tests.api.serving import serving
from tests.crash.conftest import scene
from tests.storage.conftest import open_database, postgres, sql
from tests.support import Bench

__all__ = ["open_database", "postgres", "scene", "serve", "sql"]


@pytest.fixture
def serve(bench: Bench) -> Serve:
    """A server that has a workflow, a worker of it unless there is to be none, and a client of the server."""

    @asynccontextmanager
    async def serve(workflow: Workflow, worker: bool = True) -> AsyncIterator[httpx.AsyncClient]:
        service = new_service([workflow], bench.client, task_queue=bench.task_queue)
        async with (
            bench.worker(workflow) if worker else nullcontext(),
            serving(create_app(service)) as url,
            httpx.AsyncClient(base_url=f"{url}/v1", timeout=60) as http,
        ):
            yield http

    return serve
