"""A run is written whatever raises in it, in whichever field and however deep, and the rest of it as agno writes it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from agno.models.message import Message
from agno.run.agent import RunOutput
from agno.run.base import CancellationStage, RunStatus
from agno.run.team import TeamRunOutput
from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import StepInput, StepOutput, StepRequirement

from agno_temporal.agno_bridge.row_runs import question_row, run_row
from agno_temporal.agno_bridge.row_values import row_value
from tests.bridge.raising import OF_A_TEAM, OF_A_WORKFLOW, OF_AN_AGENT, Document, Refusing, refusing

ODD: dict[type[Any], dict[str, Any]] = {
    WorkflowRunOutput: OF_A_WORKFLOW,
    RunOutput: OF_AN_AGENT,
    TeamRunOutput: OF_A_TEAM,
}

WRITTEN: dict[type[Any], dict[str, Any]] = {
    WorkflowRunOutput: {"workflow_name": "w", "parent_run_id": "p", "step_results": [StepOutput(content="x")]},
    RunOutput: {"agent_id": "a", "messages": [Message(id="m", role="user", content="x", created_at=1)]},
    TeamRunOutput: {"team_id": "t", "member_responses": [RunOutput(agent_id="a", content="x", created_at=1)]},
}
"""What agno can write of them."""

PLAIN = (str, int, str | None, int | None, RunStatus, CancellationStage | None)

PASSED_ON = {"metadata", "followups", "pause_kind"}
"""agno calls nothing of theirs."""


def row_of(run: WorkflowRunOutput) -> dict[str, Any]:
    """The row of a run that agno cannot write. It can read it again."""
    with pytest.raises(Exception, match=r"invalid utf-8|not (written|serialised|copied)"):
        run.to_dict()
    row = run_row(run, strict_text=True)
    assert WorkflowRunOutput.from_dict(json.loads(json.dumps(row, allow_nan=False))).run_id == run.run_id
    return row


@pytest.mark.parametrize("cls", ODD)
def test_each_field_is_looked_at(cls: type[Any]) -> None:
    asked = {field.name for field in dataclasses.fields(cls) if field.type not in PLAIN}
    assert asked == ODD[cls].keys() | (PASSED_ON & asked)


@pytest.mark.parametrize(("cls", "name"), [(cls, name) for cls, odd in ODD.items() for name in odd])
def test_what_raises_is_written_and_all_else_as_agno_does(cls: type[Any], name: str) -> None:
    one = cls(**{"run_id": "r", "created_at": 1, **WRITTEN[cls], name: ODD[cls][name]})
    inner = WorkflowRunOutput(run_id="inner", workflow_name="inner", parent_run_id="outer", step_executor_runs=[one])
    row = row_of(WorkflowRunOutput(run_id="outer", step_executor_runs=[inner]))

    shown = row["step_executor_runs"][0]["step_executor_runs"][0]
    assert name in shown
    setattr(one, name, None)
    assert {key: value for key, value in shown.items() if key != name} == row_value(one.to_dict(), strict_text=True)


def test_what_is_beside_it_in_a_list_is_as_agno_writes_it() -> None:
    good = StepOutput(step_name="good", content=3.5)
    row = row_of(WorkflowRunOutput(run_id="r", step_results=[[good, StepOutput(content=Document())], good]))

    whole = row_value(good.to_dict(), strict_text=True)
    assert [one == whole for one in row["step_results"]] == [True, False, True]
    assert row["step_results"][1]["content"] == {"raw": "JVBERi0xLjcKJeLjz9M="}


def test_of_an_agent_s_events_those_are_left_out_that_raise() -> None:
    row = row_of(WorkflowRunOutput(step_executor_runs=[RunOutput(agent_id="a", events=OF_AN_AGENT["events"])]))
    assert [one["content"] for one in row["step_executor_runs"][0]["events"]] == ["x"]


def test_what_a_human_is_asked_about_may_raise() -> None:
    outputs = {"before": StepOutput(content=Document()), "first": StepOutput(content="x")}
    given = StepInput(input=Refusing(), previous_step_content=Document(), previous_step_outputs=outputs)
    asked = StepRequirement(step_id="s", step_input=given, step_output=outputs["before"], edited_output=Document())

    document = {"raw": "JVBERi0xLjcKJeLjz9M="}
    row = question_row(asked, strict_text=True)
    assert (row["step_output"]["content"], row["edited_output"]) == (document, document)
    [whole] = row_of(WorkflowRunOutput(step_requirements=[asked]))["step_requirements"]
    assert whole["step_input"]["input"] == {"name": "report"}
    assert json.loads(whole["step_input"]["previous_step_content"]) == document
    assert [one["content"] for one in whole["step_input"]["previous_step_outputs"].values()] == [document, "x"]


def test_a_run_that_always_raises_is_written_field_by_field() -> None:
    agent = refusing(RunOutput(run_id="a", agent_id="a", content=Refusing(), messages=[Message(content="x", role="u")]))
    [row] = row_of(WorkflowRunOutput(step_executor_runs=[agent]))["step_executor_runs"]
    assert (row["run_id"], row["content"], row["messages"][0]["content"]) == ("a", {"name": "report"}, "x")
