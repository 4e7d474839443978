"""A receiver, and runs that tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.running.tools import Clock
from tests.webhooks.receiver import Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.up()
    yield receiver
    receiver.may_answer.set()
    await receiver.down()


@pytest.fixture
def clock(client: Client) -> Clock:
    return Clock(client)
