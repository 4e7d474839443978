"""What a paused agent or team asks, read off its run; and agno's `RunRequirement`, made of that again for readers.

agno finds an answer's tool call by its id. Some models repeat ids, and then one answer stands for two calls
(agno/workflow/workflow.py:364). So calls that share an id are named by their requirements' ids, which are unique, and
`paired` ties each requirement to a call of its own.

A tool's arguments may be a whole file, and what is asked travels with every look at the run. So large ones are left
out, and read from the paused run itself where they are shown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from agno.models.response import ToolExecution
from agno.run.requirement import RunRequirement
from agno.team import Team

from agno_temporal.agno_bridge.empty_arguments import optional_arguments, takes_none
from agno_temporal.agno_bridge.executor_runs import ExecutorRun, in_key_order
from agno_temporal.agno_bridge.values import decode, encode
from agno_temporal.contract.tasks import ExecutorPause
from agno_temporal.hitl import Choice, Option, PausedExecutor, ToolKind, ToolQuestion
from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json, to_json

MAX_ARGS_BYTES = 8 * 1024
"""Up to this size a call's arguments travel with the question."""

MAX_ASKED_BYTES = 128 * 1024
"""What one pause may ask, with what the model filled into forms: it is in every look at the run, beside what others
ask."""


class UnsupportedAtRunTime(RuntimeError):
    """The step did what this version cannot run durably. The run ends; nothing is skipped."""


def pause_of(executor: Any, run: ExecutorRun, where: str) -> ExecutorPause:
    """What a paused run asks (agno/workflow/step.py:2683).

    Raises:
        UnsupportedAtRunTime: It asks nothing that can be answered.
        NotSerialisable: An argument cannot be kept.
    """
    asked = list(paired(run, where))
    ids = question_ids([one for one, _ in asked])
    questions = tuple(
        _question(executor, tool_id, requirement, tool, f"{where} tool {tool.tool_name!r}")
        for tool_id, (requirement, tool) in zip(ids, asked, strict=True)
    )
    if not questions:
        raise UnsupportedAtRunTime(f"{where}: {executor.name!r} paused, but none of its tools asks anything.")
    size = len(json.dumps(to_json(questions)))
    if size > MAX_ASKED_BYTES:
        raise UnsupportedAtRunTime(
            f"{where}: what the tools of {executor.name!r} ask has {size} bytes; at most {MAX_ASKED_BYTES} are taken. "
            "Let the model pass a reference instead of a large value (docs/limits.md)."
        )
    paused = PausedExecutor(
        type="team" if isinstance(executor, Team) else "agent",
        id=getattr(executor, "id", None) or getattr(executor, "agent_id", None),
        name=getattr(executor, "name", None),
        run_id=run.run_id,
        session_id=run.session_id,
    )
    return ExecutorPause(paused, questions)


def question_ids(requirements: Sequence[RunRequirement]) -> list[str]:
    """The ids by which answers name these calls, whatever their order."""
    calls = [one.tool_execution.tool_call_id if one.tool_execution else None for one in requirements]
    shared = Counter(calls)
    return [
        call if call is not None and shared[call] == 1 else one.id
        for call, one in zip(calls, requirements, strict=True)
    ]


def paired(run: ExecutorRun, where: str) -> Iterator[tuple[RunRequirement, ToolExecution]]:
    """The open requirements of a run, each with its tool call; of the run's own calls, with the very object in
    ``run.tools`` (agno resumes by those alone). A member's call is in the member's run, which its team finds.

    Raises:
        UnsupportedAtRunTime: A call waits that no requirement is of: its tool asks for two things at once.
    """
    waiting = [tool for tool in run.tools or () if tool.is_paused]
    for requirement in run.requirements or ():
        tool = requirement.tool_execution
        if tool is None:
            continue
        if requirement.member_agent_id is None:
            own = next((one for one in waiting if _same_call(one, tool)), None)
            if own is not None:
                waiting = [one for one in waiting if one is not own]
                tool = own
        if not requirement.is_resolved():
            yield requirement, tool
    if waiting:
        raise UnsupportedAtRunTime(
            f"{where}: tool {waiting[0].tool_name!r} asks for more than one thing before it runs, and agno takes one "
            "answer for a call. Leave one of requires_confirmation, requires_user_input and external_execution."
        )


