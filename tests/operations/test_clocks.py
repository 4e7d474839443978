"""A clock that is off by an hour, and a caller that forges times: no decision depends on either.

The API's process is given another time by libfaketime, so that Temporal's client and the library of tokens have it too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agno_temporal.contract.manifest import Asked
from tests.operations.app import App, ended, waiting
from tests.operations.page import Section
from tests.running.outage import outage
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, confirm, deciders
from tests.support import Bench

LEFT = {"Prefer": "respond-async, wait=0"}


@pytest.fixture
def an_hour() -> dict[str, str]:
    """The environment of a process whose clock is another one: FAKETIME says by how much it is off."""
    places = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), *Path("/usr/lib").glob("faketime/*MT.so.1")]
    if not places:
        assert not os.environ.get("CI"), "libfaketime is not installed"
        pytest.skip("libfaketime is not installed")
    return {"LD_PRELOAD": str(places[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.slow
@pytest.mark.parametrize(("off", "way"), [("+3600", "ahead of"), ("-3600", "behind")])
async def test_an_api_whose_clock_is_off_decides_as_any_other(
    app: App, an_hour: dict[str, str], off: str, way: str
) -> None:
    """Each gate is open for half an hour, which is over by a clock that is ahead."""
    page = Section("The clock of an API is off")
    worker = await app.worker()
    _, http = await app.api(**an_hour, FAKETIME=off)
    ready = await http.get("/ready")
    run_id, question = await waiting(http)
    decided = await http.post(f"{question}/confirm")
    run = await ended(http, run_id)
    later, left_question = await waiting(http)
    doctor = await app.said("doctor", "app.py", code=3, **an_hour, FAKETIME=off)
    worker.kill()
    left = await http.post(f"{left_question}/confirm", headers=LEFT)
    await app.worker()
    taken = await ended(http, later)

    assert ready.status_code == 200, ready.text
    assert decided.status_code == 200, decided.text
    assert left.status_code == 202, left.text
    for one in (run, taken):
        assert (one["status"], one["decisions"][0]["action"]) == ("COMPLETED", "confirm")
    page.shows("This machine's clock is", doctor)
    assert f"{way} Temporal's" in " ".join(doctor.split())


@pytest.mark.parametrize("name", ["at", "decided_at", "now", "deadline", "expires_at", "timeout"])
async def test_a_body_that_names_a_time_is_refused(name: str) -> None:
    """A decision has none: when it came is what Temporal's server says."""
    from agno_temporal.api.decision_bodies import BODIES

    for body in BODIES:
        assert name not in body.model_fields
        assert body.model_config["extra"] == "forbid"


async def test_a_signal_that_claims_to_be_of_long_ago_is_as_late_as_it_is(bench: Bench) -> None:
    """Temporal's own signals take anything, from anybody."""
    forged = {"at": 0, "decided_at": "1970-01-01T00:00:00Z", "now": 0, "deadline": 4e9, "timeout": 1e9}

    async def late(run_id: str, asked: Asked) -> None:
        handle = bench.client.get_workflow_handle(run_id)
        await handle.signal("confirm", {"requirement_id": asked.requirement.id, "decided_by": "eve", **forged})
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="skip")
    run = await outage(bench, Clock(bench.client), at, late=late)
    assert deciders(run) == ["system:timer"]
    assert at.ran == ["before", "after"]
    assert len(run.refused) == 2
    Section("A caller sends times").shows("refused", "refused")
