"""The session state: who sees which, and when (docs/differences.md, "Session state")."""

from __future__ import annotations

import threading
from typing import Any

from agno.run import RunContext
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import StepInput

from tests.differential.blocks import agent, flow, sets, tells
from tests.differential.oracle import Oracle


async def test_what_a_failed_attempt_wrote_is_discarded(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        attempts: list[int] = []

        def count(step_input: StepInput, run_context: RunContext) -> str:
            run_context.session_state["n"] = run_context.session_state.get("n", 0) + 1
            attempts.append(1)
            if len(attempts) < 3:
                raise ValueError("not yet")
            return f"n is {run_context.session_state['n']}"

        return flow(Step(name="a", executor=count, max_retries=2))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "n is 3"
    assert ours.last.content == "n is 1"


async def test_branches_work_on_the_state_that_was_there_before_them(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(Parallel(sets("a", k=1), tells("b"), name="p")))
    assert "'state': {'k': 1}" in agno.last.content
    assert "'state': {}" in ours.last.content


async def test_of_branches_that_write_one_key_the_last_one_wins_whenever_it_ran(oracle_with_db: Oracle) -> None:
    def make() -> Workflow:
        return flow(Parallel(Parallel(sets("a", k="first"), name="q"), sets("b", k="second"), name="p"), tells("c"))

    agno, ours = await oracle_with_db.ask(make)
    assert "'state': {'k': 'first'}" in agno.last.content
    assert "'state': {'k': 'second'}" in ours.last.content


async def test_dicts_that_two_branches_add_are_merged(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(Parallel(sets("a", votes={"one": 1}), sets("b", votes={"two": 2}), name="p"), tells("c"))
    )
    assert "'state': {'votes': {'two': 2}}" in agno.last.content
    assert "'state': {'votes': {'one': 1, 'two': 2}}" in ours.last.content


async def test_a_step_finds_the_ids_of_its_run_in_the_state(oracle_with_db: Oracle) -> None:
    """agno puts them there under `run`, and not under `arun`."""

    def keys(step_input: StepInput, run_context: RunContext) -> str:
        return ", ".join(sorted(run_context.session_state))

    def make() -> Workflow:
        return flow(Step(name="a", executor=keys))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == ""
    assert ours.last.content == make().run("go", session_id="s").content
    assert ours.last.content == "current_run_id, current_session_id, workflow_id, workflow_name"


async def test_keys_come_in_alphabetical_order(oracle_with_db: Oracle) -> None:
    def keys(step_input: StepInput, run_context: RunContext) -> str:
        return ", ".join(key for key in run_context.session_state if len(key) == 1)

    agno, ours = await oracle_with_db.ask(lambda: flow(Step(name="a", executor=keys)), session_state={"b": 1, "a": 2})
    assert agno.last.content == "b, a"
    assert ours.last.content == "a, b"


async def test_an_agents_run_keeps_the_state_as_it_was(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(agent(), sets("b", later=True)))
    assert "later" in agno.last.step_executor_runs[0].session_state
    assert "later" not in ours.last.step_executor_runs[0].session_state


async def test_branches_run_at_the_same_time(oracle_with_db: Oracle) -> None:
    """agno calls synchronous functions on its loop under `arun`, one after the other."""

    def make() -> Workflow:
        meeting = threading.Barrier(2)

        def meet(step_input: StepInput) -> Any:
            try:
                return meeting.wait(timeout=1)
            except threading.BrokenBarrierError:
                return "nobody came"

        return flow(Parallel(Step(name="a", executor=meet), Step(name="b", executor=meet), name="p"))

    agno, ours = await oracle_with_db.ask(make)
    assert agno.last.content == "nobody came"
    assert ours.last.content != "nobody came"
