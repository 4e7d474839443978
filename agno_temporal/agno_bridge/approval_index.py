"""The index by which what waits is listed in order: agno has one on each column, and none on the deadline.

It only makes lists fast, and who writes rows need not own the table: PostgreSQL lets its owner alone make an index. So
nothing fails without one. It is tried where the table is made or written, once in a process, and what the owner should
run is said in the log.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

INDEX_SUFFIX: Final = "agno_temporal_waiting"

MAX_NAME: Final = 63
"""As many bytes does a name have in PostgreSQL."""

logger = logging.getLogger("agno_temporal")


def has_index(table: Any) -> bool:
    """Whether agno found it when it read the table, or this process has tried to make it."""
    return any(index.name == _name(table) for index in table.indexes)


@contextmanager
def index_made(table: Any, waiting: Any) -> Iterator[Any]:
    """What makes the index, to be executed in the block.

    It begins with the columns that are the same in all of its rows. Without statistics, which nobody gathers there,
    SQLite takes any index on an equal value for a better one, and sorts all that waits for each page.

    Args:
        waiting: Which rows are in it.

    Raises:
        Exception: The database did not answer. That it refuses is logged.
    """
    from sqlalchemy import Index
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.schema import CreateIndex

    columns = (table.c.status, table.c.source_type, table.c.expires_at, table.c.id)
    index = Index(_name(table), *columns, sqlite_where=waiting, postgresql_where=waiting)
    try:
        yield CreateIndex(index, if_not_exists=True)
    except BaseException as error:
        if isinstance(error, DBAPIError) and error.statement is not None and not error.connection_invalidated:
            why, statement = str(error.orig).strip(), " ".join(error.statement.split())
            logger.warning("lists of what waits are slow until the table's owner runs: %s; (%s)", statement, why)
        else:
            table.indexes.discard(index)
            raise


def _name(table: Any) -> str:
    name = f"ix_{table.name}_{INDEX_SUFFIX}"
    if len(name.encode()) <= MAX_NAME:
        return name
    return f"ix_{hashlib.sha256(table.name.encode()).hexdigest()[:8]}_{INDEX_SUFFIX}"
