"""Who decided is whom the server verified, whatever a body or a header says."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from temporalio.client import Client

from agno_temporal.api.service import new_service
from tests.api.guarded import SIGNER, Keys, app_of, calling, some_keys
from tests.api.served import problem, release
from tests.support import Bench


@dataclass
class Gates:
    """An API with credentials, and a fresh gate for whoever asks."""

    bench: Bench
    keys: Keys

    async def open(self) -> tuple[str, str]:
        """The address of a gate, and of its run."""
        run_id = await self.bench.start(release(), "v1")
        [asked] = await self.bench.paused(run_id)
        return f"/v1/runs/{run_id}/requirements/{asked.requirement.id}", run_id

    def caller(self, token: str) -> httpx.AsyncClient:
        service = new_service([release()], self.bench.client, task_queue=self.bench.task_queue)
        return calling(app_of(service, self.keys), token)


@pytest.fixture(scope="module")
async def gates(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gates]:
    bench = Bench(await Client.connect(server), f"test-{uuid.uuid4()}")
    async with bench.worker(release()):
        yield Gates(bench, await some_keys(tmp_path_factory.mktemp("keys")))


HEADERS = {
    "X-User": "boss",
    "X-Forwarded-User": "boss",
    "X-Actor": "boss",
    "Remote-User": "boss",
    "From": "boss@example.org",
    "X-HTTP-Method-Override": "GET",
}


async def test_the_actor_is_the_verified_user(gates: Gates):
    gate, run_id = await gates.open()
    async with gates.caller(SIGNER.token(sub="ana@example.org", scope="decide")) as http:
        answer = await http.post(f"{gate}/confirm", json={}, headers=HEADERS)
    assert (answer.status_code, answer.json()["decided_by"]) == (200, "user:ana@example.org"), answer.text
    [asked] = (await gates.bench.ended(run_id)).asked
    assert asked.resolution is not None
    assert asked.resolution.decision.decided_by == "user:ana@example.org"


async def test_the_actor_is_the_keys_name(gates: Gates):
    gate, _ = await gates.open()
    async with gates.caller(gates.keys.tokens["decide"]) as http:
        assert (await http.post(f"{gate}/confirm", json={}, headers=HEADERS)).json()["decided_by"] == "key:decide"


@pytest.mark.parametrize("field", ["decided_by", "actor", "user_id", "resolved_by", "at", "decision_id"])
async def test_a_body_cannot_name_another(gates: Gates, field: str):
    gate, run_id = await gates.open()
    async with gates.caller(gates.keys.tokens["decide"]) as http:
        problem(await http.post(f"{gate}/confirm", json={field: "user:boss"}), 422, "invalid-request")
    assert len(await gates.bench.paused(run_id)) == 1


async def test_a_subject_that_looks_like_a_system_actor_is_a_user(gates: Gates):
    gate, _ = await gates.open()
    async with gates.caller(SIGNER.token(sub="system:timer", scope="decide")) as http:
        assert (await http.post(f"{gate}/confirm", json={})).json()["decided_by"] == "user:system:timer"


async def test_the_idempotency_key_of_one_caller_answers_nobody_else(gates: Gates):
    gate, _ = await gates.open()
    key = {"Idempotency-Key": "one"}
    async with (
        gates.caller(SIGNER.token(sub="ana", scope="decide")) as ana,
        gates.caller(SIGNER.token(sub="bob", scope="decide")) as bob,
    ):
        first = await ana.post(f"{gate}/confirm", json={}, headers=key)
        other = await bob.post(f"{gate}/confirm", json={}, headers=key)
        again = await ana.post(f"{gate}/confirm", json={}, headers=key)
    assert first.status_code == 200
    assert problem(other, 409, "already-decided")["winner"]["decided_by"] == "user:ana"
    assert (again.status_code, again.json()) == (200, first.json())
