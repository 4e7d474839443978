"""Every error is a problem, in an app of its own and in somebody else's, which keeps its own errors as they are."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from temporalio.client import Client

from agno_temporal.api.app import create_app
from agno_temporal.api.router import create_router
from agno_temporal.api.service import Service, new_service
from tests.api.served import over, problem, release
from tests.support import Bench


@pytest.fixture
def service(bench: Bench) -> Service:
    return new_service([release()], bench.client, task_queue=bench.task_queue)


@pytest.fixture(params=["own app", "mounted"])
def http(service: Service, request: pytest.FixtureRequest) -> httpx.AsyncClient:
    if request.param == "own app":
        return over(create_app(service))
    host = FastAPI()
    host.include_router(create_router(service), prefix="/durable")
    return over(host, "/durable")


async def test_what_does_not_fit_is_told_field_by_field(http: httpx.AsyncClient) -> None:
    body = {"workflow_id": 7, "metadata": [], "deadline": "never"}
    told = problem(await http.post("/v1/runs?wait=soon", json=body), 422, "invalid-request")

    assert {(one["in"], one["field"]) for one in told["errors"]} == {
        ("query", "wait"),
        ("body", "workflow_id"),
        ("body", "metadata"),
        ("body", "deadline"),
    }


async def test_another_method_is_told_which_are_taken(http: httpx.AsyncClient) -> None:
    answer = await http.delete("/v1/runs")

    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient) -> None:
    json = {"Content-Type": "application/json"}
    problem(await http.post("/v1/runs", content=b"{", headers=json), 422, "invalid-request")
    for media_type in ("text/plain", "text/x+json", "application/+json", "application/x/y+json", "+json", "json", ""):
        answer = await http.post("/v1/runs", content=b"{}", headers={"Content-Type": media_type})
        problem(answer, 415, "unsupported-media-type")
    problem(await http.post("/v1/runs", content=b"{}"), 415, "unsupported-media-type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
async def test_json_of_any_kind_is_read(http: httpx.AsyncClient, media_type: str) -> None:
    answer = await http.post("/v1/runs", content=b'{"workflow_id":"no"}', headers={"Content-Type": media_type})

    problem(answer, 404, "workflow-not-found")


async def test_an_error_of_ours_tells_nothing_but_where_it_is_logged(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def principal(self, connection: Any) -> Any:
            raise RuntimeError("the password is hunter2")

    app = create_app(Service(service.runs, service.workflows, service.plans, access=Broken()))
    with caplog.at_level(logging.ERROR, "agno_temporal.api"):
        answer = await over(app).get("/v1/workflows")

    told = problem(answer, 500, "internal-error")
    assert "hunter2" not in answer.text
    assert told["error_id"] in caplog.text
    assert "hunter2" in caplog.text


async def test_temporal_that_does_not_answer_is_503_and_may_be_asked_again(service: Service) -> None:
    nowhere = await Client.connect("127.0.0.1:9", lazy=True)
    gone = new_service([release()], nowhere)
    answer = await over(create_app(gone)).get("/v1/runs/some")

    problem(answer, 503, "temporal-unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_an_unknown_address_is_a_problem_of_our_app(service: Service) -> None:
    problem(await over(create_app(service)).get("/v1/nothing"), 404, "not-found")


async def test_a_host_keeps_its_own_errors(service: Service) -> None:
    host = FastAPI()

    @host.exception_handler(Exception)
    async def of_the_host(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"host": "failed"}, 500)

    @host.get("/own")
    async def own(number: int) -> None:
        raise RuntimeError

    host.include_router(create_router(service))
    http = over(host)

    assert (await http.get("/own?number=1")).json() == {"host": "failed"}
    assert "detail" in (await http.get("/own?number=x")).json()
    assert (await http.get("/nothing")).json() == {"detail": "Not Found"}
    problem(await http.get("/v1/runs?limit=x"), 422, "invalid-request")
