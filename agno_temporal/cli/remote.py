"""Runs behind a remote API: its routes, as a `Backend`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import quote

from agno_temporal.cli.backend import Document, Wanted
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.remote_bodies import body_of, start_body
from agno_temporal.cli.remote_events import followed, so_far
from agno_temporal.cli.remote_http import Http
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Decision

PAGE = 200
"""Entries that the API lists at once."""

LOOK_AGAIN = 0.5
"""Seconds until a run is looked at again that moved on when it should have waited."""


class Remote:
    """See `Backend`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, key: str | None) -> AsyncIterator[Remote]:
        """The API at an address, for the length of a block."""
        http = Http(url, key)
        try:
            yield cls(http)
        finally:
            await http.close()

    def actor(self, by: str | None) -> str | None:
        if by is not None:
            raise Failed("--by is not for an API: it knows who calls by the key.", ExitCode.USAGE)
        return None

    async def workflows(self) -> Document:
        return await self._http.get("/workflows")

    async def workflow(self, workflow_id: str) -> Document:
        return await self._http.get(f"/workflows/{_part(workflow_id)}")

    async def start(self, workflow_id: str, request: RunRequest, run_id: str) -> None:
        await self._http.post("/runs", start_body(workflow_id, request, run_id))

    async def nobody_works(self) -> str | None:
        workers = (await self.checks()).get("workers", {"ok": True})
        return None if workers["ok"] else "No worker polls the API's task queue"

    async def checks(self) -> dict[str, Document]:
        """What the API says of the parts that it needs, by their names."""
        return await self._http.checks()

    async def run(self, run_id: str) -> Document:
        return await self._http.get(f"/runs/{_part(run_id)}")

    async def questions(self, run_id: str) -> Document:
        return await self._http.get(f"/runs/{_part(run_id)}/requirements", all="true")

    async def fields(self, run_id: str) -> list[Document]:
        waiting = await self._http.get("/requirements", run_id=run_id, limit=PAGE)
        return [field for one in waiting["pending"] for field in one["fields"] or ()]

    async def runs(self, wanted: Wanted) -> tuple[Document, bool]:
        query = {"workflow_id": wanted.workflow_id, "status": "open" if wanted.open_only else None}
        found, more = await self._listed("/runs", "runs", wanted.limit, query)
        return {"runs": found}, more

    async def pending(self, wanted: Wanted) -> tuple[Document, bool]:
        query = {
            "workflow_id": wanted.workflow_id,
            "kind": wanted.kind,
            "step": wanted.step_name,
            "user_id": wanted.user_id,
            "session_id": wanted.session_id,
        }
        found, more = await self._listed("/requirements", "pending", wanted.limit, query)
        return {"pending": found, "no_answer": [], "unreadable": []}, more

    async def decide(self, run_id: str, decision: Decision) -> Document:
        return await self._http.post(*self._decision(run_id, decision))

    async def signal(self, run_id: str, decision: Decision) -> None:
        path, body, headers = self._decision(run_id, decision)
        await self._http.post(path, body, {**headers, "Prefer": "respond-async, wait=0"})

    async def cancel(self, run_id: str) -> bool:
        answer = await self._http.post(f"/runs/{_part(run_id)}/cancel")
        return bool(answer["cancelling"])

    async def terminate(self, run_id: str, reason: str) -> bool:
        await self._http.post(f"/runs/{_part(run_id)}/terminate", {"reason": reason})
        return True

    async def delete_session(self, workflow_id: str, session_id: str) -> Document:
        """Delete a session and all that is kept of its runs: its id, and theirs."""
        return await self._http.delete(f"/workflows/{_part(workflow_id)}/sessions/{_last_part(session_id)}")

    async def unblock(self, run_id: str, step: str | None) -> list[Document]:
        body = {} if step is None else {"step": step}
        tried: list[Document] = (await self._http.post(f"/runs/{_part(run_id)}/unblock", body))["tried"]
        return tried

    async def blocked(self, run_id: str) -> list[Document]:
        blocked: list[Document] = (await self.run(run_id))["blocked"]
        return blocked

    async def settled(self, run_id: str) -> Document:
        after = -1
        while True:
            run = await self.run(run_id)
            if _is_settled(run):
                return run
            async with aclosing(followed(self._http, _part(run_id), after, "pause")) as events:
                async for event in events:
                    after = event["event_index"]
            run = await self.run(run_id)
            if _is_settled(run):
                return run
            await asyncio.sleep(LOOK_AGAIN)

    async def events(self, run_id: str, after: int, follow: bool) -> AsyncGenerator[Document, None]:
        part = _part(run_id)
        events = followed(self._http, part, after, "end") if follow else so_far(self._http, part, after)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _listed(self, path: str, key: str, limit: int, query: dict[str, Any]) -> tuple[list[Document], bool]:
        """Pages of a list, up to `limit` entries, and whether there are more."""
        found, cursor = list[Document](), None
        while True:
            page = await self._http.get(path, **query, limit=min(PAGE, limit - len(found)), cursor=cursor)
            found += page[key]
            cursor = page["cursor"]
            if cursor is None or len(found) >= limit:
                return found[:limit], cursor is not None

    @staticmethod
    def _decision(run_id: str, decision: Decision) -> tuple[str, Document, dict[str, str]]:
        place = f"/runs/{_part(run_id)}/requirements/{_part(decision.requirement_id)}/{decision.action.value}"
        return place, body_of(decision), {"Idempotency-Key": decision.decision_id or ""}


def _is_settled(run: Document) -> bool:
    """Of a run whose worker is gone, the database knows that it waits, and not whether anything else is under way."""
    return bool(run["settled"]) or (run.get("source") == "database" and run["status"] == "PAUSED")


def _part(text: str) -> str:
    """A part of a path.

    Raises:
        Failed: No id is like this, or it has a slash: a server decodes an address before it takes it apart.
    """
    if "/" in text:
        why = f"{text!r} has a slash, and no API can reach that: ask Temporal itself, with --address and without --api."
        raise Failed(why, ExitCode.USAGE)
    return _last_part(text)


def _last_part(text: str) -> str:
    """The last part of a path that the API takes whole: it may hold a slash.

    Raises:
        Failed: No id is like this.
    """
    if text in ("", ".", ".."):
        raise Failed(f"{text!r} is no id.", ExitCode.NOT_FOUND)
    return quote(text, safe="")
