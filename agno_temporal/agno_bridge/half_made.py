"""A table that agno began to make, and did not.

agno enters a table into its list before it makes it (agno/db/postgres/postgres.py:464), and never takes it out again.
Where the database went away in between, or the write was given up, each later attempt finds the table "already defined"
and fails, for as long as the process lives, though the database has long been back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ALREADY_DEFINED = "is already defined for this MetaData instance"


@contextmanager
def half_made_forgotten(db: Any) -> Iterator[None]:
    """Let agno begin anew at the next attempt. Tables that it has made it finds again in the database."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ == "InvalidRequestError" and _ALREADY_DEFINED in str(error):
            db.metadata.clear()
        raise
