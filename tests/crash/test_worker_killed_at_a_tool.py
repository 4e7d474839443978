"""A worker is killed around an agent's pause: another process goes on from the run, and repeats nothing of it."""

from __future__ import annotations

from tests.crash.conftest import Scene

UNDISTURBED = "b, after got seen | worked"


async def test_killed_while_a_tool_waits_another_process_goes_on_with_the_agent(scene: Scene) -> None:
    first, second = scene.worker("pausing_agent"), scene.worker("pausing_agent")
    scene.journal.release()
    await first.start()
    await scene.start()
    before = await scene.bench.paused(scene.run_id)
    first.kill()
    await second.start()
    assert await scene.bench.paused(scene.run_id) == before
    await scene.confirm()
    assert await scene.content() == UNDISTURBED
    assert [(line.event, line.step) for line in scene.journal.lines()] == [
        ("looked", "0#1"),
        ("began", "0#1.1"),
        ("ended", "0#1.1"),
        ("began", "1#1"),
        ("ended", "1#1"),
    ]
    assert len({line.pid for line in scene.journal.lines()}) == 2


async def test_killed_while_a_confirmed_tool_works_it_repeats_the_tool_and_neither_question_nor_what_came_before(
    scene: Scene,
) -> None:
    first, second = scene.worker("pausing_agent"), scene.worker("pausing_agent")
    await first.start()
    await scene.start()
    await scene.confirm()
    await scene.journal.seen("began", "0#1.1")
    first.kill()
    scene.journal.release()
    await second.start()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("looked") == ["0#1"]
    assert scene.journal.steps("began") == ["0#1.1", "0#1.1", "1#1"]
    assert len((await scene.bench.runs.manifest(scene.run_id)).asked) == 1
