"""agno, ready to be asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from temporalio.client import Client

from tests.differential.oracle import Oracle


@pytest.fixture
def oracle(client: Client) -> Oracle:
    """Compares runs without a database and with one."""
    return Oracle(client, (False, True))


@pytest.fixture
def oracle_with_db(client: Client) -> Oracle:
    """Compares runs that pause: agno continues only what it finds in a database."""
    return Oracle(client, (True,))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Steps that fail on purpose would fill the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