def requirement_shown(question: ToolQuestion, tool_args: Any, lenient: bool) -> RunRequirement:
    """agno's requirement for a question, unanswered."""
    data: Any = decode(question.shown, lenient)
    tool = {**data["tool_execution"], "tool_args": tool_args}
    if question.form:
        tool["user_input_schema"] = [_shown_field(field, lenient) for field in question.form]
    if question.choices:
        tool["user_feedback_schema"] = [_shown_choice(choice) for choice in question.choices]
    schemas = {key: tool[key] for key in _SCHEMAS if tool.get(key) is not None}
    return RunRequirement.from_dict({**data, **schemas, "tool_execution": tool})


def tool_args_of(run: ExecutorRun, requirement_id: str) -> Any:
    """The arguments of a call, from the paused run."""
    return next(
        one.tool_execution.tool_args
        for one in run.requirements or ()
        if one.id == requirement_id and one.tool_execution is not None
    )


def _same_call(one: ToolExecution, other: ToolExecution) -> bool:
    return (one.tool_call_id, one.tool_name, _flags(one)) == (other.tool_call_id, other.tool_name, _flags(other))


def _flags(tool: ToolExecution) -> tuple[bool, ...]:
    return bool(tool.requires_confirmation), bool(tool.requires_user_input), bool(tool.external_execution_required)


def _question(
    executor: Any, tool_id: str, requirement: RunRequirement, tool: ToolExecution, where: str
) -> ToolQuestion:
    data = {key: value for key, value in requirement.to_dict().items() if key not in _SCHEMAS}
    data["tool_execution"] = {**tool.to_dict(), "tool_args": None, **dict.fromkeys(_SCHEMAS)}
    args: Json = encode(tool.tool_args, where)
    size = len(json.dumps(args))
    fits = size <= MAX_ARGS_BYTES
    own = {} if requirement.member_agent_id is not None else optional_arguments(executor, tool.tool_name)
    fields = tool.user_input_schema or ()
    none = {one.name for one in fields if takes_none(one.field_type) or own.get(one.name) is False}
    keeps_default = tuple(one.name for one in fields if one.name in own and one.name not in none)
    return ToolQuestion(
        id=tool_id,
        requirement_id=requirement.id,
        kind=ToolKind(requirement.pause_type),
        tool_name=tool.tool_name,
        tool_args=args if fits else None,
        args_size=None if fits else size,
        form=tuple(_field(one, one.name not in none and one.name not in keeps_default, where) for one in fields),
        choices=tuple(_choice(question) for question in tool.user_feedback_schema or ()),
        member=requirement.member_agent_name or requirement.member_agent_id,
        shown=encode(in_key_order(data), where),
        keeps_default=keeps_default,
    )


_SCHEMAS = ("user_input_schema", "user_feedback_schema")


def _shown_field(field: InputField, lenient: bool) -> dict[str, Any]:
    value: Any = decode(field.value, lenient)
    return {"name": field.name, "field_type": field.field_type, "description": field.description, "value": value}


def _shown_choice(choice: Choice) -> dict[str, Any]:
    options = None
    if choice.options is not None:
        options = [{"label": one.label, "description": one.description} for one in choice.options]
    return {
        "question": choice.question,
        "header": choice.header,
        "options": options,
        "multi_select": choice.multi_select,
    }


def _field(field: Any, required: bool, where: str) -> InputField:
    kind = field.to_dict()["field_type"]
    value = encode(field.value, f"{where} {field.name}")
    return InputField(str(field.name), kind, field.description, value, required)


def _choice(question: Any) -> Choice:
    options = None
    if question.options is not None:
        options = tuple(Option(option.label, option.description) for option in question.options)
    return Choice(question.question, question.header, options, bool(question.multi_select))
