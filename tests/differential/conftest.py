"""agno, ready to be asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.differential.oracle import Oracle
from tests.support import Bench


@pytest.fixture(params=[False, True], ids=["no-db", "db"])
def oracle(request: pytest.FixtureRequest, bench: Bench) -> Oracle:
    """Compares runs without a database, and with one."""
    return Oracle(bench, db=request.param)


@pytest.fixture
def oracle_with_db(bench: Bench) -> Oracle:
    """Compares runs that pause: agno can continue them only from a database."""
    return Oracle(bench, db=True)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Steps that fail on purpose would fill the log."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
