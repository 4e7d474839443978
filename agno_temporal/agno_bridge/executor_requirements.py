"""A paused executor as agno's `StepRequirement`, and what a client answered on it.

The client gets agno's own form of it: a list of `RunRequirement` dicts, which it changes in place, at either of two
levels, or replaces by `RunRequirement` objects (agno/run/requirement.py:275-360). All of that is read. Nothing but the
answers is: a client that changes a tool's name or arguments, or the result of a call that is not its own to give,
changes nothing.

A half-given answer is an error that names what is missing. agno takes what is missing for a rejection
(docs/differences.md, D22).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from agno.models.response import ToolExecution
from agno.run.requirement import RunRequirement
from agno.workflow.types import ExecutorType, OnReject, OnTimeout, StepRequirement, StepType

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.executor_pause import give
from agno_temporal.agno_bridge.tool_questions import question_ids, requirement_shown, tool_args_of
from agno_temporal.agno_bridge.tool_requirement import FILLED_IN, ToolRequirement
from agno_temporal.agno_bridge.values import decode, encode_each
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Leaf
from agno_temporal.hitl import Action, Decision, ToolAnswer, ToolKind, ToolQuestion
from agno_temporal.hitl.executor import answers_of
from agno_temporal.plan.data import Json


def executor_requirement(asked: Asked, bodies: Bodies) -> StepRequirement:
    """The requirement as agno's `_create_executor_step_requirement` fills it (agno/workflow/step.py:2706), with the
    answers, if it has them."""
    one = asked.requirement
    decision = None if asked.resolution is None else asked.resolution.decision
    answers = None if decision is None else answers_of(one, decision)
    shown = StepRequirement(
        step_id=one.id,
        step_name=one.step_name,
        step_index=one.step_index,
        step_type=StepType.STEP,
        requires_executor_input=True,
        executor_requirements=[_shown(question, asked, bodies, answers) for question in one.tools],
    )
    if one.executor is not None:
        shown.executor_id, shown.executor_name = one.executor.id, one.executor.name
        shown.executor_run_id, shown.executor_session_id = one.executor.run_id, one.executor.session_id
        shown.executor_type = ExecutorType(one.executor.type)
    if one.deadline is not None:
        shown.timeout_at = datetime.fromtimestamp(one.deadline, UTC)
        shown.on_timeout = OnTimeout(one.policy.on_timeout) if one.policy.on_timeout in _TIMEOUTS else "reject"
    if decision is not None and answers is None:  # Only the timer, or a cancelled run, answers none of them.
        shown.requires_executor_input, shown.confirmed = False, False
        shown.on_reject = OnReject.skip if decision.action is Action.SKIP else OnReject.cancel
    return shown


ASKS_FOR_ITSELF = "get_user_input"
"""The tool whose form is its result, and not its arguments."""

_TIMEOUTS = tuple(one.value for one in OnTimeout)


def executor_decision(requirement: StepRequirement, asked: Sequence[ToolQuestion] = ()) -> Decision | None:
    """The decision that an open requirement of a paused executor now holds; None if nothing was answered.

    `confirm()` and `reject()` on the requirement itself stand for the same on each of its tools.

    Args:
        asked: What the run itself asks there, where it still does: only so is it known which fields were changed, and
            which may be left empty.

    Raises:
        ValueError: The answers are not complete, or contradict each other.
        NotSerialisable: A value cannot be kept.
    """
    handed = requirement.executor_requirements or []
    given = [_parsed(one, requirement.step_name) for one in handed]
    ids = question_ids(given)
    questions = {one.id: one for one in asked}
    answers = {
        tool_id: _answer(one, requirement.step_name, questions.get(tool_id), _says_filled_in(raw))
        for tool_id, one, raw in zip(ids, given, handed, strict=True)
    }
    answered = {tool_id: answer for tool_id, answer in answers.items() if answer is not None}
    if not answered and requirement.confirmed is not None:
        note = None if requirement.confirmed else requirement.rejection_feedback
        answered = {tool_id: ToolAnswer(confirmed=requirement.confirmed, note=note) for tool_id in ids}
    if not answered:
        return None
    if missing := [_named(one) for tool_id, one in zip(ids, given, strict=True) if tool_id not in answered]:
        raise ValueError(
            f"Step {requirement.step_name!r}: only a part of what its tools ask is answered; {', '.join(missing)} "
            "is still open. Answer all of them: confirm(), reject(), provide_user_input(...), "
            "provide_user_feedback(...) or set_external_execution_result(...)."
        )
    return Decision(requirement.step_id, Action.ANSWER, answers=answered)


def _shown(
    question: ToolQuestion, asked: Asked, bodies: Bodies, answers: dict[str, ToolAnswer] | None
) -> ToolRequirement:
    args: Any = decode(question.tool_args, bodies.lenient)
    if question.args_size is not None and isinstance(asked.output, Leaf):
        args = tool_args_of(bodies.runs(asked.output)[0], question.requirement_id)
    requirement = requirement_shown(question, args, bodies.lenient)
    if answers is None:
        return ToolRequirement(requirement.to_dict())
    give(requirement, answers[question.id], bodies.lenient)
    tool = requirement.tool_execution
    if question.kind is ToolKind.USER_INPUT and tool is not None and tool.tool_name != ASKS_FOR_ITSELF:
        # What the tool is called with, as agno shows it once it was (agno/agent/_tools.py:767).
        fields = [one for one in tool.user_input_schema or () if _is_given(question, one)]
        tool.tool_args = {**(tool.tool_args or {}), **{one.name: one.value for one in fields}}
    return ToolRequirement(requirement.to_dict())


def _is_given(question: ToolQuestion, field: Any) -> bool:
    return field.value is not None or field.name not in question.keeps_default


def _says_filled_in(one: Any) -> bool:
    return isinstance(one, dict) and one.get(FILLED_IN) is True


def _parsed(one: Any, step_name: str | None) -> RunRequirement:
    if isinstance(one, dict):
        return RunRequirement.from_dict(deepcopy(one))
    if isinstance(one, RunRequirement):
        return one
    raise ValueError(f"Step {step_name!r}: executor_requirements has a {type(one).__name__}, which is no requirement.")


def _named(requirement: RunRequirement) -> str:
    tool = requirement.tool_execution
    return f"{tool.tool_name if tool else 'a tool'} ({requirement.pause_type})"


def _answer(
    requirement: RunRequirement, step_name: str | None, question: ToolQuestion | None, says_filled_in: bool
) -> ToolAnswer | None:
    tool = requirement.tool_execution or ToolExecution()
    match requirement.pause_type:
        case "confirmation":
            return _confirmation(requirement, tool, step_name)
        case "user_input":
            where = f"step {step_name!r} tool {tool.tool_name!r} "
            inner, outer = _values(tool.user_input_schema), _values(requirement.user_input_schema)
            values = {name: _as_called(outer.get(name) if one is None else one) for name, one in inner.items()}
            said = says_filled_in or tool.answered is True or inner != outer
            return _filled_in(encode_each(values, where), said, question, where)
        case "user_feedback":
            chosen = _selections(requirement, tool)
            return None if chosen is None else ToolAnswer(selections=chosen)
        case "external_execution":
            result = (
                tool.result if requirement.external_execution_result is None else requirement.external_execution_result
            )
            if result is not None and not isinstance(result, str):
                raise ValueError(f"Step {step_name!r}: the result of {tool.tool_name!r} is not text.")
            return None if result is None else ToolAnswer(result=result)


def _confirmation(requirement: RunRequirement, tool: ToolExecution, step_name: str | None) -> ToolAnswer | None:
    given: list[Any] = [one for one in (requirement.confirmation, tool.confirmed) if one is not None]
    if wrong := [one for one in given if not isinstance(one, bool)]:
        raise ValueError(f"Step {step_name!r}: {tool.tool_name!r} is confirmed={wrong[0]!r}: neither true nor false.")
    said = set(given)
    if len(said) > 1:
        raise ValueError(f"Step {step_name!r}: {tool.tool_name!r} is both confirmed and rejected. Say one of them.")
    if not said:
        return None
    confirmed = said.pop()
    return ToolAnswer(confirmed, None if confirmed else requirement.confirmation_note or tool.confirmation_note)


def _values(schema: list[Any] | None) -> dict[str, Any]:
    return {field.name: field.value for field in schema or ()}


def _as_called(value: Any) -> Any:
    """As agno writes it into the tool's call, a tuple as a list. What JSON cannot say is left for the run to refuse."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return value


def _filled_in(values: dict[str, Json], said: bool, question: ToolQuestion | None, where: str) -> ToolAnswer | None:
    """What was filled in. A form may come with every value from the model: that alone is no answer."""
    fields = {} if question is None else {field.name: field for field in question.form}
    models = {name: field.value for name, field in fields.items()}
    if not said and (question is None or values == models):
        return None
    empty = [name for name, one in fields.items() if one.required and one.value is None and values.get(name) is None]
    if empty:
        raise ValueError(f"{where[:1].upper()}{where[1:]}still needs {', '.join(empty)}: provide_user_input(...).")
    given = {name: value for name, value in values.items() if value is not None or models.get(name) is not None}
    return ToolAnswer(values=given)


def _selections(requirement: RunRequirement, tool: ToolExecution) -> dict[str, tuple[str, ...]] | None:
    chosen: dict[str, Any] = {one.question: one.selected_options for one in requirement.user_feedback_schema or ()}
    chosen |= {one.question: one.selected_options for one in tool.user_feedback_schema or () if one.selected_options}
    if not chosen or any(options is None for options in chosen.values()):
        return None
    return {question: tuple(options) for question, options in chosen.items()}
