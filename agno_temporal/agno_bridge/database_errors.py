"""Which errors are a database's: those of its library, if anybody has loaded it, and that it says nothing."""

from __future__ import annotations

import sys

from agno_temporal.agno_bridge.absent_tables import TableNotRead


class DatabaseSilent(Exception):
    """It was asked, and did not answer in time."""


def is_of_a_database(error: BaseException) -> bool:
    """Whether SQLAlchemy raised it, which can only be where that is loaded; or agno kept it to its log."""
    if isinstance(error, DatabaseSilent | TableNotRead):
        return True
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.SQLAlchemyError)
