"""A table that agno knows, and the database does not.

agno enters a table into its list before it makes it (agno/db/postgres/postgres.py:464), and never takes it out again.
Where the database went away in between, or the write was given up, each later attempt finds the table "already defined"
and fails, for as long as the process lives, though the database has long been back.

And what it has found or made it looks for no more (agno/db/base.py:205): where the database was lost, and made again
without its tables, each write fails on one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ALREADY_DEFINED = "is already defined for this MetaData instance"

_NOT_THERE = frozenset({"42P01", "3F000"})
"""PostgreSQL's codes for a table and for a schema."""


@contextmanager
def half_made_forgotten(db: Any) -> Iterator[None]:
    """Let agno begin anew at the next attempt. Tables that it has made it finds again in the database."""
    try:
        yield
    except Exception as error:
        if _is_half_made(error) or _is_not_there(error):
            db._table_cache.clear()
            db.metadata.clear()
        raise


def _is_half_made(error: Exception) -> bool:
    return type(error).__name__ == "InvalidRequestError" and _ALREADY_DEFINED in str(error)


def _is_not_there(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _NOT_THERE
