"""AgentOS' `/approvals`: what resolves a workflow's row decides its run.

agno's route stamps the row, and that is all it does (agno/os/routers/approvals/router.py:153): the human is told that
the step was approved, and the run waits on. So the database that AgentOS asks gets one method of ours. For a row of a
durable run it sends the decision to the run first. Only what the run has taken is stamped, with the answer that the
worker's next write says too; if that was there before, it stands, and the caller gets it: two writers, one truth.

The method is put onto the database object itself, since AgentOS takes the object that the workflow has. It is a
coroutine function there, which agno's route awaits in either case; agno's chat interfaces resolve approvals of agents
through a synchronous database without awaiting, so that an agent behind one needs a database object of its own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from fastapi import HTTPException

from agno_temporal.agentos.resolving import NotThisWay, decision_of_approval
from agno_temporal.agentos.statuses import unanswered
from agno_temporal.agno_bridge.approval_table import PENDING, SOURCE, has_approvals
from agno_temporal.client import DecisionRefused, RunClient, RunNotFound
from agno_temporal.hitl import Decision, Refusal, decision_from_json
from agno_temporal.plan.data import to_json


def resolve_through(db: Any, runs: Mapping[str, RunClient]) -> None:
    """Let the approvals of a database decide durable runs.

    AgentOS does so by itself for the database that a durable workflow has. For another object, on the same tables, call
    this with the one that is given to AgentOS.

    Args:
        runs: A client for the runs of each workflow, by the workflow's id.
    """
    if not has_approvals(db):
        return
    kind: Any = type(db)
    if not hasattr(kind, "_resolves_for"):
        db.__class__ = type(kind.__name__, (kind,), {**_METHODS, "_resolves_for": kind, "__module__": kind.__module__})
        db._durable_runs = {}
    db._durable_runs.update(runs)


async def _update_approval(db: Any, approval_id: str, expected_status: str | None = None, **changes: Any) -> Any:
    row = await _of_database(db, "get_approval", approval_id)
    if row is None or row["source_type"] != SOURCE or "status" not in changes or row["status"] != PENDING:
        return await _of_database(db, "update_approval", approval_id, expected_status, **changes)
    await _decide(db._durable_runs.get(row["workflow_id"]), row, changes)
    stamped = await _of_database(db, "update_approval", approval_id, PENDING, **changes)
    return stamped or await _of_database(db, "get_approval", approval_id)


async def _delete_approval(db: Any, approval_id: str) -> bool:
    row = await _of_database(db, "get_approval", approval_id)
    if row is not None and row["source_type"] == SOURCE and row["status"] == PENDING:
        await _refuse_while_asked(db._durable_runs.get(row["workflow_id"]), row)
    return bool(await _of_database(db, "delete_approval", approval_id))


_METHODS: Final = {"update_approval": _update_approval, "delete_approval": _delete_approval}


async def _of_database(db: Any, name: str, *args: Any, **options: Any) -> Any:
    """A method of the database's own class."""
    method = getattr(type(db)._resolves_for, name)
    if inspect.iscoroutinefunction(method):
        return await method(db, *args, **options)
    return await asyncio.to_thread(method, db, *args, **options)


async def _refuse_while_asked(runs: RunClient | None, row: Mapping[str, Any]) -> None:
    """A run that was terminated, or whose history is gone, writes no answer on its rows: somebody has to remove them.

    Raises:
        HTTPException: The run is open, or nobody here can say.
    """
    runs = _served(runs, row)
    with unanswered(), suppress(RunNotFound):
        if await runs.is_open(row["run_id"]):
            raise HTTPException(409, f"Run {row['run_id']} waits for this. Resolve it, or cancel the run.")


def _served(runs: RunClient | None, row: Mapping[str, Any]) -> RunClient:
    """
    Raises:
        HTTPException: There is no client for the row's workflow.
    """
    if runs is None:
        raise HTTPException(409, f"Workflow {row['workflow_id']!r} is not served here: do it where it is.")
    return runs


async def _decide(runs: RunClient | None, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """
    Raises:
        HTTPException: The run has not taken it. Says why.
    """
    runs, run_id = _served(runs, row), row["run_id"]
    try:
        with unanswered():
            await runs.decide(run_id, await _decision(runs, row, changes))
    except RunNotFound as error:
        raise HTTPException(404, f"Temporal has no run {run_id!r} any more. Delete the approval.") from error
    except DecisionRefused as error:
        raise HTTPException(409 if error.is_late else 422, str(error)) from error
    except NotThisWay as error:
        raise HTTPException(422, str(error)) from error


async def _decision(runs: RunClient, row: Mapping[str, Any], changes: Mapping[str, Any]) -> Decision:
    by, data = changes.get("resolved_by"), changes.get("resolution_data") or {}
    asked = [one.requirement for one in (await runs.snapshot(row["run_id"])).asked if one.requirement.id == row["id"]]
    if not asked:
        raise HTTPException(409, f"Run {row['run_id']!r} does not ask this.")
    decision = decision_from_json(to_json(decision_of_approval(asked[0], changes["status"] == "approved", data, by)))
    if isinstance(decision, Refusal):
        raise NotThisWay(decision.message)
    return decision
