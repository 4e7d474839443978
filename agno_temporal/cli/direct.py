"""Runs straight from Temporal, with its workers answering."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from agno_temporal.activities.history import read_plan
from agno_temporal.agno_bridge.event_text import event_text
from agno_temporal.agno_bridge.request import kept, kept_state
from agno_temporal.agno_bridge.values import encode, encode_each
from agno_temporal.cli.backend import Document, Wanted
from agno_temporal.cli.exits import ExitCode, Failed, Refused, Unknown, of_refusal
from agno_temporal.client import DecisionRefused, OutcomeUnknown, RunClient
from agno_temporal.contract.request import RunRequest
from agno_temporal.follow import mending, terminating
from agno_temporal.hitl import Decision
from agno_temporal.plan import GatedNode, walk
from agno_temporal.plan.data import Json
from agno_temporal.views.documents import (
    blocked_document,
    field_document,
    pending_document,
    questions_document,
    resolution_document,
    run_document,
    runs_document,
)
from agno_temporal.views.plans import plan_document
from agno_temporal.views.run_view import look_at, manifest_of
from agno_temporal.views.survey import survey

RUNS_LOOKED_AT = 1000
"""Runs that are looked at for the names of workflows."""

EVENTS_AT_ONCE = 500


class Direct:
    """See `Backend`."""

    def __init__(self, runs: RunClient) -> None:
        self._runs = runs

    def actor(self, by: str | None) -> str | None:
        return by or _login()

    async def workflows(self) -> Document:
        """Temporal knows those that have runs, and no others."""
        found: dict[str, int] = {}
        async for run in self._runs.list_runs():
            found[run.workflow_id] = found.get(run.workflow_id, 0) + 1
            if sum(found.values()) >= RUNS_LOOKED_AT:
                break
        workflows = [
            {"id": workflow_id, "name": None, "description": None, "runs": count}
            for workflow_id, count in sorted(found.items())
        ]
        return {"workflows": workflows, "complete": False}

    async def workflow(self, workflow_id: str) -> Document:
        """What the newest run follows that was begun; Temporal knows no more of a workflow."""
        async for run in self._runs.list_runs(workflow_id):
            if (plan := await read_plan(self._runs.client, run.run_id)) is not None:
                head = {"id": workflow_id, "name": plan.workflow_name, "description": None}
                return {**head, "has_database": plan.has_db, "input_schema": None, "plan": plan_document(plan)}
        raise Failed(
            f"Temporal has no run of workflow {workflow_id!r} that tells its steps. `agno-temporal workflows app.py` "
            "describes what an app has.",
            ExitCode.NOT_FOUND,
        )

    async def start(self, workflow_id: str, request: RunRequest, run_id: str) -> None:
        await self._runs.start(workflow_id, _written(request), run_id)

    async def nobody_works(self) -> str | None:
        nobody = await self._runs.nobody_begins()
        return nobody and nobody[0].upper() + nobody[1:]

    async def run(self, run_id: str) -> Document:
        return run_document(await look_at(self._runs, run_id))

    async def questions(self, run_id: str) -> Document:
        return questions_document(await manifest_of(self._runs, run_id), time.time())

    async def fields(self, run_id: str) -> list[Document]:
        plan = await read_plan(self._runs.client, run_id)
        nodes = [node for node in walk(plan.steps if plan else ()) if isinstance(node, GatedNode)]
        return [field_document(field) for node in nodes for field in node.review.user_input_schema or ()]

    async def runs(self, wanted: Wanted) -> tuple[Document, bool]:
        rows, more = await survey(self._runs, wanted.limit, wanted.workflow_id, wanted.open_only)
        return runs_document(rows), more

    async def pending(self, wanted: Wanted) -> tuple[Document, bool]:
        """Every open run is asked; what is wanted of them is picked out here."""
        rows, more = await survey(self._runs, wanted.limit, wanted.workflow_id, open_only=True)
        document = pending_document(rows, time.time())
        document["pending"] = [one for one in document["pending"] if _is_wanted(one, wanted)]
        return document, more

    async def decide(self, run_id: str, decision: Decision) -> Document:
        try:
            return resolution_document(await self._runs.decide(run_id, _encoded(decision)))
        except DecisionRefused as error:
            raise Refused(str(error), of_refusal(error.code)) from error
        except OutcomeUnknown as error:
            raise Unknown(str(error)) from error

    async def signal(self, run_id: str, decision: Decision) -> None:
        try:
            await self._runs.signal(run_id, _encoded(decision))
        except DecisionRefused as error:
            raise Refused(str(error), of_refusal(error.code)) from error
        except OutcomeUnknown as error:
            raise Unknown(str(error)) from error

    async def cancel(self, run_id: str) -> bool:
        return await self._runs.cancel(run_id)

    async def terminate(self, run_id: str, reason: str) -> bool:
        return await terminating.terminate(self._runs.client, run_id, reason)

    async def unblock(self, run_id: str, step: str | None) -> list[Document]:
        blocked = await self._runs.blocked(run_id)
        return blocked_document(await mending.unblock(self._runs.client, run_id, blocked, step))

    async def blocked(self, run_id: str) -> list[Document]:
        return blocked_document(await self._runs.blocked(run_id))

    async def settled(self, run_id: str) -> Document:
        return run_document(await look_at(self._runs, run_id, await self._runs.wait(run_id)))

    async def events(self, run_id: str, after: int, follow: bool) -> AsyncGenerator[Document, None]:
        if follow:
            async with aclosing(self._runs.events(run_id, after)) as events:
                async for _, event in events:
                    yield json.loads(event_text(event, run_id))
            return
        more = True
        while more:
            page = await self._runs.events_so_far(run_id, after, EVENTS_AT_ONCE)
            for text in page.events:
                yield json.loads(text)
            after, more = page.after, page.more


def _is_wanted(one: Document, wanted: Wanted) -> bool:
    return all(
        value is None or one[key] == value
        for key, value in (
            ("kind", wanted.kind),
            ("step_name", wanted.step_name),
            ("user_id", wanted.user_id),
            ("session_id", wanted.session_id),
        )
    )


def _login() -> str | None:
    """The login name; None in a container without users."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _written(request: RunRequest) -> RunRequest:
    """With values as they stand in a history, as an API writes them: so a start can be repeated from either side."""
    return replace(
        request,
        input=kept(request.input, "input"),
        session_state=kept_state(request.session_state),
        metadata=kept(request.metadata, "metadata"),
        additional_data=kept(request.additional_data, "additional_data"),
        dependencies=kept(request.dependencies, "dependencies"),
        stream_events=request.stream,
    )


def _encoded(decision: Decision) -> Decision:
    """With values as they stand in a history, so that nothing in them can pass for one of its marks."""
    answers = {call: replace(one, values=_values(one.values)) for call, one in (decision.answers or {}).items()}
    return replace(
        decision,
        values=_values(decision.values),
        edited_output=encode(decision.edited_output),
        answers=answers or decision.answers,
    )


def _values(values: dict[str, Json] | None) -> dict[str, Json] | None:
    return None if values is None else encode_each(values, "")
