"""A paused executor as agno shows it, and what a client's answers on it mean: answers, and nothing else."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from agno.run.requirement import RunRequirement
from agno.tools import tool
from agno.tools.user_feedback import UserFeedbackTools
from agno.workflow import Step, Workflow
from agno.workflow.types import StepRequirement

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.decisions import decision_of
from agno_temporal.agno_bridge.requirements import step_requirement
from agno_temporal.agno_bridge.tool_questions import MAX_ARGS_BYTES
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Leaf
from agno_temporal.hitl import Action, Decision, Kind, Requirement, Resolution, ToolAnswer
from tests.bridge.by_hand import ByHand, through_history
from tests.tool_script import caller, drop, send, shell


@tool(requires_user_input=True, user_input_fields=["to", "copy_to", "urgent"])
def mail(subject: str, to: str, copy_to: Optional[str] = None, urgent: bool = False) -> str:  # noqa: UP045 - for agno 3.1.4
    """Sends a mail."""
    return f"{subject} to {to}, {copy_to}, {urgent}"


YES = ToolAnswer(confirmed=True)
FILLED = {"subject": "s", "to": "ana", "copies": 2}
CALLS = {
    "confirmation": ("drop", {"table": "users"}),
    "form": ("send", {"subject": "s"}),
    "choice": ("ask_user", {"questions": [{"question": "where", "options": [{"label": "eu"}, {"label": "us"}]}]}),
    "elsewhere": ("shell", {"command": "ls"}),
}
TOOLS = [drop, send, shell, mail, UserFeedbackTools()]


class Paused:
    """A step that paused at these calls, as a client sees it."""

    def __init__(self, run: ByHand, leaf: Leaf) -> None:
        self._run, self._leaf = run, leaf
        pause = run.results[leaf.activity_id].pause
        assert pause is not None
        self.requirement = through_history(
            Requirement(
                "req-1", "0", "ops", 0, "Step", Kind.EXECUTOR, 1, 0.0, executor=pause.executor, tools=pause.tools
            )
        )

    def shown(self, decision: Decision | None = None, kept: bool = True) -> StepRequirement:
        output = self._leaf if kept else None
        resolution = None if decision is None else Resolution(decision, 1.0)
        bodies = self._run.fill(Bodies(*filter(None, [output])))
        return step_requirement(Asked(self.requirement, None, output, resolution), self._run.request, bodies)


async def paused_at(*calls: Any) -> Paused:
    agent = caller([CALLS[call] if isinstance(call, str) else call for call in calls], tools=TOOLS)
    run = ByHand(Workflow(name="release", steps=[Step(name="ops", agent=agent)]), "go")
    return Paused(run, await run.step("0"))


async def test_it_is_shown_as_agno_shows_it():
    shown = (await paused_at("confirmation")).shown()
    assert (shown.step_id, shown.step_name, shown.requires_executor_input) == ("req-1", "ops", True)
    assert (shown.executor_name, shown.executor_type, shown.executor_session_id) == ("Ops", "agent", "session-1")
    [one] = shown.executor_requirements or []
    assert one["tool_execution"]["tool_args"] == {"table": "users"}
    assert (shown.needs_executor_resolution, shown.is_resolved) == (True, False)


async def test_large_arguments_are_shown_while_the_paused_run_is_there():
    paused = await paused_at(("drop", {"table": "x" * MAX_ARGS_BYTES}))
    [one] = paused.shown().executor_requirements or []
    assert one["tool_execution"]["tool_args"] == {"table": "x" * MAX_ARGS_BYTES}
    [one] = paused.shown(kept=False).executor_requirements or []
    assert one["tool_execution"]["tool_args"] is None


async def test_untouched_it_holds_no_decision():
    assert decision_of((await paused_at(*CALLS)).shown()) is None


ACTS: dict[str, Any] = {
    "confirmation": (RunRequirement.confirm, YES),
    "form": (
        lambda one: one.provide_user_input({"to": "ana", "copies": 2}),
        ToolAnswer(values=FILLED),
    ),
    "choice": (
        lambda one: one.provide_user_feedback({"where": ["eu"]}),
        ToolAnswer(selections={"where": ("eu",)}),
    ),
    "elsewhere": (lambda one: one.set_external_execution_result("a b"), ToolAnswer(result="a b")),
}


@pytest.mark.parametrize("as_objects", [True, False], ids=["objects", "dicts"])
@pytest.mark.parametrize("call", ACTS)
async def test_agnos_own_methods_answer_it(call: str, as_objects: bool):
    shown = (await paused_at(call)).shown()
    act, answer = ACTS[call]
    objects = [RunRequirement.from_dict(one) for one in shown.executor_requirements or []]
    act(objects[0])
    shown.executor_requirements = [*objects] if as_objects else [one.to_dict() for one in objects]
    assert decision_of(shown) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": answer})


WRITES: dict[str, Any] = {
    "confirmation at the top": ("confirmation", {"confirmation": True}, {}, YES),
    "confirmation in the tool": ("confirmation", {}, {"confirmed": True}, YES),
    "rejection at the top": (
        "confirmation",
        {"confirmation": False, "confirmation_note": "no"},
        {},
        ToolAnswer(confirmed=False, note="no"),
    ),
    "rejection in the tool": (
        "confirmation",
        {},
        {"confirmed": False, "confirmation_note": "no"},
        ToolAnswer(confirmed=False, note="no"),
    ),
    "result at the top": ("elsewhere", {"external_execution_result": ""}, {}, ToolAnswer(result="")),
    "result in the tool": ("elsewhere", {}, {"result": "a"}, ToolAnswer(result="a")),
}


@pytest.mark.parametrize(("call", "top", "inner", "answer"), WRITES.values(), ids=WRITES)
async def test_dicts_may_be_written_into_at_either_level(call: str, top: Any, inner: Any, answer: ToolAnswer):
    shown = (await paused_at(call)).shown()
    [one] = shown.executor_requirements or []
    one.update(top)
    one["tool_execution"].update(inner)
    assert decision_of(shown) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": answer})


@pytest.mark.parametrize("level", ["top", "tool"])
async def test_a_form_may_be_filled_in_at_either_level(level: str):
    shown = (await paused_at("form")).shown()
    [one] = shown.executor_requirements or []
    for field in (one if level == "top" else one["tool_execution"])["user_input_schema"]:
        field["value"] = FILLED[field["name"]]
    assert decision_of(shown) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": ToolAnswer(values=FILLED)})


async def test_a_form_that_the_model_filled_in_is_not_answered_by_that():
    shown = (await paused_at(("send", {"subject": "s", "to": "ana", "copies": 1}))).shown()
    assert decision_of(shown) is None


WITH_COPY = ("mail", {"subject": "s"})


@pytest.mark.parametrize("values", [{"to": "ana"}, {"to": "ana", "copy_to": None}])
@pytest.mark.parametrize("as_objects", [True, False], ids=["objects", "dicts"])
async def test_a_field_that_may_be_empty_is_left_empty(values: dict[str, Any], as_objects: bool):
    paused = await paused_at(WITH_COPY)
    shown = paused.shown()
    objects = [RunRequirement.from_dict(one) for one in shown.executor_requirements or []]
    objects[0].provide_user_input(values)
    shown.executor_requirements = [*objects] if as_objects else [one.to_dict() for one in objects]
    answer = ToolAnswer(values={"subject": "s", "to": "ana"})
    assert decision_of(shown, paused.requirement) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": answer})


async def test_a_field_that_is_needed_is_named():
    paused = await paused_at(WITH_COPY)
    shown = paused.shown()
    [one] = shown.executor_requirements or []
    one.provide_user_input({"copy_to": "ben"})
    with pytest.raises(ValueError, match=r"Step 'ops' tool 'mail' still needs to: provide_user_input"):
        decision_of(shown, paused.requirement)


async def test_a_form_may_be_answered_with_nothing_where_nothing_is_needed():
    paused = await paused_at(("mail", {"subject": "s", "to": "ana"}))
    assert decision_of(paused.shown(), paused.requirement) is None
    shown = paused.shown()
    [one] = shown.executor_requirements or []
    one.provide_user_input({})
    answer = ToolAnswer(values={"subject": "s", "to": "ana"})
    assert decision_of(shown, paused.requirement) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": answer})


async def test_what_the_model_filled_in_is_taken_back_by_none():
    paused = await paused_at(("mail", {"subject": "s", "to": "ana", "copy_to": "ben"}))
    shown = paused.shown()
    [one] = shown.executor_requirements or []
    one.provide_user_input({"copy_to": None})
    decision = decision_of(shown, paused.requirement)
    assert decision is not None
    assert decision.answers == {"Ops-0-0": ToolAnswer(values={"subject": "s", "to": "ana", "copy_to": None})}


async def test_an_answer_with_an_empty_field_is_shown_as_what_the_tool_is_called_with():
    decision = Decision("req-1", Action.ANSWER, answers={"Ops-0-0": ToolAnswer(values={"to": "ana"})})
    shown = (await paused_at(WITH_COPY)).shown(decision)
    [one] = shown.executor_requirements or []
    assert shown.is_resolved
    assert one.tool_execution.tool_args == {"subject": "s", "to": "ana", "copy_to": None}


async def test_half_given_answers_are_an_error_that_names_what_is_missing():
    shown = (await paused_at("confirmation", "form", "elsewhere")).shown()
    assert shown.executor_requirements
    shown.executor_requirements[0]["confirmation"] = True
    with pytest.raises(
        ValueError, match=r"Step 'ops'.*send \(user_input\), shell \(external_execution\) is still open"
    ):
        decision_of(shown)


async def test_a_tool_that_is_confirmed_and_rejected_is_an_error():
    shown = (await paused_at("confirmation")).shown()
    [one] = shown.executor_requirements or []
    one["confirmation"], one["tool_execution"]["confirmed"] = False, True
    with pytest.raises(ValueError, match="both confirmed and rejected"):
        decision_of(shown)


async def test_what_else_a_client_writes_is_not_read():
    shown = (await paused_at("confirmation")).shown()
    [one] = shown.executor_requirements or []
    one["confirmation"] = True
    one["tool_execution"].update(tool_name="rm", tool_args={"table": "all"}, result="done")
    shown.executor_run_id = "another"
    assert decision_of(shown) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": YES})


async def test_confirm_and_reject_on_the_requirement_are_for_each_of_its_tools():
    shown = (await paused_at("confirmation", ("drop", {"table": "logs"}))).shown()
    shown.reject("not now")
    no = ToolAnswer(confirmed=False, note="not now")
    assert decision_of(shown) == Decision("req-1", Action.ANSWER, answers={"Ops-0-0": no, "Ops-0-1": no})


async def test_the_answers_are_shown_and_read_back_as_they_were_given():
    paused = await paused_at(*CALLS)
    answers = {f"Ops-0-{place}": ACTS[call][1] for place, call in enumerate(CALLS)}
    decision = Decision("req-1", Action.ANSWER, answers=answers)
    shown = paused.shown(decision)
    assert shown.is_resolved
    assert decision_of(shown) == decision


@pytest.mark.parametrize("action", [Action.SKIP, Action.CANCEL])
async def test_what_the_timer_left_unanswered_no_longer_waits(action: Action):
    shown = (await paused_at("form")).shown(Decision("req-1", action, decided_by="system:timer"))
    assert (shown.is_resolved, shown.on_reject) == (True, action.value)
