"""A real Temporal server for the whole test session, and a client of its own for each test.

The server is shared, because starting one takes half a second; runs never meet, because every test has a task queue and
run ids of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from agno_temporal.connect.dev_server import start_dev_server
from agno_temporal.connect.loops import LoopThread
from tests.support import Bench, time_skipping


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a Temporal development server."""
    thread = LoopThread("test-server")
    environment = thread.call(start_dev_server())
    yield environment.client.service_client.config.target_host
    thread.call(environment.shutdown())
    thread.stop()


@pytest.fixture
async def client(server: str) -> Client:
    return await Client.connect(server)


@pytest.fixture
def bench(client: Client) -> Bench:
    """Workers and durable workflows on a task queue of this test's own."""
    return Bench(client, f"test-{uuid.uuid4()}")


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A server whose time is moved on by the test (`environment.fast_forward`)."""
    async with await time_skipping() as environment:
        yield environment
