"""Everything that agno's workflows take, and the test that says what becomes of it here.

agno's own signatures are the oracle. An option that a new version of agno brings, and that nobody has thought about
here, would be accepted and ignored; so it fails this test until it has an entry. What an entry says is for the test
that it names: the option works as in agno, differs on purpose (docs/differences.md), or is refused with its reason.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow

from agno_temporal import DurableWorkflow

HERE = Path(__file__).parent

OPTION = "differential/test_requests.py::an_option_of_the_run"
MERGED = "differential/test_requests.py::options_of_the_workflow_and_the_run_are_merged"
MEDIA = "differential/test_media.py::media_of_the_input"
REFUSED = "running/test_starts.py::an_option_that_is_not_supported_is_refused_before_anything_runs"
STREAMED = "differential/test_streams.py::the_events_of"
NOT_STREAMED = "differential/test_settings.py::a_setting_that_changes_nothing_without_streaming"
DIFFERENCES = "differential/test_differences_options.py"
NAMED = "differential/test_containers.py::a_container_between_two_steps"
UNNAMED = "differential/test_containers.py::a_container_without_a_name"
CONFIRMED = "differential/test_container_confirmations.py::a_confirmed_container_runs"
DESCRIBED = "differential/test_settings.py::a_description_of_a_container"

RUN = {
    "input": "differential/test_requests.py::an_input",
    "additional_data": OPTION,
    "user_id": OPTION,
    "run_id": "running/test_starts.py::the_same_start_again_attaches_to_the_run_that_waits",
    "session_id": OPTION,
    "session_state": OPTION,
    "audio": MEDIA,
    "images": MEDIA,
    "videos": MEDIA,
    "files": MEDIA,
    "stream": STREAMED,
    "stream_events": STREAMED,
    "background": "running/test_background.py::it_returns_before_any_worker_is_there",
    "background_tasks": REFUSED,
    "dependencies": OPTION,
    "metadata": OPTION,
    "add_dependencies_to_context": OPTION,
    "add_session_state_to_context": OPTION,
    "kwargs": "differential/test_workflow_functions.py::what_else_the_caller_gives_it",
}
CONTINUE = {
    "run_response": "running/test_continue.py::a_run_object_that_was_stored_as_json_can_be_continued",
    "run_id": "running/test_continue.py::a_run_whose_object_was_lost_is_continued_by_its_id",
    "session_id": "running/test_background.py::a_run_is_not_found_in_another_session_or_for_another_user",
    "step_requirements": "running/test_continue.py::an_empty_list_of_requirements_passes_no_gate",
    "stream": STREAMED,
    "stream_events": STREAMED,
    "kwargs": "running/test_continue.py::an_option_that_agno_has_not_is_refused_too",
}
ONLY_ASYNC = {"websocket": REFUSED, "enable_websocket": REFUSED}

WORKFLOW = {
    "id": "differential/test_requests.py::a_workflow_with_an_id_and_a_description",
    "name": "test_compile_refusals.py::a_workflow_without_id_and_name_is_refused",
    "description": NOT_STREAMED,
    "db": "differential/test_settings.py::a_stored_session_state_is_merged_or_overwritten",
    "steps": "differential/test_workflow_functions.py::a_whole_workflow_that_is",
    "agent": "differential/test_workflow_agents.py::an_agent_that",
    "session_id": "running/test_starts.py::a_session_is_kept_for_the_next_run_of_the_same_object",
    "session_state": MERGED,
    "overwrite_db_session_state": "differential/test_settings.py::a_stored_session_state_is_merged_or_overwritten",
    "user_id": "differential/test_requests.py::a_user_of_the_run_goes_before_the_workflows",
    "debug_level": "differential/test_settings.py::debug_mode_reaches_the_log_and_the_agents_of_a_worker",
    "debug_mode": "differential/test_settings.py::debug_mode_reaches_the_log_and_the_agents_of_a_worker",
    "stream": "streams/test_synchronous.py::a_workflow_that_streams_by_default_streams_here_too",
    "stream_events": "streams/test_synchronous.py::a_workflow_that_streams_by_default_streams_here_too",
    "stream_executor_events": STREAMED,
    "store_events": "streams/test_stored.py::the_events_of_a_streamed_run_that_are_kept",
    "events_to_skip": "streams/test_stored.py::the_events_of_a_streamed_run_that_are_kept",
    "store_media": "differential/test_settings.py::media_that_are_not_to_be_stored_are_in_no_row",
    "media_storage": "differential/test_settings.py::media_go_to_the_media_storage_and_references_into_the_row",
    "store_executor_outputs": "differential/test_executors.py::"
    "executor_runs_are_left_out_where_the_workflow_keeps_none",
    "input_schema": "differential/test_requests.py::an_input_schema",
    "metadata": MERGED,
    "dependencies": MERGED,
    "add_dependencies_to_context": "differential/test_requests.py::options_of_the_workflow_alone",
    "add_session_state_to_context": "differential/test_requests.py::options_of_the_workflow_alone",
    "cache_session": "storage/test_sessions.py::a_cached_session_hides_nothing_that_others_wrote",
    "telemetry": f"{DIFFERENCES}::a_run_reports_nothing_to_agno",
    "add_workflow_history_to_steps": "differential/test_history.py::"
    "an_agent_is_told_the_history_where_the_workflow_says_so",
    "num_history_runs": "differential/test_history.py::as_many_runs_are_told_as_agno_tells",
}
WORKFLOW_FIELDS = {
    **{name: test for name, test in WORKFLOW.items() if name not in ("debug_level", "cache_session")},
    "websocket_handler": "test_compile_refusals.py::a_websocket_handler_is_refused",
    "_run_hooks_in_background": "differential/test_settings.py::hooks_run_in_their_step",
}
STEP = {
    "name": "differential/test_requests.py::names_that_occur_twice",
    "agent": "differential/test_executors.py::a_step_alone",
    "team": "differential/test_executors.py::a_step_alone",
    "executor": "differential/test_executors.py::a_step_of_a_function",
    "workflow": "differential/test_executors.py::a_step_alone",
    "step_id": "differential/test_executors.py::a_step_after_another",
    "description": "differential/test_settings.py::a_setting_of_a_step_that_changes_nothing",
    "max_retries": "differential/test_errors.py::the_attempts_are_the_first_and_max_retries_more",
    "skip_on_failure": "differential/test_errors.py::a_failing_step_at_top_level",
    "strict_input_validation": "differential/test_settings.py::a_setting_of_a_step_that_changes_nothing",
    "add_workflow_history": "differential/test_history.py::a_steps_own_switch_counts_before_the_workflows",
    "num_history_runs": "differential/test_history.py::as_many_runs_are_told_as_agno_tells",
    "human_review": "differential/test_requests.py::a_review_that_asks_nobody_changes_nothing",
}
LOOP = {
    "steps": NAMED,
    "name": UNNAMED,
    "description": DESCRIBED,
    "max_iterations": "differential/test_loops.py::as_many_iterations_as_it_says",
    "end_condition": "differential/test_loops.py::an_end_condition",
    "forward_iteration_output": "differential/test_loops.py::an_iteration_of_one_step_that_is_forwarded",
    "human_review": "differential/test_iteration_reviews.py::a_loop_may_be_confirmed_and_reviewed",
}
CONDITION = {
    "steps": NAMED,
    "evaluator": "differential/test_conditions.py::an_evaluator_without_else",
    "else_steps": "differential/test_conditions.py::an_evaluator_with_else",
    "name": UNNAMED,
    "description": DESCRIBED,
    "human_review": "differential/test_container_confirmations.py::a_rejected_condition_takes_its_else_branch",
}
ROUTER = {
    "choices": "differential/test_routers.py::a_selector",
    "selector": "differential/test_routers.py::a_selector",
    "name": UNNAMED,
    "description": DESCRIBED,
    "human_review": CONFIRMED,
}
PLAIN = {"steps": NAMED, "name": UNNAMED, "description": DESCRIBED, "human_review": CONFIRMED}

TABLES: dict[str, tuple[Callable[..., Any], dict[str, str]]] = {
    "Workflow": (Workflow, WORKFLOW),
    "Workflow.run": (Workflow.run, RUN),
    "Workflow.arun": (Workflow.arun, RUN | ONLY_ASYNC),
    "Workflow.continue_run": (Workflow.continue_run, CONTINUE),
    "Workflow.acontinue_run": (
        Workflow.acontinue_run,
        CONTINUE
        | ONLY_ASYNC
        | {"background": "running/test_background.py::it_pauses_and_is_continued_in_the_background"},
    ),
    "Step": (Step, STEP),
    "Steps": (Steps, PLAIN),
    "Loop": (Loop, LOOP),
    "Condition": (Condition, CONDITION),
    "Router": (Router, ROUTER),
    "Parallel": (Parallel, {"args" if name == "steps" else name: test for name, test in PLAIN.items()}),
}
TESTS = sorted({test for _, table in TABLES.values() for test in table.values()} | set(WORKFLOW_FIELDS.values()))


@pytest.mark.parametrize("name", TABLES)
def test_every_parameter_of_agnos_is_known(name: str) -> None:
    takes, table = TABLES[name]
    parameters = inspect.signature(takes).parameters
    assert {parameter for parameter in parameters if parameter != "self"} == set(table)


@pytest.mark.parametrize("name", ["run", "arun"])
def test_arguments_have_agnos_order(name: str) -> None:
    assert inspect.signature(getattr(DurableWorkflow, name)) == inspect.signature(getattr(Workflow, name))


def test_every_field_of_agnos_workflow_is_known() -> None:
    assert {field.name for field in dataclasses.fields(Workflow)} == set(WORKFLOW_FIELDS)


@pytest.mark.parametrize("test", TESTS)
def test_every_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert re.search(rf"^(?:async )?def test_{name}\(", (HERE / file).read_text(), flags=re.MULTILINE)
