"""Which errors are a database's: those of its library, if anybody has loaded it, and what we found out ourselves."""

from __future__ import annotations

import sys


class DatabaseFailed(Exception):
    """It failed, and agno kept that to its log, or nobody has said it yet."""


class DatabaseSilent(DatabaseFailed):
    """It was asked, and did not answer in time."""


def is_of_a_database(error: BaseException) -> bool:
    """Whether SQLAlchemy raised it, which can only be where that is loaded; or it is one of ours."""
    if isinstance(error, DatabaseFailed):
        return True
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.SQLAlchemyError)
