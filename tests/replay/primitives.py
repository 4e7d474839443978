"""One recording for each of agno's primitives, and for each way in which its callables are asked."""

from __future__ import annotations

from typing import Any

from agno.agent import Agent
from agno.run import RunContext
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from examples.scripted_model import ScriptedModel
from tests.replay.recordings import Recording, to_the_end


def say(name: str) -> Step:
    def run(step_input: StepInput) -> str:
        return f"{name} ({step_input.previous_step_content or step_input.input})"

    return Step(name=name, executor=run)


def say_async(name: str) -> Step:
    async def run(step_input: StepInput) -> str:
        return f"{name} ({step_input.previous_step_content or step_input.input})"

    return Step(name=name, executor=run)


def writes(key: str) -> Step:
    def run(step_input: StepInput, run_context: RunContext) -> str:
        run_context.session_state[key] = step_input.input
        return key

    return Step(name=key, executor=run)


def large(name: str) -> Step:
    """Too large to be inlined: later steps read it from the history."""

    def run(step_input: StepInput) -> str:
        return name * 5000

    return Step(name=name, executor=run)


def agent(name: str) -> Step:
    writer = Agent(name="Writer", model=ScriptedModel(task="Draft"), telemetry=False)
    return Step(name=name, agent=writer)


async def is_long(step_input: StepInput) -> bool:
    return len(str(step_input.input)) > 100


def pick_both(step_input: StepInput, step_choices: list[Any]) -> list[Any]:
    return step_choices


def enough(outputs: list[StepOutput]) -> bool:
    return "x" in str(outputs[-1].content)


def boxed() -> Steps:
    return Steps(name="inner", steps=[say("x")])


def recording(*steps: Any, **settings: Any) -> Recording:
    return Recording(lambda: Workflow(name="recorded", steps=list(steps), **settings), to_the_end)


class Topic(BaseModel):
    title: str


def nested_with_a_schema() -> list[Any]:
    """It is asked about its input before anything in it runs: of one that fits, and of one that does not."""
    inner = Workflow(name="inner", input_schema=Topic, steps=[say("inside")])
    takes = Step(name="topic", executor=lambda step_input: Topic(title="Bees"))
    return [takes, Step(name="fits", workflow=inner), inner, say("after")]


RECORDINGS = {
    "step": recording(say("a"), say("b")),
    "step_async": recording(say_async("a")),
    "step_large_outputs": recording(large("a"), large("b"), say("c")),
    "agent": recording(agent("draft"), agent("revise")),
    "steps": recording(Steps(name="both", steps=[say("a"), say("b")]), say("c")),
    "loop": recording(Loop(name="rounds", steps=[say("a"), say("b")], max_iterations=2)),
    "loop_ended_in_its_last_leaf": recording(
        Loop(name="rounds", steps=[say("a"), say("x")], end_condition=enough, max_iterations=4)
    ),
    "loop_ended_by_a_function": recording(Loop(name="rounds", steps=[boxed()], end_condition=enough, max_iterations=4)),
    "loop_ended_by_cel": recording(
        Loop(name="rounds", steps=[say("a")], end_condition="current_iteration >= 2", max_iterations=4)
    ),
    "loop_forwarding": recording(
        Loop(name="rounds", steps=[say("a")], max_iterations=3, forward_iteration_output=True), say("b")
    ),
    "condition_function": recording(Condition(name="long", evaluator=is_long, steps=[say("a")]), say("b")),
    "condition_cel": recording(Condition(name="bees", evaluator='input == "bees"', steps=[say("a")])),
    "condition_bool": recording(
        Condition(name="yes", evaluator=True, steps=[say("a")], else_steps=[say("b")]),
        Condition(name="no", evaluator=False, steps=[say("c")], else_steps=[say("d")]),
    ),
    "router_function": recording(Router(name="pick", selector=pick_both, choices=[say("a"), say("b")])),
    "router_cel": recording(Router(name="pick", selector='"b"', choices=[say("a"), say("b")])),
    "parallel": recording(Parallel(say("a"), say_async("b"), Steps(name="c", steps=[say("d"), say("e")]), name="all")),
    "parallel_state": recording(Parallel(writes("a"), writes("b"), name="all"), writes("c"), session_state={"a": 0}),
    "nested": recording(
        say("a"), Step(name="sub", workflow=Workflow(name="inner", steps=[say("b"), say("c")])), say("d")
    ),
    "nested_with_a_schema": recording(*nested_with_a_schema()),
}
