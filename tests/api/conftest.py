"""PostgreSQL for the tests that list from a database."""

from __future__ import annotations

from tests.storage.conftest import open_database, postgres, sql

__all__ = ["open_database", "postgres", "sql"]
