"""What a request may have is bounded before anybody parses it, whatever its head says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.bodies import Limits, is_too_deep, outside_of_strings
from agno_temporal.api.service import new_service
from tests.api.served import over, problem, release
from tests.support import Bench

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def http(bench: Bench) -> httpx.AsyncClient:
    limits = Limits(body_bytes=10_000, body_seconds=0.5, head_bytes=4_000, headers=30)
    return over(create_app(new_service([release()], bench.client, task_queue=bench.task_queue, limits=limits)))


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_large_body_is_refused(http: httpx.AsyncClient) -> None:
    body = {"workflow_id": "release", "input": "x" * 10_000}

    problem(await http.post("/v1/runs", json=body), 413, "request-too-large")


async def test_a_body_that_comes_in_pieces_is_counted(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/runs", content=chunks(*[b"[" * 1_000] * 11), headers=JSON)

    problem(answer, 413, "request-too-large")


async def test_a_body_that_never_ends_is_given_up(http: httpx.AsyncClient) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    problem(await http.post("/v1/runs", content=slow(), headers=JSON), 408, "request-timeout")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 5_000,
        b'{"a":' * 1_500 + b"1" + b"}" * 1_500,
        b'{"workflow_id":"release","input":' + b"[" * 65 + b"]" * 65 + b"}",
        b'{"workflow_id":"release","input":1e999}',
        b'{"workflow_id":"release","input":NaN}',
        b'{"workflow_id":"release","input":' + b"9" * 9_000 + b"}",
        b'{"workflow_id":"release","input":"\\ud800"}',
        b'{"workflow_id":"release\xff"}',
        b'{"workflow_id":"rel\\u0000ease"}',
        b'{"workflow_id":"release","user_id":"a\\u0000b"}',
        b'{"workflow_id":"release","user_id":""}',
        b'{"workflow_id":"release","user_id":"' + b"x" * 300 + b'"}',
        b'{"workflow_id":"release","run_id":"../other"}',
        b'{"workflow_id":"release","run_id":"a/b"}',
        b'{"workflow_id":"release","stream":"yes"}',
        b'{"workflow_id":"release","metadata":{"a":1},"deadline":5}',
        b'{"workflow_id":["release"]}',
        b'"release"',
        b"null",
        b"",
    ],
)
async def test_a_hostile_body_is_a_problem_and_starts_nothing(http: httpx.AsyncClient, body: bytes) -> None:
    problem(await http.post("/v1/runs", content=body, headers=JSON), 422, "invalid-request")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Long": "x" * 5_000},
        {f"X-{number}": "x" for number in range(40)},
        {"Cookie": "; ".join(f"c{number}=x" for number in range(600))},
    ],
    ids=["long", "many", "cookies"],
)
async def test_a_large_head_is_refused(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    problem(await http.get("/v1/workflows", headers=headers), 431, "headers-too-large")


async def test_a_long_address_is_refused(http: httpx.AsyncClient) -> None:
    problem(await http.get("/v1/runs", params={"workflow_id": "x" * 5_000}), 431, "headers-too-large")


@pytest.mark.parametrize("key", ["", "x" * 300, "a\0b"])
async def test_a_key_that_cannot_be_kept_is_refused(http: httpx.AsyncClient, key: str) -> None:
    answer = await http.post("/v1/runs", json={"workflow_id": "release"}, headers={b"Idempotency-Key": key.encode()})

    problem(answer, 422, "invalid-request")


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/runs/r/requirements/q/confirm"])
async def test_of_two_keys_none_is_taken(http: httpx.AsyncClient, path: str) -> None:
    keys = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    body = problem(await http.post(path, json={"workflow_id": "release"}, headers=keys), 422, "invalid-request")

    assert [(one["in"], one["field"]) for one in body["errors"]] == [("header", "idempotency-key")]


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "WyJ4IiwxXQ"},
        {"cursor": "bnVsbA"},
        {"cursor": "é"},
        {"cursor": "a\0"},
        {"limit": "0"},
        {"limit": "1e3"},
        {"limit": "9" * 40},
        {"user_id": "a\0b"},
        {"status": "open' OR 1=1"},
    ],
)
async def test_a_query_that_cannot_be_meant_is_a_problem(http: httpx.AsyncClient, query: dict[str, Any]) -> None:
    answer = await http.get("/v1/runs", params=query)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_brackets_in_strings_are_no_depth() -> None:
    assert not is_too_deep(outside_of_strings(b'["[[[[[[", "\\"[[[[[", "{{{{"]'), 1)
    assert is_too_deep(outside_of_strings(b'[["]"]'), 1)
    # Begins of strings without an end, each looked at once.
    assert not is_too_deep(outside_of_strings(b'\\"' * 1_000_000), 1)


@pytest.mark.parametrize("value", [0, [], {}, "text, of [[[", {"a": [1]}], ids=repr)
async def test_more_values_than_are_taken_are_refused(bench: Bench, value: Any) -> None:
    service = new_service([release()], bench.client, task_queue=bench.task_queue, limits=Limits(values=100))
    http = over(create_app(service))

    answer = await http.post("/v1/runs", json={"workflow_id": "release", "input": [value] * 98})
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert error["message"] == "The body is no JSON that is taken: it has more than 100 values."


async def test_as_many_values_as_are_taken_start_a_run(bench: Bench) -> None:
    service = new_service([release()], bench.client, task_queue=bench.task_queue, limits=Limits(values=100))
    http = over(create_app(service))

    answer = await http.post("/v1/runs", json={"workflow_id": "release", "input": ["a, [b]"] * 97})
    assert answer.status_code == 201, answer.text


async def test_a_body_of_a_million_values_holds_up_nobody(bench: Bench) -> None:
    http = over(create_app(new_service([release()], bench.client, task_queue=bench.task_queue)))
    body = b'{"workflow_id":"release","input":[' + b"[]," * 600_000 + b"[]]}"

    before = time.thread_time()
    problem(await http.post("/v1/runs", content=body, headers=JSON), 422, "invalid-request")
    assert time.thread_time() - before < 0.5


@pytest.mark.parametrize(
    "body",
    [
        b'{"workflow_id":"other","workflow_id":"release"}',
        b'{"workflow_id":"release","input":{"a":[{"b":null,"\\u0062":{}}]}}',
    ],
)
async def test_a_body_with_a_name_twice_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/v1/runs", content=body, headers=JSON)

    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert "stands twice in one object" in error["message"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, identity"])
async def test_a_packed_body_is_refused_with_what_to_send(http: httpx.AsyncClient, encoding: str) -> None:
    headers = {**JSON, "Content-Encoding": encoding}
    answer = await http.post("/v1/runs", content=b'{"workflow_id":"release"}', headers=headers)

    assert "without `Content-Encoding`" in problem(answer, 415, "unsupported-media-type")["detail"]
    assert answer.headers["Accept-Encoding"] == "identity"
