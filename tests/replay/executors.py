"""Recordings of agents and teams that pause at a tool, in each state and by each way in which they are answered."""

from __future__ import annotations

from typing import Any

from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.hitl import Action, Decision, ToolAnswer
from tests.replay.pauses import Act, by_signal, by_update, expire, leave_open
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording
from tests.tool_script import caller, drop, send

DROP = ("drop", {"table": "users"})
SEND = ("send", {"subject": "s"})
ANSWERS = {"Ops-0-0": ToolAnswer(confirmed=True), "Ops-0-1": ToolAnswer(values={"to": "ana", "copies": 1})}


def flow(*turns: Any, **review: Any) -> Workflow:
    agent = caller(*turns, tools=[drop, send])
    gate = Step(name="gate", agent=agent, human_review=HumanReview(**review))
    return Workflow(name="recorded", steps=[say("before"), gate, say("after")])


def in_containers() -> Workflow:
    both = [Step(name=name, agent=caller([DROP], name=name, tools=[drop])) for name in ("left", "right")]
    return Workflow(name="recorded", steps=[Loop(name="rounds", steps=[Parallel(*both, name="all")], max_iterations=2)])


async def confirm_each(run: Drive) -> None:
    await run.start()
    await run.asked()
    while waiting := await run.bench.runs.requirements(run.run_id):
        await run.bench.runs.decide(run.run_id, Decision(waiting[-1].requirement.id, Action.CONFIRM))
        await run.bench.runs.wait(run.run_id)


def started(act: Act) -> Act:
    async def drive(run: Drive) -> None:
        await run.start()
        await act(run)

    return drive


RECORDINGS: dict[str, Recording] = {
    "executor_open": Recording(lambda: flow([DROP, SEND]), started(leave_open)),
    "executor_answered": Recording(lambda: flow([DROP, SEND]), started(by_update(Action.ANSWER, answers=ANSWERS))),
    "executor_by_signal": Recording(lambda: flow([DROP, SEND]), started(by_signal(Action.ANSWER, answers=ANSWERS))),
    "executor_turns": Recording(
        lambda: flow([DROP], [DROP], requires_confirmation=True, requires_output_review=True), confirm_each
    ),
    "executor_rejected": Recording(lambda: flow([DROP]), started(by_update(Action.REJECT, feedback="no"))),
    "executor_timer": Recording(lambda: flow([DROP], timeout=1, on_timeout="reject"), started(expire)),
    "executor_in_containers": Recording(in_containers, confirm_each),
}
