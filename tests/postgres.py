"""A PostgreSQL server for the tests, thrown away afterwards.

What only PostgreSQL refuses (a NUL in jsonb, a NaN) and what only a server can do (go away in the middle) cannot be
seen on SQLite. So the tests start one of their own. Where its programs are not installed, the tests that need it are
skipped by name, unless `AGNO_TEMPORAL_REQUIRE_POSTGRES` is set, as CI does: then they fail.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from benchmarks.harness import postgres

REQUIRED = "AGNO_TEMPORAL_REQUIRE_POSTGRES"


def programs() -> Path:
    """The directory that has `initdb` and `postgres`. Skips, or fails, the test that asks where there is none."""
    if found := postgres.programs():
        return found
    if os.environ.get(REQUIRED):
        pytest.fail(f"PostgreSQL server not found, and {REQUIRED} is set", pytrace=False)
    pytest.skip("PostgreSQL server not found")


class PostgresServer(postgres.PostgresServer):
    """A server on a socket of its own. It can be stopped, as by a power cut, and started again with what it has."""

    def __init__(self) -> None:
        super().__init__(programs())


def new_schema() -> str:
    """A schema of the test's own, so that tests share a server and never meet."""
    return f"t_{uuid.uuid4().hex}"
