"""Letting a paused agent or team go on, in whatever process comes next.

The paused run is data by then, and three things are lost on the way that agno relies on, each without a word:

* the tool call in ``run.tools`` and the one in its requirement are one object while the run pauses, and two after it
  was read back. agno resumes by the first, so that a tool that was confirmed on the second is rejected
  (agno/agent/_run.py:4862 takes ``requirements=`` only with a run id). `tool_questions.paired` ties them again;
* the workflow's context is not passed, and a tool sees an empty session state and no dependencies
  (docs/differences.md, D25);
* the text of the pause is left in the run, and stands for its output if the model then fails (D24).

Only the executor goes on: what it did before the pause is in its run, and is not done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

from agno.models.response import ToolExecution
from agno.run.requirement import RunRequirement
from agno.run.team import TeamRunOutput
from agno.team import Team
from agno.workflow import Step
from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.executor_runs import ExecutorRun
from agno_temporal.agno_bridge.lookup import StepBlocked
from agno_temporal.agno_bridge.run_context import Surroundings
from agno_temporal.agno_bridge.tap import Streamed, Tap
from agno_temporal.agno_bridge.team_members import Members
from agno_temporal.agno_bridge.tool_questions import UnsupportedAtRunTime, paired, question_ids
from agno_temporal.agno_bridge.values import decode
from agno_temporal.hitl import ToolAnswer


def refuse_other_executor(step: Step, run: ExecutorRun, where: str) -> None:
    """An agent's run is no team's, and no function's: what is there now cannot go on with it.

    Raises:
        StepBlocked: The step has another kind of executor than the one that paused.
    """
    paused = "team" if isinstance(run, TeamRunOutput) else "agent"
    if step.executor_type != paused:
        raise StepBlocked(
            f"{where}: the run waits in a paused {paused} here, and this worker's workflow has a {step.executor_type}. "
            f"Deploy a version that has the {paused}, or cancel the run."
        )


def answer_run(run: ExecutorRun, answers: Mapping[str, ToolAnswer], where: str) -> None:
    """Put the answers into a paused run that was read back.

    Raises:
        UnsupportedAtRunTime: They are not the answers to what it asks.
    """
    asked = list(paired(run, where))
    ids = question_ids([requirement for requirement, _ in asked])
    if set(ids) != set(answers):
        raise UnsupportedAtRunTime(f"{where}: answered is {sorted(answers)}, and the paused run asks {sorted(ids)}.")
    earlier = _still_to_run(run)
    for tool_id, (requirement, tool) in zip(ids, asked, strict=True):
        requirement.tool_execution = tool
        give(requirement, answers[tool_id], lenient=False)
        _leave_out(tool, answers[tool_id])
    run.requirements = [*earlier, *(requirement for requirement, _ in asked)]


def _still_to_run(run: ExecutorRun) -> list[RunRequirement]:
    """A leader's own calls that were answered while a member paused again: agno leaves them for later, and forgets
    them if their requirements are gone (agno/workflow/workflow.py:361 keeps what was sent)."""
    waiting = {tool.tool_call_id for tool in run.tools or () if tool.is_paused}
    return [
        one
        for one in run.requirements or ()
        if one.member_agent_id is None
        and one.tool_execution is not None
        and one.tool_execution.tool_call_id in waiting
        and one.is_resolved()
    ]


def _leave_out(tool: ToolExecution, answer: ToolAnswer) -> None:
    """Take out of a form what nobody gave. agno calls the tool with each field of it, and None is no default."""
    given = answer.values or {}
    if tool.requires_user_input and tool.user_input_schema:
        tool.user_input_schema = [one for one in tool.user_input_schema if one.value is not None or one.name in given]


def give(requirement: RunRequirement, answer: ToolAnswer, lenient: bool) -> None:
    """Answer agno's requirement by agno's own methods."""
    match requirement.pause_type:
        case "confirmation":
            if answer.confirmed:
                requirement.confirm()  # type: ignore[no-untyped-call]
            else:
                requirement.reject(answer.note)
        case "user_input":
            values: Any = {name: decode(value, lenient) for name, value in (answer.values or {}).items()}
            requirement.provide_user_input(values)
            if requirement.tool_execution is not None:  # agno says so only where no field is left empty.
                requirement.tool_execution.answered = True
        case "user_feedback":
            requirement.provide_user_feedback({name: list(one) for name, one in (answer.selections or {}).items()})
        case "external_execution":
            requirement.set_external_execution_result(answer.result or "")


async def go_on(step: Step, run: ExecutorRun, around: Surroundings, where: str, tap: Tap | None = None) -> StepOutput:
    """Let the executor of a step go on with an answered run.

    Raises:
        StepBlocked: It is a team that has not the member which waits.
        Exception: Whatever its own code raised. A model that fails is no exception, but an output that says so, as when
            an agent runs for the first time.
    """
    executor: Any = step.active_executor
    context = replace(around.context, output_schema=getattr(executor, "output_schema", None))
    members = Members(context, run)
    if isinstance(executor, Team):
        executor = await members.of(executor)
        members.refuse_lost(executor, where)
    run.content = None
    if tap is not None:
        executor = Streamed(executor, tap)
    response = await executor.acontinue_run(run_response=run, run_context=context, stream=False)
    members.raise_any()
    return collected(step, response, around)


def collected(step: Step, response: Any, around: Surroundings) -> StepOutput:
    """What the executor of a step did, as the step's output; its run is put with those that `around` collects."""
    collecting(step)._store_executor_response(around.scratch, response)
    output: StepOutput = step._process_step_output(response)
    output.is_paused = bool(response.is_paused)
    return output


def collecting(step: Step) -> Any:
    """A copy of a step that keeps the messages of a paused run whole: with ``store_tool_messages=False`` agno drops the
    very call that waits, and the model would be given a result for a call it never made."""
    keeper: Any = copy(step)

    def store(scratch: Any, response: Any) -> None:
        executor: Any = step.active_executor
        messages = deepcopy(response.messages) if response is not None and response.is_paused else None
        step._store_executor_response(scratch, response)
        if messages is not None and not executor.store_tool_messages:
            response.messages = [one for one in messages if executor.store_history_messages or not one.from_history]

    keeper._store_executor_response = store
    return keeper
