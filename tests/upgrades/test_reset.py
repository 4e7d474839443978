"""`temporal workflow reset`: a run is put back to an earlier place in its history, decisions and all.

Temporal sends the updates and signals that came later to the run again, at once. A gate that is open at that place
takes its decision again; one that opens later asks anew, because nobody has decided about what it shows now.
"""

from __future__ import annotations

import pytest

from tests.support import Bench
from tests.upgrades.resets import Scene


@pytest.mark.parametrize("by", ["update", "signal"])
async def test_put_back_behind_a_decision_the_run_keeps_it(bench: Bench, by: str) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        await bench.paused(scene.run_id)
        opened = (await scene.tasks())[-1]
        await scene.decide(by)
        before = await scene.waits_at()
        await scene.reset(next(task for task in await scene.tasks() if task > opened))
        assert await scene.waits_at() == before
        assert scene.ran == ["g", "b"]
        manifest = await bench.runs.manifest(scene.run_id)
        assert [one.resolution and one.resolution.decision.decided_by for one in manifest.asked] == ["ana", None]
        await scene.decide(by)
        assert (await bench.ended(scene.run_id)).status == "COMPLETED"


@pytest.mark.parametrize("by", ["update", "signal"])
async def test_put_back_before_a_gate_the_run_asks_again_and_says_what_it_did_not_take(bench: Bench, by: str) -> None:
    """The same question has the same id, so that whoever looks at it decides it."""
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        first = await scene.waits_at()
        await scene.decide(by)
        await bench.paused(scene.run_id)
        await scene.reset((await scene.tasks())[0])
        assert await scene.waits_at() == first
        assert scene.ran == ["a"]
        manifest = await bench.runs.manifest(scene.run_id)
        assert ["has no requirement" in text for text in manifest.refused] == ([True] if by == "signal" else [])
        await scene.decide(by, "bob")
        await scene.decide(by, "bob")
        ended = await bench.ended(scene.run_id)
    assert [one.resolution.decision.decided_by for one in ended.asked if one.resolution] == ["bob", "bob"]
    assert scene.ran == ["a", "g", "b", "h", "c"]


async def test_events_are_counted_from_where_the_run_was_put_back_to(bench: Bench) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        await scene.start()
        await bench.paused(scene.run_id)
        at_g = await bench.runs.told(scene.run_id)
        await scene.decide("update")
        await bench.paused(scene.run_id)
        task = (await scene.tasks())[0]
        await scene.decide("update")
        await bench.ended(scene.run_id)
        undisturbed = [(number, event.event) for number, event in await bench.runs.told(scene.run_id)]
        await scene.reset(task)
        await bench.paused(scene.run_id)
        again = await bench.runs.told(scene.run_id)
        assert [(number, event.event) for number, event in again] == [(n, event.event) for n, event in at_g]
        await scene.decide("update")
        await scene.decide("update")
        await bench.ended(scene.run_id)
        assert [(number, event.event) for number, event in await bench.runs.told(scene.run_id)] == undisturbed
