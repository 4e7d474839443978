"""Which errors are a database's: those of its library, if anybody has loaded it."""

from __future__ import annotations

import sys


def is_of_a_database(error: BaseException) -> bool:
    """Whether SQLAlchemy raised it. Where that is not loaded, nobody can have."""
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.SQLAlchemyError)
