"""A table that agno knows, and the database does not; or one that it knows by its name alone.

agno enters a table into its list before it makes it (agno/db/postgres/postgres.py:464), and never takes it out again.
Where the database went away in between, or the write was given up, each later attempt finds the table "already defined"
and fails, for as long as the process lives, though the database has long been back.

And what it has found or made it looks for no more (agno/db/base.py:205): where the database was lost, and made again
without its tables, each write fails on one that is not there.

A table that is there has its columns read when it is first used. SQLAlchemy takes it back where that fails, and not
where it is cancelled, as whoever has a bounded time does: it stays without a column, and nothing can be read or written
by it any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agno.db.base import AsyncBaseDb

_ALREADY_DEFINED = "is already defined for this MetaData instance"

_NOT_THERE = frozenset({"42P01", "3F000"})
"""PostgreSQL's codes for a table and for a schema."""

_NOT_THERE_IN_SQLITE = "no such table:"


@contextmanager
def half_made_forgotten(db: Any) -> Iterator[None]:
    """Let agno begin anew at the next attempt. Tables that it has made it finds again in the database."""
    try:
        yield
    except BaseException as error:
        for table in _without_columns(db):
            db._invalidate_table_cache(table.name)
        if _is_half_made(error) or _is_not_there(error):
            db._table_cache.clear()
            db.metadata.clear()
        raise


def _without_columns(db: Any) -> list[Any]:
    """Of a database that is not asynchronous, another thread may be reading them just now, and no read is cancelled."""
    known = db.metadata.tables.values() if isinstance(db, AsyncBaseDb) and hasattr(db, "metadata") else ()
    return [table for table in known if not table.columns]


def _is_half_made(error: BaseException) -> bool:
    return type(error).__name__ == "InvalidRequestError" and _ALREADY_DEFINED in str(error)


def _is_not_there(error: BaseException) -> bool:
    said = getattr(error, "orig", None)
    return getattr(said, "sqlstate", None) in _NOT_THERE or str(said).startswith(_NOT_THERE_IN_SQLITE)
