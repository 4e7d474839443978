"""Two AgentOS with one worker for all tests of this folder: an input of its own keeps each test apart."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.os.settings import AgnoAPISettings
from temporalio.client import Client

from tests.agentos.callers import apart
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, patient, served, together
from tests.support import Bench


@pytest.fixture(scope="session")
async def crew(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bench, Flows]]:
    """Workflows with a database, and a worker that has them."""
    path: Path = tmp_path_factory.mktemp("agentos")
    flows = Flows(SqliteDb(db_file=str(path / "runs.db")))
    bench = Bench(await Client.connect(server), f"agentos-{uuid.uuid4()}")
    async with bench.worker(*flows.all.values()):
        yield bench, flows


@pytest.fixture(scope="session")
async def site(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    """AgentOS without any authorisation."""
    bench, flows = crew
    app = together(bench, list(flows.all.values()), flows.db, AgnoAPISettings(), mcp=True)
    async with served(app) as url, patient(url) as http:
        yield Site(url, flows, http)


@pytest.fixture(scope="session")
async def guarded(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    """AgentOS that asks for tokens, and keeps users apart."""
    bench, flows = crew
    app = together(bench, [flows.all["confirm"], flows.all["plain"]], flows.db, AgnoAPISettings(), **apart())
    async with served(app) as url, patient(url) as http:
        yield Site(url, flows, http)
