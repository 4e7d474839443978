"""AgentOS asks every workflow to keep its events (agno/os/app.py:1303), so that its routes can read them later."""

from __future__ import annotations

from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb

from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, names, patient, served


async def kept(site: Site, **form: Any) -> tuple[list[str], list[str]]:
    """What a run of its own told, and what of it is kept."""
    session = fresh()
    form = {"message": "go", "session_id": session, **form}
    if form.get("stream") == "true":
        told = names(await site.stream("/workflows/plain/runs", **form))
    else:
        told = []
        await site.http.post("/workflows/plain/runs", data=form)
    answer = await site.http.get(f"/sessions/{session}/runs", params={"type": "workflow"})
    [run] = answer.json()
    return told, [event["event"] for event in run["events"] or ()]


@pytest.mark.parametrize("stream", ["true", "false"], ids=["streamed", "not streamed"])
async def test_the_events_of_a_run_are_kept_as_in_plain_agentos(site: Site, stream: str) -> None:
    flows = Flows(InMemoryDb())
    app = agent_os([flows.all["plain"]], flows.db).get_app()
    async with served(app) as url, patient(url) as http:
        plain = await kept(Site(url, flows, http), stream=stream)
    assert await kept(site, stream=stream) == plain
    assert bool(plain[1]) == (stream == "true")


async def test_who_asks_for_the_same_run_elsewhere_is_given_it(site: Site, crew: Any) -> None:
    """What a row keeps is no part of what a run does."""
    bench, flows = crew
    session, run_id = fresh(), fresh()
    form = {"message": "go", "session_id": session, "run_id": run_id, "stream": "false"}
    answer = await site.http.post("/workflows/plain/runs", data=form)
    again = await bench.durable(flows.all["plain"]).arun("go", run_id=run_id, session_id=session)
    assert again.content == answer.json()["content"]
