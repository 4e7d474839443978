"""Which errors are a database's: those of its library, if anybody has loaded it, those of agno about tables of another
version of it, and what we found out ourselves.
"""

from __future__ import annotations

import sys

from agno.exceptions import SchemaMismatchError


class DatabaseFailed(Exception):
    """It failed, and agno kept that to its log, or nobody has said it yet."""


class DatabaseSilent(DatabaseFailed):
    """It was asked, and did not answer in time."""


def is_of_a_database(error: BaseException) -> bool:
    """Whether SQLAlchemy raised it, which can only be where that is loaded; or it is one of agno's or ours."""
    if isinstance(error, DatabaseFailed | SchemaMismatchError):
        return True
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.SQLAlchemyError)
