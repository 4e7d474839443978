"""Every name that stands in a history, in a database row or in a caller's script, spelled out.

A run that has waited for ninety days is replayed with the names it was started with, and scripts signal it by them. A
rename is one keystroke in an editor, passes every other test, and breaks each open run. Whoever makes this file fail
has found one: add a name, never change one.
"""

import enum
import itertools
import types
import typing
from collections.abc import Iterable

import pytest

from agno_temporal.contract import names
from agno_temporal.contract.errors import RUN_ENDING, ErrorType
from agno_temporal.contract.journal import Entry
from agno_temporal.contract.notices import Delivered, NoticeType, notice_id
from agno_temporal.contract.outputs import InputSource, Output
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Action, Actor, Kind, RefusalCode, ToolKind
from agno_temporal.plan import Call, ExecutorKind, Node

CONSTANTS = {
    "OPEN_RUN": "agno.open_run",
    "RUN_STEP": "agno.run_step",
    "EVALUATE": "agno.evaluate",
    "PROJECT": "agno.project",
    "EVENT_TIME": "agno.event_time",
    "RECORD": "agno.record",
    "CONTINUE_EXECUTOR": "agno.continue_executor",
    "NOTIFY": "agno.notify",
    "KEEP": "agno.keep",
    "CARRY": "agno.carry",
    "DELIVERY": "agno.delivery",
    "DELIVER": "agno.deliver",
    "DECIDE": "decide",
    "SIGNALS": {
        "confirm": "confirm",
        "reject": "reject",
        "provide_input": "input",
        "edit": "edit",
        "select": "select",
        "retry": "retry",
        "skip": "skip",
        "answer": "answer",
    },
    "UNREADABLE_REFUSED": "refuse-unreadable-signals",
    "FORMS_JUDGED_ANEW": "judge-forms-by-the-rules-of-now",
    "SUSPECTS_OF_CANCELLED": "look-up-suspects-of-cancelled",
    "PUT_BACK_WRITTEN": "write-rows-of-a-run-put-back",
    "EVENTS_PACKED": "pack-events-of-a-history",
    "INLINE_GOES_ALONG": "bring-no-output-that-goes-along-inline",
    "CANCELLED_IN_A_CALL": "heed-a-cancel-in-a-local-activity",
    "DECISIONS_APART": "send-nothing-beside-large-decisions",
    "EDITS_BOUNDED": "bound-the-edits-of-a-run",
    "TOLD_WHEN_RECORDED": "tell-of-quick-steps-when-they-are-recorded",
    "OPENED_TO_BE_CANCELLED": "open-a-run-to-be-cancelled",
    "PUT_BACK_TOLD": "tell-again-what-a-run-put-back-asks",
    "STEP_ERROR_OF_ITS_OUTPUT": "tell-step-errors-of-their-own-outputs",
    "RUN_OUTPUT": "run_output",
    "REQUIREMENTS": "requirements",
    "EVENTS": "events",
    "BEING_BROUGHT": "what the run was is being brought from its last Temporal run; ask again",
    "ASKED_AHEAD": "what the run comes to next waits for its workflow task; ask again",
    "MEMO_REQUEST": "agno_request",
    "MEMO_USER": "agno_user",
    "MEMO_STARTED": "agno_started",
    "TASK_QUEUE": "agno-temporal",
}
MEMBERS: dict[type[enum.Enum], dict[str, str]] = {
    ErrorType: {
        "BAD_REQUEST": "BadRequest",
        "RUN_FAILED": "RunFailed",
        "STEP_FAILED": "StepFailed",
        "STEP_RAISED": "StepRaised",
        "RUN_CANCELLED": "RunCancelled",
        "STEP_BLOCKED": "StepBlocked",
        "OUTPUT_NOT_SERIALISABLE": "OutputNotSerialisable",
        "OUTPUT_TOO_LARGE": "OutputTooLarge",
        "INPUT_TOO_LARGE": "InputTooLarge",
        "RUN_TOO_LONG": "RunTooLong",
        "WORKFLOW_UNKNOWN": "WorkflowUnknown",
        "INPUT_INVALID": "InputInvalid",
        "STATE_NOT_SERIALISABLE": "StateNotSerialisable",
        "UNSUPPORTED": "Unsupported",
        "DELIVERY_FAILED": "DeliveryFailed",
        "DELIVERY_GIVEN_UP": "DeliveryGivenUp",
        "UNOPENED": "Unopened",
    },
    RefusalCode: {
        "MALFORMED": "malformed-decision",
        "NOT_FOUND": "requirement-not-found",
        "STALE": "stale-requirement",
        "ALREADY_DECIDED": "already-decided",
        "EXPIRED": "expired",
        "ACTION_NOT_ALLOWED": "action-not-allowed",
        "INVALID_INPUT": "invalid-input",
        "INVALID_SELECTION": "invalid-selection",
        "KEY_REUSED": "idempotency-key-reused",
        "RUN_CLOSED": "run-closed",
    },
    Kind: {
        "CONFIRMATION": "confirmation",
        "USER_INPUT": "user_input",
        "OUTPUT_REVIEW": "output_review",
        "ITERATION_REVIEW": "iteration_review",
        "ROUTE_SELECTION": "route_selection",
        "ERROR": "error",
        "EXECUTOR": "executor",
    },
    Action: {
        "CONFIRM": "confirm",
        "REJECT": "reject",
        "INPUT": "input",
        "EDIT": "edit",
        "SELECT": "select",
        "RETRY": "retry",
        "SKIP": "skip",
        "CANCEL": "cancel",
        "ANSWER": "answer",
    },
    ToolKind: {
        "CONFIRMATION": "confirmation",
        "USER_INPUT": "user_input",
        "USER_FEEDBACK": "user_feedback",
        "EXTERNAL_EXECUTION": "external_execution",
    },
    NoticeType: {
        "OPENED": "requirement.opened",
        "REMINDER": "requirement.reminder",
        "DECIDED": "requirement.decided",
        "EXPIRED": "requirement.expired",
        "FINISHED": "run.finished",
    },
    Delivered: {
        "DELIVERED": "delivered",
        "GONE": "gone",
        "REMOVED": "removed",
        "OBSOLETE": "obsolete",
        "GIVEN_UP": "given_up",
    },
    Actor: {"TIMER": "system:timer", "CANCEL": "system:cancel"},
    Call: {"NONE": "none", "ALWAYS": "always", "NEVER": "never", "FUNCTION": "function", "CEL": "cel"},
    ExecutorKind: {"FUNCTION": "function", "AGENT": "agent", "TEAM": "team", "WORKFLOW_FUNCTION": "workflow_function"},
}
KINDS = {
    "Node": (Node, ["step", "workflow", "steps", "loop", "condition", "router", "parallel"]),
    "Output": (Output, ["leaf", "made", "group"]),
    "Entry": (
        Entry,
        ["counted", "raised", "ran", "told", "asking", "done", "iterated", "walked", "forked", "parked"],
    ),
    "InputSource": (InputSource, ["run", "message", "query"]),
}


