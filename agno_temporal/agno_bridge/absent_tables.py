"""A table that is not there, told from a database that does not answer.

agno says that there is no table where it could not look, too (agno/db/sqlite/utils.py:62).
Believed, a list of what waits would be empty while the database is down, and nobody would decide anything; and a
session would be made anew, and written over the one that is there.
"""

from __future__ import annotations

from typing import Any

from agno_temporal.agno_bridge.database_errors import DatabaseFailed


class TableNotRead(DatabaseFailed):
    """The table is there, and agno did not read it."""


def check_absent(session: Any, db: Any, name: str) -> None:
    """Check that a table that agno did not find is not there. SQLAlchemy's session is a synchronous one.

    Raises:
        TableNotRead: It is.
        Exception: Whatever the database raises.
    """
    from sqlalchemy import inspect

    if inspect(session.connection()).has_table(name, schema=getattr(db, "db_schema", None)):
        raise TableNotRead(f"Table {name!r} could not be read: without a right to it, or as agno's log says.")


def find_session_tables(db: Any) -> None:
    """Have agno find the tables of sessions and runs in a synchronous database. What it has found it keeps, so that a
    session that it does not find afterwards is not there. Without sessions, the runs' table cannot be read, if it is
    there: it refers to them. The write makes them.

    Raises:
        TableNotRead: One is there, and agno did not find it.
        Exception: Whatever the database raises.
    """
    if not hasattr(db, "Session"):  # Only those of SQL look for a table first.
        return
    for kind, name in (("sessions", db.session_table_name), ("runs", db.runs_table_name)):
        if db._get_table(table_type=kind) is None:
            with db.Session() as session:
                check_absent(session, db, name)
            return
