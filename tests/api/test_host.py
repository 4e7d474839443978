"""The host app's own dependency, where our router is mounted in an app that knows its callers already."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from typing import Annotated, Any
from weakref import ref

import pytest
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request

from agno_temporal.api.host import HostAccess
from agno_temporal.api.principals import Principal, Scope
from agno_temporal.api.router import create_router
from agno_temporal.api.service import new_service
from tests.api.served import over, problem, release
from tests.support import Bench

closed: list[str] = []


async def session() -> AsyncIterator[dict[str, str]]:
    """A dependency that the host's has, with an end of its own."""
    yield {"s-1": "ana"}
    closed.append("session")


class Users:
    """The host's dependency: by a cookie, or a header that only its own proxy sets."""

    async def __call__(
        self,
        request: Request,
        known: Annotated[dict[str, str], Depends(session)],
        sid: Annotated[str | None, Cookie()] = None,
        x_tenant: Annotated[str, Header()] = "none",
    ) -> dict[str, str]:
        assert request.app.state.name == "host"
        if sid not in known:
            raise HTTPException(401, "Sign in first.", {"WWW-Authenticate": "Cookie"})
        return {"name": known[sid], "tenant": x_tenant}


users = Users()


def staff(user: dict[str, str]) -> Principal:
    return Principal(f"user:{user['name']}@{user['tenant']}", frozenset({Scope.READ}), user["name"])


@pytest.fixture
def app(bench: Bench) -> FastAPI:
    service = new_service([release()], bench.client, task_queue=bench.task_queue, access=HostAccess(users, staff))
    app = FastAPI()
    app.state.name = "host"
    app.include_router(create_router(service), prefix="/releases")

    @app.exception_handler(HTTPException)
    async def host_page(request: Request, error: HTTPException) -> Any:
        raise AssertionError("the host's own page")

    return app


async def test_whom_the_host_knows_may_call(app: FastAPI):
    closed.clear()
    async with over(app, "/releases") as http:
        http.cookies.set("sid", "s-1")
        assert (await http.get("/v1/workflows")).status_code == 200
    assert closed == ["session"]


async def test_whom_the_host_refuses_is_refused_as_it_says(app: FastAPI):
    async with over(app, "/releases") as http:
        answer = await http.get("/v1/workflows")
        assert problem(answer, 401, "unauthorized")["detail"] == "Sign in first."
        assert answer.headers["www-authenticate"] == "Cookie"


async def test_what_the_host_allows_is_all_that_is_allowed(app: FastAPI):
    async with over(app, "/releases") as http:
        http.cookies.set("sid", "s-1")
        problem(await http.post("/v1/runs", json={"workflow_id": "release"}), 403, "insufficient-scope")


async def test_the_hosts_overrides_count(app: FastAPI):
    app.dependency_overrides[users] = lambda: {"name": "test", "tenant": "t"}
    async with over(app, "/releases") as http:
        assert (await http.get("/v1/workflows")).status_code == 200


async def test_a_dependency_that_fails_lets_nobody_in(app: FastAPI):
    def broken() -> dict[str, str]:
        raise RuntimeError("the user database is down")

    app.dependency_overrides[users] = broken
    async with over(app, "/releases") as http:
        answer = await http.get("/v1/workflows")
    assert "down" not in str(problem(answer, 500, "internal-error"))


async def test_an_app_that_is_gone_is_not_kept():
    access = HostAccess(lambda: {"name": "ana", "tenant": "t"}, staff)

    async def called() -> ref[FastAPI]:
        app = FastAPI()

        @app.get("/name")
        async def name(request: Request) -> str:
            return (await access.principal(request)).id

        async with over(app) as http:
            assert (await http.get("/name")).json() == "user:ana@t"
        return ref(app)

    gone = await called()
    gc.collect()
    assert gone() is None