def strings_in(value: object) -> Iterable[str]:
    return itertools.chain(value, value.values()) if isinstance(value, dict) else [str(value)]


def test_every_name_of_the_contract_is_what_it_was():
    assert {name: value for name, value in vars(names).items() if name.isupper()} == CONSTANTS


@pytest.mark.parametrize("members", MEMBERS, ids=lambda members: members.__name__)
def test_every_value_of_an_enum_is_what_it_was(members: type[enum.Enum]):
    assert {member.name: member.value for member in members} == MEMBERS[members]


@pytest.mark.parametrize("union", KINDS)
def test_every_kind_tag_is_what_it_was(union: str):
    hint, tags = KINDS[union]
    assert isinstance(hint, types.UnionType)
    assert [member.KIND for member in typing.get_args(hint)] == tags


def test_no_two_handlers_of_a_run_share_a_name():
    handlers = [names.DECIDE, *names.SIGNALS, names.RUN_OUTPUT, names.REQUIREMENTS]
    assert len(handlers) == len(set(handlers))


def test_every_signal_carries_an_action():
    assert {Action(action) for action in names.SIGNALS.values()} == set(Action) - {Action.CANCEL}


def test_no_name_is_one_that_temporal_keeps_for_itself():
    spelled = itertools.chain.from_iterable(map(strings_in, CONSTANTS.values()))
    assert [name for name in spelled if name.startswith("__")] == []


def test_the_ids_of_activities_are_what_they_were():
    assert names.step_activity_id("2/loop/0", 3) == "2/loop/0#3"
    assert names.continue_activity_id("2/loop/0#3", 1) == "2/loop/0#3.1"
    assert names.evaluate_activity_id("2", "end_condition", 1) == "2:end_condition#1"
    assert names.notify_activity_id(1) == "notify#1"
    assert names.keep_activity_id(1) == "keep#1"
    assert names.carry_activity_id(1) == "carry#1"
    assert names.deliver_activity_id("ops") == "deliver:ops"


def test_the_session_of_a_run_that_was_given_none_is_what_it_was():
    assert names.session_id_of("run-1") == "6466de4e-d16f-5290-808f-6ed6388b3cd6"


def test_the_queue_of_deliveries_and_the_id_of_a_fact_are_what_they_were():
    assert names.deliveries_queue("agno-temporal") == "agno-temporal.webhooks"
    assert notice_id("run-1", "req-1", NoticeType.OPENED) == "msg_c5f6d3a8655f580f80147e345802f3e3"
    assert notice_id("run-1", "req-1", NoticeType.OPENED, "temporal-1") == "msg_25f2bd4b58185ea1b04a6f63d877ff27"


def test_the_errors_that_nothing_may_swallow_are_what_they_were():
    assert {error.value for error in RUN_ENDING} == {
        "OutputNotSerialisable", "OutputTooLarge", "StateNotSerialisable", "Unsupported"
    }  # fmt: skip


def test_the_digest_of_a_request_is_what_it_was_when_the_run_started():
    request = RunRequest(input={"release": "v2", "at": 1.5}, session_id="s", add_session_state_to_context=False)
    assert request.digest() == "1ebaf863395e271fc19a84c3df1ccded3213935937a153827a65085dd0a31647"
