"""A PostgreSQL server for a benchmark: the tests' own, which syncs nothing to the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres import PostgresServer


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server for the length of the block."""
    server = PostgresServer()
    try:
        server.start()
        yield server.url
    finally:
        server.remove()
