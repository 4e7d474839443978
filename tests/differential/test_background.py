"""What a caller has in hand at once of a run in the background, and what it becomes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.workflow import Workflow
from pydantic import BaseModel

from agno_temporal.agno_bridge.request import InvalidInput
from tests.differential.blocks import agent, flow, says, tells_all
from tests.differential.comparable import comparable, differences
from tests.differential.known import unknown
from tests.support import Bench, eventually


class Topic(BaseModel):
    title: str


GIVEN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "user and metadata": {"user_id": "ana", "metadata": {"ticket": 7}},
    "everything else": {"additional_data": {"a": 1}, "dependencies": {"d": 1}, "session_state": {"n": 1}},
}


def make(**options: Any) -> Workflow:
    return flow(tells_all("a"), agent("Ann"), metadata={"own": 1}, telemetry=False, db=InMemoryDb(), **options)


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
async def test_it_is_shown_as_in_agno_at_once_and_at_its_end(bench: Bench, given: dict[str, Any]) -> None:
    plain, mine = make(), make()
    run = await plain.arun("go", background=True, session_id="s", **deepcopy(given))
    agnos = [comparable(run)]

    async with bench.worker(mine):
        durable = bench.durable(mine)
        ours_run = await durable.arun("go", background=True, session_id="s", **deepcopy(given))
        ours = [comparable(ours_run), comparable(await durable.acontinue_run(run_id=ours_run.run_id))]

    async def ended() -> bool:
        return str(run.status.value) == "COMPLETED"

    await eventually("agno's run to end", ended)
    agnos.append(comparable(run))
    assert not unknown(list(differences(agnos, ours, "run")))


async def test_an_input_that_does_not_fit_is_refused_before_anything_is_started(bench: Bench) -> None:
    workflow = flow(says("a"), input_schema=Topic)
    with pytest.raises(InvalidInput, match="title"):
        await bench.durable(workflow).arun({"name": "Bees"}, background=True, run_id=f"{bench.task_queue}-run")
    assert await bench.durable(workflow).aget_run(f"{bench.task_queue}-run") is None
