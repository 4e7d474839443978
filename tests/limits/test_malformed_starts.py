"""A start in another language, by hand, or with a slip: the run fails at once and says what it expected.

An exception while the arguments are decoded would fail the workflow task, which Temporal repeats for ever.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from agno.workflow import Step, Workflow

from tests.support import Bench

WORKFLOW = Workflow(name="plain", steps=[Step(name="a", executor=lambda _: "done")])


async def started(bench: Bench, *arguments: Any) -> str:
    run_id = f"run-{uuid.uuid4()}"
    async with bench.worker(WORKFLOW):
        await bench.client.start_workflow("plain", args=list(arguments), id=run_id, task_queue=bench.task_queue)
        await bench.ended(run_id)
    return run_id


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "expected one, got 0. Send", id="nothing"),
        pytest.param([{"input": "x"}, {}], "expected one, got 2", id="two-objects"),
        pytest.param(["x"], "request: expected an object, got str. Send one object", id="text"),
        pytest.param([None], "expected an object, got NoneType.", id="null"),
        pytest.param([[{"input": "x"}]], "expected an object, got list.", id="list"),
        pytest.param([b"\x00\xff"], "expected an object, got", id="bytes"),
        pytest.param(
            [{"input": "x", "user_id": 7}], "request: user_id: expected str, got int. Send", id="number-for-text"
        ),
        pytest.param(
            [{"input": "x", "session_id": ["s"]}], "request: session_id: expected str, got list.", id="list-for-text"
        ),
        pytest.param([{"input": "x", "session_state": "s"}], "session_state is an object, not str", id="state"),
        pytest.param([{"input": "x", "additional_data": [1]}], "additional_data is an object", id="additional-data"),
        pytest.param([{"input": "x", "images": "cat.png"}], "images", id="images"),
        pytest.param([{"input": {"$type": "no-such-kind"}}], "no-such-kind", id="unknown-kind-of-value"),
        pytest.param([{"session_state": {"a": {"$type": "?"}}}], "'?' cannot be read", id="unknown-kind-in-the-state"),
    ],
)
async def test_a_start_that_is_no_request_fails_and_says_why(bench: Bench, arguments: list[Any], says: str) -> None:
    run = await bench.runs.run_output(await started(bench, *arguments))
    assert run.status == "ERROR"
    assert says in run.content


async def test_a_start_with_a_field_of_a_later_version_is_taken(bench: Bench) -> None:
    """An older worker may get it during a deploy."""
    run = await bench.runs.run_output(await started(bench, {"input": "x", "of_a_later_version": True}))
    assert run.content == "done"
