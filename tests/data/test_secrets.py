"""With encryption on, nothing that a run is about is in Temporal in plain, nor in a log: ids and names only.

A secret of its own is planted in every place where a run takes or gives data, so that one that is found says where it
came from. The run's row in agno's database, and what agno itself logs, are not looked at: they are plain, and
docs/data.md says so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from agno.tools import tool
from agno.workflow import HumanReview, Step, Workflow
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.hitl import Action, Decision, ToolAnswer
from tests.api.served import over
from tests.data.scenes import OLD, having
from tests.support import Bench, eventually
from tests.tool_script import caller
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import telling


def planted(place: str) -> str:
    return f"s3cret-{place}"


def found(text: str) -> list[str]:
    """The places of the secrets that a text holds."""
    return sorted({word.split('"')[0].split("'")[0].split("\\")[0][:30] for word in text.split("s3cret-")[1:]})


def secretive() -> Workflow:
    """A step that fails first, an agent whose tool is asked about, a form, an edit, a rejection, and a failure."""
    tries: list[int] = []

    def flaky(step_input: Any, session_state: dict[str, Any]) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError(planted("exception"))
        session_state["kept"] = planted("state-of-step")
        return planted("output")

    @tool(requires_confirmation=True)
    def drop(table: str) -> str:
        """Drops a table."""
        return planted("tool-result")

    def fails(step_input: Any) -> str:
        raise RuntimeError(planted("last-exception")) from KeyError(planted("cause"))

    agent = caller([("drop", {"table": planted("tool-argument")})], tools=[drop])
    form = [{"name": "word", "field_type": "str"}]
    shown = planted("message")
    asking = HumanReview(
        requires_confirmation=True, confirmation_message=shown, requires_user_input=True, user_input_schema=form
    )
    reviewed = HumanReview(requires_output_review=True, on_reject="retry")
    steps = [
        Step(name="flaky", executor=flaky, max_retries=2),
        Step(name="agent", agent=agent),
        Step(name="form", executor=lambda _: planted("output-of-form"), human_review=asking),
        Step(name="reviewed", executor=lambda _: planted("output-under-review"), human_review=reviewed),
        Step(name="fails", executor=fails, max_retries=1, human_review=HumanReview(on_error="fail")),
    ]
    return Workflow(name="secretive", steps=steps, metadata={"of": planted("metadata-of-workflow")})


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, at DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def in_temporal(bench: Bench, *workflow_ids: str) -> str:
    """All that Temporal shows of these workflows and of the queue: histories, descriptions, lists."""
    seen: list[Any] = []
    for workflow_id in workflow_ids:
        handle = bench.client.get_workflow_handle(workflow_id)
        seen += [(await handle.fetch_history()).to_json(), (await handle.describe()).raw_description]
        seen += [event.SerializeToString() for event in (await handle.fetch_history()).events]
    lists = ListWorkflowExecutionsRequest(namespace="default", query=f"TaskQueue STARTS_WITH '{bench.task_queue}'")

    async def listed() -> Any:
        answer = await bench.client.workflow_service.list_workflow_executions(lists)
        return answer if len(answer.executions) >= len(workflow_ids) else None

    seen.append(await eventually("the lists", listed))
    return " ".join(one if isinstance(one, str) else repr(one) for one in seen)


async def test_nothing_of_a_run_is_in_plain_in_temporal_or_in_a_log(
    bench: Bench, receiver: Receiver, logged: pytest.LogCaptureFixture
) -> None:
    ours = having(bench, OLD)
    workflow = secretive()
    service = new_service([workflow], ours.client, task_queue=bench.task_queue)
    async with ours.worker(workflow, webhooks=telling(receiver)), over(create_app(service)) as http:
        body = {
            "workflow_id": "secretive",
            "input": planted("input"),
            "additional_data": {"a": planted("additional-data")},
            "session_state": {"a": planted("session-state")},
            "metadata": {"a": planted("metadata")},
            "user_id": "ana",
        }
        run_id = (await http.post("/v1/runs", json=body)).json()["run_id"]
        (asked,) = await ours.paused(run_id)
        answers = {one.id: ToolAnswer(confirmed=True) for one in asked.requirement.tools}
        await ours.runs.decide(run_id, Decision(asked.requirement.id, Action.ANSWER, answers=answers))
        (asked,) = await ours.paused(run_id)
        place = f"/v1/runs/{run_id}/requirements"
        refused = await http.post(f"{place}/{asked.requirement.id}/confirm", json={"values": {"w": planted("refused")}})
        assert refused.status_code == 422
        values = {"values": {"word": planted("form")}}
        assert (await http.post(f"{place}/{asked.requirement.id}/confirm", json=values)).status_code == 200
        (asked,) = await ours.paused(run_id)
        rejection = {"feedback": planted("feedback")}
        assert (await http.post(f"{place}/{asked.requirement.id}/reject", json=rejection)).status_code == 200
        (asked,) = await ours.paused(run_id)
        edit = Decision(asked.requirement.id, Action.EDIT, edited_output=planted("edit"))
        await ours.runs.signal(run_id, edit)
        await ours.ended(run_id)
        documents = [(await http.get(f"/v1/runs/{run_id}{part}")).json() for part in ("", "/output")]
        whole = json.dumps(documents)
        told = await receiver.has("run.finished")
    for place in ("input", "output", "form", "edit", "metadata", "last-exception"):
        assert planted(place) in whole, place
    assert found(await in_temporal(bench, run_id, *{message.id for message in told})) == []
    ours_said = [one for one in logged.records if not one.name.startswith("agno-") and one.name != "agno"]
    assert found("\n".join(logging.Formatter().format(record) for record in ours_said)) == []
