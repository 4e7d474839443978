"""A PostgreSQL server for all tests that ask for one, and a database of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PostgresServer
from tests.storage.databases import SQL, disposed, new_database

OpenDatabase = Callable[[str], Any]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server that no test stops."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def open_database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[OpenDatabase]:
    """Makes a database of one of agno's classes."""
    opened: list[Any] = []

    def open_one(kind: str) -> Any:
        place = tmp_path / f"db-{len(opened)}"
        place.mkdir()
        opened.append(new_database(kind, place, lambda: request.getfixturevalue("postgres").url))
        return opened[-1]

    yield open_one
    for db in opened:
        await disposed(db)


@pytest.fixture(params=[pytest.param(kind, marks=pytest.mark.sweep) if "Async" in kind else kind for kind in SQL])
def sql(request: pytest.FixtureRequest, open_database: OpenDatabase) -> Any:
    """Each of agno's databases for SQLite and PostgreSQL; the asynchronous ones only when the whole suite is run."""
    return open_database(request.param)
