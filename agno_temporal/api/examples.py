"""Answers as they look, for the OpenAPI document. A test holds each against the shape that it is published with."""

from __future__ import annotations

from typing import Any, Final

REQUIREMENT: Final[dict[str, Any]] = {
    "requirement_id": "6e9d8c4e-0a51-5c0f-9d1c-3f1f2f6f1a11",
    "run_id": "release-2041",
    "workflow_id": "release",
    "session_id": "release-team",
    "user_id": "ana",
    "path": "1",
    "step_name": "deploy",
    "step_type": "Step",
    "kind": "confirmation",
    "message": "Deploy v2.1 to production?",
    "actions": ["confirm", "reject"],
    "form_message": None,
    "fields": None,
    "opened_at": "2026-05-04T09:12:31Z",
    "deadline": "2026-05-04T17:00:00Z",
    "seconds_left": 28049.0,
    "on_timeout": "cancel",
    "after_deadline": "the run is cancelled",
    "on_reject": "cancel",
    "effects": ["A rejection cancels the run."],
    "retry_count": 0,
    "max_retries": 3,
    "feedback": None,
    "error": None,
    "error_type": None,
    "choices": None,
    "allow_multiple_selections": False,
    "reached": None,
}

WAITING: Final[dict[str, Any]] = {
    "pending": [{**REQUIREMENT, "whole": True}],
    "no_answer": [],
    "unreadable": [],
    "cursor": None,
}

_STEP: Final[dict[str, Any]] = {"kind": "step", "what": "function", "notes": [], "steps": []}

RUN: Final[dict[str, Any]] = {
    "run_id": "release-2041",
    "workflow_id": "release",
    "workflow_name": "Release",
    "status": "PAUSED",
    "session_id": "release-team",
    "user_id": "ana",
    "settled": True,
    "started_at": "2026-05-04T09:12:30Z",
    "duration": None,
    "input": "v2.1",
    "content": None,
    "error_type": None,
    "steps": [
        {**_STEP, "path": "0", "name": "build", "state": "done", "times": 1},
        {**_STEP, "path": "1", "name": "deploy", "state": "waiting", "times": 0},
    ],
    "pending": [{**REQUIREMENT, "under_review": None, "previous_output": "build 2041"}],
    "decisions": [],
    "blocked": [],
    "refused_signals": [],
    "source": "run",
}

STARTED: Final[dict[str, Any]] = {"run_id": "release-2041", "workflow_id": "release", "started": True, "run": None}

ATTACHED: Final[dict[str, Any]] = {**STARTED, "started": False}

RUNS: Final[dict[str, Any]] = {
    "runs": [
        {
            "run_id": "release-2041",
            "workflow_id": "release",
            "status": "PAUSED",
            "answered": True,
            "unreadable": None,
            "started_at": "2026-05-04T09:12:30Z",
            "ended_at": None,
            "session_id": "release-team",
            "user_id": "ana",
        }
    ],
    "cursor": None,
}

CANCELLED: Final[dict[str, Any]] = {"run_id": "release-2041", "cancelling": True, "status": None}

WAS_CANCELLED: Final[dict[str, Any]] = {"run_id": "release-2041", "cancelling": False, "status": "CANCELLED"}

TERMINATED: Final[dict[str, Any]] = {
    "run_id": "release-2041",
    "terminated": True,
    "reason": "started for the wrong tenant (by ana)",
}

UNBLOCKED: Final[dict[str, Any]] = {
    "run_id": "release-2041",
    "tried": [{"activity_id": "1#1", "reason": "the workflow 'release' has no step 'deploy'", "attempts": 3}],
}

OUTPUT: Final[dict[str, Any]] = {"run_id": "release-2041", "status": "PAUSED", "content": None, "step_results": []}

_HEAD: Final[dict[str, Any]] = {"id": "release", "name": "Release", "description": "Builds and deploys"}

WORKFLOWS: Final[dict[str, Any]] = {"workflows": [_HEAD], "complete": True}

WORKFLOW: Final[dict[str, Any]] = {
    **_HEAD,
    "has_database": True,
    "input_schema": None,
    "plan": {
        "digest": "5f2c7a",
        "steps": [
            {"path": "0", "name": "build", "kind": "step", "executor": "function", "asks": [], "steps": []},
            {
                "path": "1",
                "name": "deploy",
                "kind": "step",
                "executor": "function",
                "asks": [
                    {
                        "kind": "confirmation",
                        "message": "Deploy to production?",
                        "fields": None,
                        "timeout": 28800.0,
                        "on_timeout": "cancel",
                        "on_reject": "cancel",
                        "max_retries": 3,
                    }
                ],
                "steps": [],
            },
        ],
    },
}
