"""Time that is moved on for one run at a time, on the server that all tests share."""

from __future__ import annotations

import pytest
from temporalio.client import Client

from tests.running.tools import Clock


@pytest.fixture
def clock(client: Client) -> Clock:
    return Clock(client)
