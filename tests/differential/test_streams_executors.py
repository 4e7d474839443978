"""The events of agents and teams that pause at a tool, and go on: with agno's own, before the pause and after it."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import HumanReview, Step

from tests.differential.blocks import flow, says, tells
from tests.differential.streams import StreamOracle
from tests.differential.test_streams_pauses import IGNORING, confirm
from tests.tool_script import answered, caller, count, delegate, drop, fill, leader, no, send, yes

pytestmark = pytest.mark.sweep

DROP = ("drop", {"table": "users"})


def around(executor: Any, **options: Any) -> Any:
    kind = "team" if hasattr(executor, "members") else "agent"
    return flow(says("first"), Step(name="subject", **{kind: executor}, **options), tells("last"))


PAUSES: dict[str, tuple[Any, list[Any]]] = {
    "confirmed": (lambda: around(caller([DROP], tools=[drop])), [answered(yes)]),
    "rejected": (lambda: around(caller([DROP], tools=[drop])), [answered(no("not on a Friday"))]),
    "one after the other": (
        lambda: around(caller([DROP], [("send", {"subject": "s"})], tools=[drop, send])),
        [answered(yes), answered(fill(to="ben", copies=1))],
    ),
    "beside a tool that runs": (
        lambda: around(caller([DROP, ("count", {"table": "users"})], tools=[drop, count])),
        [answered(yes)],
    ),
    "reviewed": (
        lambda: around(caller([DROP], tools=[drop]), human_review=HumanReview(requires_output_review=True)),
        [answered(yes), confirm],
    ),
    "a tool of a team": (lambda: around(leader([DROP], tools=[drop])), [answered(yes)]),
    "a tool of a member": (
        lambda: around(leader([delegate("mem")], members=[caller([DROP], name="mem", tools=[drop])])),
        [answered(yes)],
    ),
}


@pytest.fixture
def streams(client: Any) -> StreamOracle:
    return StreamOracle(client)


@pytest.mark.parametrize(("make", "answers"), PAUSES.values(), ids=PAUSES)
async def test_the_events_of(streams: StreamOracle, make: Any, answers: list[Any]) -> None:
    await streams.agrees(make, "go", *answers, ignoring=IGNORING)
