"""Workflows with every kind of pause, for one AgentOS, and what of them ran."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from agno.db.base import BaseDb
from agno.workflow import OnError, Parallel, Router, Step, Workflow
from agno.workflow.types import HumanReview

from tests.running.scenes import FORM
from tests.tool_script import caller, drop


@dataclass
class Flows:
    """Workflows of one database, by name."""

    db: BaseDb
    ran: Counter[str] = field(default_factory=Counter)
    """How often each step ran, by ``<input>/<step>``: each test has an input of its own."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """What the `slow` step of an input waits for."""
    all: dict[str, Workflow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        gate = self.step("gate", requires_confirmation=True, confirmation_message="Deploy?")
        self._add("confirm", gate)
        self._add("form", self.step("gate", requires_user_input=True, user_input_schema=FORM))
        self._add("review", self.step("gate", requires_output_review=True, on_reject="retry"))
        self._add("route", self._router())
        self._add("tools", Step(name="ops", agent=caller([("drop", {"table": "users"})], tools=[drop])))
        self._add("both", Parallel(self._gate("left"), self._gate("right"), name="box"))
        self._add("failing", self._failing(OnError.pause))
        self._add("broken", self._failing(OnError.fail))
        self._add("slow", Step(name="slow", executor=self._slow), gate)
        self._add("plain", self.step("one"))
        self._add("told", Step(name="says", executor=lambda step_input: repr(step_input.additional_data)))

    def step(self, name: str, **review: Any) -> Step:
        """A step that counts its runs and says how many there were."""

        def work(step_input: Any) -> str:
            self.ran[f"{step_input.get_input_as_string()}/{name}"] += 1
            return f"{name} ran {self.ran[f'{step_input.get_input_as_string()}/{name}']}"

        return Step(name=name, executor=work, **({"human_review": HumanReview(**review)} if review else {}))

    def _add(self, name: str, *steps: Any) -> None:
        around = [self.step("before"), *steps, self.step("after")]
        self.all[name] = Workflow(name=name, db=self.db, steps=around)

    def _gate(self, name: str) -> Step:
        return self.step(name, requires_confirmation=True)

    def _router(self) -> Router:
        review = HumanReview(requires_user_input=True, user_input_message="Which way?", allow_multiple_selections=False)
        return Router(name="way", choices=[self.step("north"), self.step("south")], human_review=review)

    def _failing(self, on_error: OnError) -> Step:
        def fail(step_input: Any) -> str:
            place = f"{step_input.get_input_as_string()}/gate"
            self.ran[place] += 1
            if self.ran[place] == 1:
                raise RuntimeError("the disk is full")
            return "mended"

        return Step(name="gate", executor=fail, max_retries=0, human_review=HumanReview(on_error=on_error))

    async def _slow(self, step_input: Any) -> str:
        name = step_input.get_input_as_string()
        self.ran[f"{name}/slow"] += 1
        await self.held.setdefault(name, asyncio.Event()).wait()
        return "slow is done"
