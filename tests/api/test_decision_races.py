"""Several people decide at once: one is answered 200, and all others are told who that was."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from httpx import Response

from tests.api.deciding import Api, api_over, decided, opened, problem
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, deciders, event_counts, replays
from tests.support import Bench

PEOPLE = [f"person-{number}@example.org" for number in range(8)]


@pytest.fixture
async def apis(bench: Bench) -> AsyncIterator[list[Api]]:
    """Two servers, as behind a load balancer."""
    async with (
        api_over(bench.client, bench.task_queue) as one,
        api_over(bench.client, bench.task_queue) as other,
    ):
        yield [one, other]


async def race(apis: list[Api], run_id: str, requirement_id: str, key: str | None = None) -> list[Response]:
    """Everybody decides, half of them against it."""
    return await asyncio.gather(
        *(
            apis[index // 2 % 2].decide(run_id, requirement_id, ("confirm", "reject")[index % 2], by=name, key=key)
            for index, name in enumerate(PEOPLE)
        )
    )


async def test_one_wins_and_the_others_are_told_who(bench: Bench, apis: list[Api]) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answers = await race(apis, run_id, requirement_id)
        run = await bench.ended(run_id)
        answers += await race(apis, run_id, requirement_id)
    await replays(bench.client, run_id)

    [record] = [decided(one) for one in answers if one.status_code == 200]
    winners = [problem(one, 409, "already-decided")["winner"] for one in answers if one.status_code != 200]
    assert deciders(run) == [record["decided_by"]]
    assert {(one["action"], one["decided_by"], one["at"]) for one in winners} == {
        (record["action"], record["decided_by"], record["at"])
    }
    assert at.ran.count("gate") == (record["action"] == "confirm")
    assert (await event_counts(bench.client, run_id))["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"] == 1


async def test_one_person_s_retries_all_get_the_answer_of_the_first(bench: Bench, apis: list[Api]) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answers = await asyncio.gather(
            *(apis[index % 2].decide(run_id, requirement_id, "confirm", key="k") for index in range(12))
        )
        await bench.ended(run_id)
        answers.append(await apis[0].decide(run_id, requirement_id, "confirm", key="k"))

    assert {(one.status_code, one.text) for one in answers} == {(200, answers[0].text)}
    assert at.ran == ["before", "gate", "after"]


async def test_two_answers_under_one_key_are_one_record_and_a_mistake(bench: Bench, apis: list[Api]) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answers = await asyncio.gather(
            *(
                apis[index % 2].decide(run_id, requirement_id, ("confirm", "reject")[index % 2], key="k")
                for index in range(6)
            )
        )
        run = await bench.ended(run_id)

    assert Counter(one.status_code for one in answers) == {200: 3, 422: 3}
    assert {problem(one, 422, "idempotency-key-reused")["type"] for one in answers if one.status_code == 422}
    assert deciders(run) == ["ana"]


async def test_a_person_and_the_deadline(bench: Bench, apis: list[Api]) -> None:
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="skip")
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answers, _ = await asyncio.gather(race(apis, run_id, requirement_id), Clock(bench.client).forward(run_id, HOUR))
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    won = [one.json()["decided_by"] for one in answers if one.status_code == 200]
    assert deciders(run) == (won or ["system:timer"])
    for lost in (one.json() for one in answers if one.status_code != 200):
        assert lost["type"] == "expired" or lost["winner"]["decided_by"] == deciders(run)[0]
