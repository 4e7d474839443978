"""How many streams a caller may have open at once: the next one is refused, and told what to do."""

from __future__ import annotations

import httpx
import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.problems import Problem
from agno_temporal.api.service import new_service
from agno_temporal.api.settings import settings_from
from agno_temporal.api.streams import Streams
from agno_temporal.connect.settings import BadSetting
from tests.api.deciding import ByName
from tests.api.following import gated
from tests.api.served import problem
from tests.api.serving import serving
from tests.api.subscribing import subscribed
from tests.support import Bench, eventually


def test_each_caller_has_as_many_as_is_said_and_gets_one_back_for_each_that_ends() -> None:
    streams = Streams(1)
    with streams.one_more("ana"), streams.one_more("ben"), pytest.raises(Problem) as refused, streams.one_more("ana"):
        pass
    assert (refused.value.status, refused.value.type) == (429, "too-many-streams")
    with streams.one_more("ana"):
        pass
    assert not streams._open


def test_a_limit_of_none_at_all_refuses_to_start() -> None:
    assert settings_from({"AGNO_TEMPORAL_API_STREAMS": "7"}).streams == 7
    with pytest.raises(BadSetting, match="AGNO_TEMPORAL_API_STREAMS=0 lets nobody follow a run"):
        settings_from({"AGNO_TEMPORAL_API_STREAMS": "0"})


async def test_one_too_many_is_refused_and_there_is_room_again_when_another_is_left(bench: Bench) -> None:
    workflow = gated()
    service = new_service([workflow], bench.client, task_queue=bench.task_queue, access=ByName(), most_streams=2)
    async with bench.worker(workflow), serving(create_app(service)) as url:
        run_id = await bench.start(workflow)
        address = f"{url}/v1/runs/{run_id}/events"
        async with httpx.AsyncClient(headers={"x-name": "ana"}, timeout=60) as http:
            async with subscribed(http, address, 2) as readers:
                for reader in readers:
                    await reader.saw("StepPaused")
                refused = await http.get(address)
                pages = await http.get(address, headers={"Accept": "application/json"})
                async with http.stream("GET", address, headers={"x-name": "ben"}) as others:
                    assert others.status_code == 200

            async def there_is_room() -> bool:
                async with http.stream("GET", address) as answer:
                    return answer.status_code == 200

            await eventually("room for a stream", there_is_room)

    body = problem(refused, 429, "too-many-streams")
    assert body["limit"] == 2
    assert "may have no more" in body["detail"]
    assert int(refused.headers["retry-after"]) > 0
    assert pages.status_code == 200
