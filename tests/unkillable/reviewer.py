"""The one client of a run: starts it, answers what it asks, and follows its events.

It does what a good client does when it loses its answer, and nothing else: it sends the same request again, a decision
under the same key. It never looks at Temporal.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.api.subscribing import Frame, frames
from tests.crash.journal import Journal
from tests.unkillable.workflows import CONFIRM, SUBJECTS, Answer

AGAIN_AFTER = 0.1

PATIENCE = 120.0
"""Seconds for a run that takes two, and for an answer."""

ENDED = ("COMPLETED", "ERROR", "CANCELLED")


@dataclass(frozen=True)
class Given:
    """An answer, and the record of it that came back. Where it was left for the run, none did."""

    question: dict[str, Any]
    answer: Answer
    sent_at: float
    record: dict[str, Any] | None


@dataclass
class Reviewer:
    """Of one run. `again` counts requests that had to be sent again."""

    http: httpx.AsyncClient
    subject: str
    run_id: str
    input: str
    given: dict[str, Given] = field(default_factory=dict)
    events: list[Frame] = field(default_factory=list)
    again: int = 0

    async def drive(self) -> None:
        """Take the run to its end."""
        order = {"workflow_id": self.subject, "run_id": self.run_id, "session_id": self.run_id, "input": self.input}
        started = await self.sent("POST", "/v1/runs", json=order)
        assert started.status_code in (200, 201), started.text
        await asyncio.gather(self._decide(), self._follow())

    async def got(self, path: str, **query: Any) -> Any:
        """What is there."""
        answer = await self.sent("GET", path, params=query, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def decided(self, requirement_id: str, answer: Answer, key: str) -> httpx.Response:
        headers = {"Idempotency-Key": key}
        if SUBJECTS[self.subject].by_signal:
            headers["Prefer"] = "respond-async, wait=0"
        action, body = answer
        return await self.sent("POST", f"{self._questions}/{requirement_id}/{action}", json=body, headers=headers)

    async def sent(self, method: str, path: str, **content: Any) -> httpx.Response:
        """An answer, after as many tries as it takes; what the last try met, where there is none for so long."""
        until, met = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until:
            try:
                answer = await self.http.request(method, path, **content)
                if answer.status_code != 503:
                    return answer
                met = answer.text
            except httpx.TransportError as error:
                met = repr(error)
            self.again += 1
            await asyncio.sleep(AGAIN_AFTER)
        raise AssertionError(f"{method} {path} was not answered within {PATIENCE:.0f} s: {met}")

    async def _decide(self) -> None:
        while True:
            run = await self.got(self._questions)
            if run["status"] in ENDED:
                return
            waiting = [one for one in run["pending"] if one["requirement_id"] not in self.given]
            if waiting and (at_work := SUBJECTS[self.subject].cancelled_in):
                await Journal(self.input).seen("began", at_work)
                answer = await self.sent("POST", f"/v1/runs/{self.run_id}/cancel")
                assert answer.status_code in (200, 202), answer.text
            else:
                await asyncio.gather(*map(self._answer, waiting))
            await asyncio.sleep(0.05)

    async def _answer(self, question: dict[str, Any]) -> None:
        requirement_id, name = question["requirement_id"], question["step_name"]
        answers = SUBJECTS[self.subject].answers[name]
        if not answers:
            return
        times = Counter(one.question["step_name"] for one in self.given.values())
        answer = answers[times[name]]
        sent_at = time.time()
        response = await self.decided(requirement_id, answer, f"key-{requirement_id}")
        assert response.status_code in (200, 202), response.text
        record = response.json() if response.status_code == 200 else None
        self.given[requirement_id] = Given(question, answer, sent_at, record)

    async def _follow(self) -> None:
        """Until the stream says that it is finished, from the last event that came whenever it broke off."""
        while True:
            headers = {"Accept": "text/event-stream"}
            if self.events:
                headers["Last-Event-ID"] = str(self.events[-1].id)
            try:
                async with self.http.stream("GET", f"/v1/runs/{self.run_id}/events", headers=headers) as response:
                    if response.status_code == 204:
                        return
                    assert response.status_code in (200, 503), await response.aread()
                    async for one in frames(response):
                        if one.event == "end" and one.data["reason"] == "finished":
                            return
                        if one.event not in ("end", "error"):
                            self.events.append(one)
            except httpx.TransportError:
                pass
            await asyncio.sleep(AGAIN_AFTER)

    async def decides_nothing_more(self) -> int:
        """Every answer that is sent again is answered with its own record; every other one hears who was first.

        Returns:
            How many decisions were looked at.
        """
        decisions = (await self.got(self._questions, all="true"))["decisions"]
        records = {one["requirement_id"]: one for one in decisions}
        for requirement_id, given in self.given.items():
            again = await self.decided(requirement_id, given.answer, f"key-{requirement_id}")
            assert again.status_code == 200, again.text
            assert given.record in (None, again.json())
            assert {name: again.json()[name] for name in ("action", "at")} == {
                name: records[requirement_id][name] for name in ("action", "at")
            }
        for requirement_id, record in records.items():
            answer = self.given[requirement_id].answer if requirement_id in self.given else CONFIRM
            rival = await self.decided(requirement_id, answer, "rival")
            assert rival.status_code == 409, rival.text
            assert rival.json().get("winner", {}).get("at") == record["at"], rival.text
        return len(records)

    @property
    def _questions(self) -> str:
        return f"/v1/runs/{self.run_id}/requirements"
