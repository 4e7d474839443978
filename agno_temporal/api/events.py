"""A run's events over HTTP: as a stream that a client comes back to, or page by page.

A stream breaks: workers die, this server is deployed anew, a proxy has had enough. None of that may cost an event or
show one twice. So each event goes out with its number as the ``id``, and a client that comes back names the last one
that it has, as browsers do by themselves (``Last-Event-ID``): any server goes on from there.

A browser also comes back when all is over. It is then told that there is nothing more (204), which ends it.

A client that is slow gets its events as fast as it takes them; nothing is kept for it here, and one that takes nothing
for a minute is left, to come back when it likes.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from agno_temporal.api.access import Principal, Scope, needs, visible
from agno_temporal.api.documented import problems
from agno_temporal.api.event_stream import EventStream
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.still_known import while_known
from agno_temporal.api.texts import RunPath

STREAM: Final = "text/event-stream"
JSON: Final = "application/json"

MAX_PAGE: Final = 500
PAGE: Final = 100


def _digits(value: Any) -> Any:
    """A number as it is written here: Python reads more than digits as one, such as " 7" and "1_0"."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal() and len(value) <= 15):
        raise ValueError("a number of an event: digits, and no more than 15 of them")
    return value


def _absent(value: object) -> object:
    """A header that is there and empty, as clients send it that have seen no event yet."""
    return None if value == "" else value


Number = Annotated[int, BeforeValidator(_digits), Field(ge=0)]


class Asked(BaseModel):
    """What of the events is asked for."""

    model_config = ConfigDict(extra="forbid")

    after: Number | None = Field(None, description="The last number that is known already.", examples=[17])
    until: Literal["end", "pause"] = Field(
        "end", description="End the stream with the run, or as soon as only a decision can move the run."
    )
    previews: bool = Field(
        False, description="Show what a step says before it is durable, if it runs in the server's process. No id."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = Field(
        None, description=f"How many events a page has at most ({PAGE}). Only of JSON."
    )


def routes(service: Service) -> APIRouter:
    router = new_router(service, "events")
    reads = Depends(needs(service, Scope.READ))

    @router.get(
        "/runs/{run_id}/events",
        operation_id="follow_run",
        summary="Follow a run",
        response_class=Response,
        responses={
            **_RESPONSES,
            **problems("run-not-found", "run-put-back", "not-acceptable", "no-worker", "too-many-streams"),
        },
    )
    async def follow_run(
        run_id: RunPath,
        request: Request,
        asked: Annotated[Asked, Query()],
        principal: Principal = reads,
        last_event_id: Annotated[
            Number | None, BeforeValidator(_absent), Header(description="As `after`, and goes before it.")
        ] = None,
        accept: Annotated[str, Header(include_in_schema=False)] = STREAM,
    ) -> Response:
        """agno's events with their numbers, from the first one or the one after `Last-Event-ID`, for as long as the run
        lasts. With `Accept: application/json`, a page of those that there are now.
        """
        streams = _is_stream(accept or STREAM)
        _refuse_ignored(asked, streams)
        await visible(service, principal, run_id)
        known = last_event_id if last_event_id is not None else asked.after
        after = -1 if known is None else known
        if not streams:
            return await _page(service, run_id, after, asked.limit or PAGE)
        if known is not None and await service.runs.is_over(run_id, after):
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        lines = service.runs.lines(run_id, after, previews=asked.previews, to_a_pause=asked.until == "pause")
        still_known = while_known(service.access, request, lines, Scope.READ)
        return EventStream(still_known, run_id, after, request, service.streams, principal.id)

    return router


async def _page(service: Service, run_id: str, after: int, limit: int) -> Response:
    """The events' own JSON is put in as it is: it is made once."""
    page = await service.runs.events_so_far(run_id, after, limit)
    ends = f'"after":{"null" if page.after < 0 else page.after},"more":{_bool(page.more)}'
    body = f'{{"events":[{",".join(page.events)}],{ends},"ended":{_bool(page.ended)}}}'
    return Response(body.encode(), media_type=JSON, headers={"Cache-Control": "no-store"})


def _bool(value: bool) -> str:
    return "true" if value else "false"


_ZERO = re.compile(r"(?:^|;)\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)")


def _is_stream(accept: str) -> bool:
    """Whether the caller is to get a stream: where it says so, or takes anything. What it weighs with 0 it does not
    take (RFC 9110, 12.4.2); other weights decide nothing.

    >>> _is_stream("text/event-stream"), _is_stream("*/*"), _is_stream("application/json, */*;q=0.1")
    (True, True, False)
    >>> _is_stream("text/event-stream;q=0, */*"), _is_stream("application/json;q=0, */*")
    (False, True)

    Raises:
        Problem: 406, it takes neither a stream nor JSON.
    """
    ranges = [part.partition(";") for part in accept.lower().split(",")]
    said = {media_type.strip(): _ZERO.search(weight) is None for media_type, _, weight in ranges}
    stream, json = _takes(STREAM, said), _takes(JSON, said)
    if stream or json:
        return stream and not (json and JSON in said and STREAM not in said)
    raise Problem(406, "not-acceptable", f"Events are there as {STREAM}, and as {JSON}.")


def _takes(form: str, said: dict[str, bool]) -> bool:
    """By the narrowest of the ranges that it is in."""
    ranges = (form, f"{form.partition('/')[0]}/*", "*/*")
    return next((said[one] for one in ranges if one in said), False)


def _refuse_ignored(asked: Asked, streams: bool) -> None:
    """An option of the other form would be taken and ignored."""
    ignored = ["limit"] if streams else ["until", "previews"]
    errors = [
        {"in": "query", "field": name, "message": f"not with {STREAM if streams else JSON}"}
        for name in ignored
        if name in asked.model_fields_set
    ]
    if errors:
        raise Problem(422, "invalid-request", "Options of another form; `errors` says which.", {"errors": errors})


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events.",
        "content": {
            STREAM: {
                "schema": {"type": "string"},
                "example": 'id: 0\nevent: WorkflowStarted\ndata: {"event":"WorkflowStarted","event_index":0}\n\n',
            },
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["events", "after", "more", "ended"],
                    "properties": {
                        "events": {"type": "array", "items": {"type": "object"}},
                        "after": {"type": ["integer", "null"], "description": "Ask on with this."},
                        "more": {"type": "boolean", "description": "There are further events already."},
                        "ended": {"type": "boolean", "description": "There will be no more than these."},
                    },
                },
                "example": {
                    "events": [{"event": "WorkflowStarted", "event_index": 0, "run_id": "release-17"}],
                    "after": 0,
                    "more": False,
                    "ended": False,
                },
            },
        },
    },
    204: {"description": "The run has ended, and the caller has all of its events."},
}
