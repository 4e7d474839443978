"""Probes: whether the server lives, and which of the parts that it needs is missing."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from temporalio.client import Client

from agno_temporal.api import health
from agno_temporal.api.app import create_app
from agno_temporal.api.problems import Problem
from agno_temporal.api.service import new_service
from tests.api.served import over, problem, release, served
from tests.support import Bench, eventually


class Nobody:
    """Knows no caller."""

    async def principal(self, connection: Any) -> Any:
        raise Problem(401, "unauthorized", "Nobody.")


@pytest.fixture
def sqlite(tmp_path: Path) -> SqliteDb:
    return SqliteDb(db_file=str(tmp_path / "agno.db"))


async def test_it_lives_and_is_ready_when_all_parts_are_there(bench: Bench, sqlite: SqliteDb) -> None:
    async with served(bench, release(sqlite)) as api:
        assert await api.get("/health") == await api.get("/v1/health") == {"status": "alive"}

        async def ready() -> bool:
            return (await api.http.get("/ready")).status_code == 200

        await eventually("readiness", ready)
        parts = ("temporal", "database", "workers")
        assert await api.get("/ready") == {"status": "ready", "checks": {name: {"ok": True} for name in parts}}
        assert (await api.http.get("/v1/ready")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/health", "/v1/ready"])
async def test_who_asks_for_the_head_alone_is_told_the_status(bench: Bench, path: str) -> None:
    async with served(bench, release(), worker=False) as api:
        head, whole = await api.http.head(path), await api.http.get(path)
        refused = await api.http.post(path)
    assert head.status_code == whole.status_code != 405
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_without_a_worker_it_lives_and_is_not_ready(bench: Bench) -> None:
    async with served(bench, release(), worker=False) as api:
        assert await api.get("/health") == {"status": "alive"}
        body = problem(await api.http.get("/ready"), 503, "not-ready")
    assert body["checks"]["temporal"] == {"ok": True}
    assert body["checks"]["workers"]["ok"] is False
    assert "agno-temporal worker" in body["checks"]["workers"]["detail"]
    assert "database" not in body["checks"]


async def test_without_its_database_it_is_not_ready_and_tells_nothing_of_it(bench: Bench) -> None:
    db = PostgresDb(db_url="postgresql+psycopg://user:secret@127.0.0.1:1/agno")
    async with served(bench, release(db), worker=False) as api:
        answer = await api.http.get("/ready")
    assert problem(answer, 503, "not-ready")["checks"]["database"]["ok"] is False
    assert "secret" not in answer.text
    assert "psycopg" not in answer.text


async def test_without_temporal_it_lives_and_says_so_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "WITHIN", 0.5)
    client = await Client.connect("127.0.0.1:1", lazy=True)
    async with over(create_app(new_service([release()], client))) as http:
        assert (await http.get("/health")).status_code == 200
        body = problem(await asyncio.wait_for(http.get("/ready"), 10), 503, "not-ready")
    assert body["checks"]["temporal"]["ok"] is body["checks"]["workers"]["ok"] is False


async def test_a_part_that_hangs_is_waited_for_only_so_long_and_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[Any] = []

    async def swallow(reader: Any, writer: Any) -> None:
        connections.append(writer)

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr(health, "WITHIN", 0.2)
    db = PostgresDb(db_url=f"postgresql+psycopg://u@127.0.0.1:{port}/agno?connect_timeout=20")
    async with served(bench, release(db), worker=False) as api:
        answers = [await api.http.get("/ready") for _ in range(3)]
        for writer in connections:
            writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    server.close()
    details = [problem(one, 503, "not-ready")["checks"]["database"]["detail"] for one in answers]
    assert details == ["no answer within 0.2 s"] * 3
    assert len(connections) == 1


async def test_probes_need_no_credentials(bench: Bench) -> None:
    async with served(bench, release(), worker=False, access=Nobody()) as api:
        assert (await api.http.get("/health")).status_code == 200
        assert (await api.http.get("/ready")).status_code == 503
        assert (await api.http.get("/v1/workflows")).status_code == 401
