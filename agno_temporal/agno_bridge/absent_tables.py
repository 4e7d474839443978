"""A table that is not there, told from a database that does not answer.

agno says that there is no table where it could not look, too (agno/db/sqlite/utils.py:62).
Believed, a list of what waits would be empty while the database is down, and nobody would decide anything.
"""

from __future__ import annotations

from typing import Any


class TableNotRead(RuntimeError):
    """The table is there, and agno did not read it."""


def check_absent(session: Any, db: Any, name: str) -> None:
    """Check that a table that agno did not find is not there. SQLAlchemy's session is a synchronous one.

    Raises:
        TableNotRead: It is.
        Exception: Whatever the database raises.
    """
    from sqlalchemy import inspect

    if inspect(session.connection()).has_table(name, schema=getattr(db, "db_schema", None)):
        raise TableNotRead(f"Table {name!r} could not be read. The log of agno says why.")
