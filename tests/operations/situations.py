"""What shows that docs/operations.md is right: the tests of each of its situations."""

from __future__ import annotations

SITUATIONS: dict[str, tuple[str, ...]] = {
    "Temporal is not there at the start": (
        "operations/test_temporal_away.py::test_a_process_that_starts_without_it_says_so_and_ends",
        "cli/test_apps.py::test_a_doctor_names_a_server_that_is_not_there",
    ),
    "The namespace is not there": ("test_worker.py::test_what_keeps_it_from_starting_is_said_without_a_traceback",),
    "Temporal does not take the credentials or a certificate": (
        "cli/test_not_admitted.py::test_a_certificate_that_is_not_to_be_trusted_ends_with_2",
        "cli/test_not_admitted.py::test_credentials_that_are_refused_only_with_the_namespace_end_with_2",
        "cli/test_not_admitted.py::test_somebody_who_answers_otherwise_is_not_to_be_started",
    ),
    "Temporal goes away": (
        "operations/test_temporal_away.py::test_while_it_is_away_callers_hear_so_soon_and_everything_goes_on_afterwards",
        "crash/test_server_killed.py::test_killed_during_a_step_it_takes_the_steps_result",
    ),
    "Temporal goes away while somebody decides": (
        "api/test_decisions_and_server_restarts.py::test_while_it_is_away_nobody_answers_and_the_same_key_is_safe",
        "api/test_decisions_and_server_restarts.py::test_what_was_left_for_the_run_survives_it",
    ),
    "Temporal takes requests and does not answer": (
        "operations/test_temporal_away.py::test_one_that_takes_requests_and_says_nothing_is_given_up_on_as_soon",
    ),
    "The disk of Temporal's database is full": (
        "operations/test_disk_full.py::test_a_decision_that_finds_no_room_is_of_unknown_outcome_and_counts_once",
    ),
    "The database is away": (
        "operations/test_database_away.py::test_postgresql_that_is_stopped_is_named_by_every_part",
        "storage/test_postgres_stopped.py::test_a_decision_that_no_row_could_show_stands",
        "storage/test_postgres_stopped.py::test_a_run_that_starts_meanwhile_finds_its_session",
    ),
    "The database that has the API keys is away": (
        "operations/test_database_away.py::test_keys_in_it_are_known_for_a_while_and_then_nobody_is_called_unknown",
        "api/test_key_ring.py::test_keys_are_known_while_their_store_is_away_for_a_moment",
        "storage/test_postgres_stopped.py::test_a_decision_that_no_row_could_show_stands",
    ),
    "The database is away when a run asks something": (
        "storage/test_postgres_stopped.py::test_a_pause_is_told_when_the_database_is_back",
        "running/test_database_down.py::test_what_is_not_yet_told_can_be_decided_and_the_run_goes_on_when_it_is",
        "running/test_database_down.py::test_an_approval_by_timer_counts_from_the_moment_the_pause_was_told",
    ),
    "The workers do not own the tables": (
        "storage/test_approval_index.py::test_who_does_not_own_the_table_writes_and_lists",
    ),
    "The database is locked": (
        "operations/test_database_away.py::test_sqlite_that_another_process_holds_delays_a_run_and_no_more",
    ),
    "The database is read-only": (
        "operations/test_database_away.py::test_postgresql_that_is_read_only_is_read_and_runs_wait_to_write",
    ),
    "The disk of the database is full": (
        "operations/test_disk_full.py::test_a_run_whose_database_finds_no_room_waits_for_it_and_says_so",
    ),
    "The database takes questions and says nothing": (
        "storage/test_late_attempts.py::test_a_database_that_says_nothing_is_named_as_what_a_run_waits_for",
        "storage/test_silent_databases.py::test_no_more_than_a_few_regular_attempts_wait_for_it",
        "storage/test_silent_databases.py::test_runs_of_a_workflow_without_it_go_on_and_all_others_once_it_answers",
    ),
    "The session has become another user's": (
        "storage/test_run_ids.py::test_a_run_whose_session_has_become_another_user_s_goes_on_without_its_rows",
    ),
    "The database was lost": (
        "storage/test_half_made_tables.py::test_runs_go_on_where_the_tables_were_lost",
        "cli/test_rebuild.py::test_all_runs_are_written_anew_and_the_session_has_the_state_of_its_newest",
        "cli/test_rebuild.py::test_a_run_that_cannot_be_written_keeps_no_other_from_it",
        "cli/test_rebuild.py::test_a_run_that_cannot_be_read_keeps_no_other_from_it",
    ),
    "Temporal was restored from a backup": (
        "cli/test_rebuild_restored.py::test_a_row_that_is_ahead_is_left_and_named",
        "cli/test_rebuild_restored.py::test_with_force_the_run_is_listed_again_and_what_it_does_then_counts",
    ),
    "Temporal does not have a run that is open in the database": (
        "cli/test_rebuild_restored.py::test_a_run_that_temporal_does_not_have_is_named_with_what_ends_it",
        "cli/test_rebuild_restored.py::test_lost_ends_its_row_and_closes_its_questions",
        "cli/test_rebuild_restored.py::test_started_again_under_its_id_it_is_a_live_run",
        "cli/test_rebuild_restored.py::test_who_decides_in_it_is_told_that_nothing_of_it_goes_on",
    ),
    "No worker is there": (
        "running/test_no_worker.py::test_a_run_that_nobody_starts_says_which_queue_has_no_worker",
        "api/test_decisions_without_a_worker.py::test_the_outcome_is_unknown_and_the_same_key_is_safe",
        "api/test_decisions_without_a_worker.py::test_it_beats_the_timer_if_it_was_recorded_in_time",
        "api/test_silent_workers.py::test_without_its_worker_a_run_is_what_the_database_has",
        "api/test_health.py::test_without_a_worker_it_lives_and_is_not_ready",
        "cli/test_apps.py::test_until_its_version_is_the_current_one_a_worker_is_missing_and_the_command_is_told",
    ),
    "Workers without a version get no runs": (
        "cli/test_apps.py::test_after_a_rollback_workers_of_no_version_are_missing_until_the_command_that_is_told",
    ),
    "A version that pins has taken runs that did not begin on it": (
        "upgrades/test_captured_runs.py::"
        "test_a_run_that_a_pinning_version_has_taken_says_so_and_goes_on_after_the_command_that_is_told",
        "upgrades/test_captured_runs.py::test_whoever_asks_for_a_pinned_run_is_told_which_version_it_needs",
        "upgrades/test_captured_runs.py::test_a_doctor_names_a_run_whose_version_nobody_works_for_until_it_is_let_go",
    ),
    "A worker dies, or stops": (
        "crash/test_worker_killed.py::test_a_dead_worker_is_noticed_by_its_heartbeats",
        "operations/test_handed_over.py::test_a_step_that_outlasts_its_worker_is_run_by_another_and_uses_up_no_retry",
        "crash/test_worker_killed.py::test_killed_during_a_step_it_repeats_that_step_only",
    ),
    "A worker does not have the workflow": (
        "limits/test_unknown_workflows.py::test_it_is_blocked_and_says_what_the_worker_has",
        "limits/test_unknown_workflows.py::test_it_goes_on_when_a_worker_has_the_workflow",
    ),
    "A worker does not have the step": (
        "upgrades/test_steps_that_are_gone.py::test_a_step_that_is_gone_blocks_its_run_and_names_both_versions",
        "upgrades/test_steps_that_are_gone.py::test_the_version_that_has_it_heals_the_run",
    ),
    "Workers of two versions are there": (
        "operations/test_workers.py::test_of_two_versions_at_once_the_one_that_has_a_step_runs_it",
    ),
    "Nobody works on the queue of a step": (
        "operations/test_workers.py::test_a_step_in_a_queue_that_nobody_works_on_says_which",
    ),
    "A worker cannot start": ("test_worker.py::test_what_keeps_it_from_starting_is_said_without_a_traceback",),
    "An API is restarted": (
        "api/test_stopping.py::test_who_waits_for_a_run_is_told_that_it_is_started",
        "api/test_stopping.py::test_who_decides_is_told_that_the_outcome_is_unknown_and_under_which_key_to_ask",
        "api/test_events_kills.py::test_ten_subscribers_outlive_their_server_and_the_worker",
        "deployment/test_native.py::"
        "test_a_gate_opened_over_one_api_is_decided_over_the_other_whatever_is_killed_or_told_to_stop",
    ),
    "A caller makes too many requests": ("api/test_credentials.py::test_a_principal_may_make_so_many_requests",),
    "A caller has too many streams open": (
        "api/test_open_streams.py::test_one_too_many_is_refused_and_there_is_room_again_when_another_is_left",
    ),
    "The clock of an API is off": (
        "operations/test_clocks.py::test_an_api_whose_clock_is_off_decides_as_any_other",
        "api/test_requirements_of_a_run.py::test_a_decision_on_a_question_whose_deadline_is_over_is_not_left",
    ),
    "A caller sends times": (
        "operations/test_clocks.py::test_a_body_that_names_a_time_is_refused",
        "operations/test_clocks.py::test_a_signal_that_claims_to_be_of_long_ago_is_as_late_as_it_is",
    ),
    "The issuer of tokens is away": (
        "api/test_key_sets.py::test_keys_are_believed_while_their_issuer_is_away",
        "api/test_credentials.py::test_credentials_that_cannot_be_checked_are_no_wrong_ones",
    ),
    "Nobody takes a webhook": (
        "webhooks/test_deliveries.py::test_a_receiver_that_is_down_gets_everything_once_it_is_back",
    ),
    "Workers do not know a webhook": (
        "webhooks/test_looked_for.py::test_what_nobody_has_known_for_so_long_is_removed_and_the_log_says_so",
        "webhooks/test_looked_for.py::test_an_old_message_outlives_a_worker_that_does_not_know_its_endpoint_yet",
    ),
}
"""By heading; each test as it is named below tests/."""
