"""Routes that answer problems wherever they are mounted, and read a body only for whom the server knows.

An app's exception handlers are the app's. A router that relied on them would answer in the shape of whatever app it is
included in, or change how that app answers. So each route of ours turns its own errors into problems, before any
handler of the app sees them. And FastAPI reads the body before it solves a dependency: so who calls is asked here,
before that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agno_temporal.api.access import Needs
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.bodies import BoundedRequest, Limits
from agno_temporal.api.problems import Problem, problem_response
from agno_temporal.api.service import Service

GONE = 499
"""The status of a request whose caller left within its body. Nobody is told it; it is counted."""

ONCE = ("idempotency-key", "last-event-id")
"""Headers of which a request has one."""

_JSON = re.compile(r"application/([^\s/+]+\+)*json")


def new_router(service: Service, tag: str, limits: Limits | None = None) -> APIRouter:
    """A router for one subject, whose routes are ours.

    Args:
        limits: Of its requests; None is the service's own.
    """
    router = APIRouter(tags=[tag], default_response_class=JsonAnswer, redirect_slashes=False)

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()
            needed = [one.call for one in self.dependant.dependencies if isinstance(one.call, Needs)]
            has_body = self.body_field is not None
            known = frozenset(_query_names(self.dependant))

            async def handler(request: Request) -> Response:
                try:
                    for needs in needed:
                        await needs(request)
                    _refuse_unknown(request, known)
                    _refuse_repeated(request)
                    bounded = BoundedRequest(request, limits or service.limits)
                    if has_body and await bounded.body():
                        _refuse_other_media(bounded)
                        await bounded.json()
                    return await answer(bounded)
                except ClientDisconnect:
                    return Response(status_code=GONE)
                except Exception as error:
                    return problem_response(error, request)

            return handler

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] in (self.methods or ()):
                await super().handle(scope, receive, send)
                return
            taken = {method for one in _beside(router, self) for method in one.methods or ()}
            detail = f"{scope['method'][:20]} is not taken here: {', '.join(sorted(taken))}."
            error = HTTPException(405, detail, {"Allow": ", ".join(sorted(taken))})
            await problem_response(error, Request(scope))(scope, receive, send)

    router.route_class = Route
    return router


def _beside(router: APIRouter, route: APIRoute) -> list[APIRoute]:
    """The routes at the same address."""
    return [one for one in router.routes if isinstance(one, APIRoute) and one.path_format == route.path_format]


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (one.alias or name for name, one in model.model_fields.items())
        else:
            yield field.alias
    for one in dependant.dependencies:
        yield from _query_names(one)


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """A filter that is misspelt would be a list of everything."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        message = f"not known here; known are {', '.join(sorted(known)) or 'none'}"
        raise RequestValidationError([{"loc": ("query", name), "msg": message} for name in unknown])


def _refuse_repeated(request: Request) -> None:
    """Of two keys the framework takes the last one, and whoever set the first is not known by it."""
    repeated = [name for name in ONCE if len(request.headers.getlist(name)) > 1]
    if repeated:
        raise RequestValidationError([{"loc": ("header", name), "msg": "sent twice: send one"} for name in repeated])


def _refuse_other_media(request: Request) -> None:
    """A browser sends a form, or plain text, from any page to any server without asking; JSON it asks for first."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _JSON.fullmatch(media_type):
        raise Problem(415, "unsupported-media-type", "Send JSON, with `Content-Type: application/json`.")
    if request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        detail = "Send it as it is, without `Content-Encoding`: what is packed has no size before it is unpacked."
        raise Problem(415, "unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})
