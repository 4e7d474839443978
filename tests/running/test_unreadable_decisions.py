"""Decisions with values that nobody can read: refused before anything changes, however they are sent.

Recorded, such a decision would be the answer for good, and the step that gets it would fail in every worker. A value of
a class that only other workers know is another matter: it is taken, and waits for them where everybody can see it.
"""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from agno_temporal.contract import names
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import RefusalCode
from agno_temporal.workflows import handlers
from tests.running.executor_scenes import tool_scene
from tests.running.scenes import GATES, Scene, scene
from tests.running.tools import confirm, deciders, event_counts, replays
from tests.support import Bench, eventually

NONSENSE = {"$type": "nonsense"}
UNLOADED = {"$type": "model", "class": "shop.not_here:Order", "data": {"id": 7}}
ANY_FORM = {"requires_user_input": True}

BAD: dict[str, tuple[dict[str, Any], str, str, dict[str, Any], str]] = {
    "an edit": (GATES["review"], "edit", "edit", {"edited_output": {"report": [NONSENSE]}}, "edited_output"),
    "a form": (ANY_FORM, "provide_input", "input", {"values": {"when": {"$type": "date", "value": "soon"}}}, "when"),
    "a name": (ANY_FORM, "provide_input", "input", {"values": {"$type": "tuple", "items": []}}, "$type"),
}
bad = pytest.mark.parametrize(("gate", "signal", "action", "content", "field"), BAD.values(), ids=BAD)


async def waiting_at(bench: Bench, at: Scene) -> tuple[WorkflowHandle[Any, Any], Asked]:
    run_id = await bench.start(at.workflow)
    [asked] = await bench.paused(run_id)
    return bench.client.get_workflow_handle(run_id), asked


async def refused(handle: WorkflowHandle[Any, Any], decision: dict[str, Any]) -> Any:
    with pytest.raises(WorkflowUpdateFailedError) as error:
        await handle.execute_update(names.DECIDE, decision)
    return error.value.cause


@bad
async def test_an_update_that_nobody_can_read_is_refused_and_leaves_no_trace(
    bench: Bench, gate: dict, signal: str, action: str, content: dict, field: str
) -> None:
    at = scene(**gate)
    async with bench.worker(at.workflow):
        handle, asked = await waiting_at(bench, at)
        before = await event_counts(bench.client, handle.id)
        cause = await refused(handle, {"requirement_id": asked.requirement.id, "action": action, **content})

        assert await event_counts(bench.client, handle.id) == before
        assert await bench.paused(handle.id) == [asked]
    assert (cause.type, cause.details[0]["fields"]) == (RefusalCode.INVALID_INPUT, [field])


@bad
async def test_a_signal_that_nobody_can_read_is_shown_and_the_next_decision_counts(
    bench: Bench, gate: dict, signal: str, action: str, content: dict, field: str
) -> None:
    at = scene(**gate)
    good = {"edited_output": "better"} if action == "edit" else {"values": {"when": "now"}}
    async with bench.worker(at.workflow):
        handle, asked = await waiting_at(bench, at)
        await handle.signal(signal, {"requirement_id": asked.requirement.id, "decided_by": "eve", **content})
        await handle.signal(signal, {"requirement_id": asked.requirement.id, "decided_by": "ana", **good})
        run = await bench.ended(handle.id)

    assert (run.status, deciders(run)) == ("COMPLETED", ["ana"])
    assert [note.startswith(f"{signal}: The decision cannot be read: {field}: ") for note in run.refused] == [True]
    await replays(bench.client, handle.id)


async def test_a_tool_is_not_answered_with_what_nobody_can_read(bench: Bench) -> None:
    at = tool_scene()
    async with bench.worker(at.workflow):
        handle, asked = await waiting_at(bench, at)
        [tool] = asked.requirement.tools
        answers = {tool.id: {"confirmed": True, "values": {"x": NONSENSE}}}
        await handle.signal("answer", {"requirement_id": asked.requirement.id, "answers": answers})

        async def shown() -> bool:
            return bool((await bench.runs.manifest(handle.id)).refused)

        await eventually("the refused signal", shown)
        assert await bench.paused(handle.id) == [asked]
        [note] = (await bench.runs.manifest(handle.id)).refused
    assert note.startswith(f"answer: The decision cannot be read: {tool.id}: x: a value of type 'nonsense'")


async def test_what_an_older_version_took_is_taken_on_replay(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    at = scene(**GATES["review"])
    with monkeypatch.context() as older:
        older.setattr(handlers, "unreadable", lambda decision: None)
        async with bench.worker(at.workflow):
            handle, asked = await waiting_at(bench, at)
            await handle.signal("edit", {"requirement_id": asked.requirement.id, "edited_output": NONSENSE})

            async def passed_on() -> bool:
                return (await event_counts(bench.client, handle.id))["ACTIVITY_TASK_SCHEDULED"] > 2

            await eventually("the step after the edit", passed_on)
    await replays(bench.client, handle.id)


async def test_a_signal_that_can_be_read_writes_no_marker_of_the_patch(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        handle, asked = await waiting_at(bench, at)
        await bench.runs.signal(handle.id, confirm(asked))
        await bench.ended(handle.id)
        history = await handle.fetch_history()

    patches = [one for one in history.events if "core_patch" in str(one.marker_recorded_event_attributes.marker_name)]
    assert patches == []


async def test_an_edit_of_a_class_that_only_other_workers_know_is_taken(bench: Bench) -> None:
    at = scene(**GATES["review"])
    async with bench.worker(at.workflow):
        handle, asked = await waiting_at(bench, at)
        edit = {"requirement_id": asked.requirement.id, "action": "edit", "edited_output": UNLOADED}
        recorded = await handle.execute_update(names.DECIDE, edit)
        await handle.terminate()

    assert recorded["decision"]["edited_output"] == UNLOADED
