"""A real Temporal server for the whole test session, and a client of its own for each test.

The server is shared, because starting one takes half a second; runs never meet, because every test has a task queue and
run ids of its own. It does most of the work of most tests, a sixth of that to collect its garbage: servers of the tests
let more of it pile up.

Temporal's client hands its answers over from threads that Python does not know, and one that comes while Python is
taken down aborts the process (`agno_temporal.connect.leaving`). So the session ends as the command line does.
"""

from __future__ import annotations

import gc
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from agno_temporal import plugin
from agno_temporal.connect.dev_server import start_dev_server
from agno_temporal.connect.leaving import leave
from agno_temporal.connect.loops import LoopThread
from tests.support import Bench, time_skipping

pytest_plugins = ["tests.sampling", "tests.figures"]

EXIT_STATUS = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chapters")
    group.addoption("--continue-after", type=int, metavar="EVENTS", help="have every run go on anew after so many")


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("GOGC", "400")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # As in a job that a script's shell runs in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if (after := config.getoption("--continue-after")) is not None:
        plugin.CONTINUE_AFTER = after


def pytest_collection_finish(session: pytest.Session) -> None:
    """What the imports and the collection made stays to the end (`tests/__init__.py`)."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if EXIT_STATUS in config.stash:
        leave(config.stash[EXIT_STATUS])


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
