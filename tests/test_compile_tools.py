"""Tools that ask a human are taken as they are, with a deadline on the step where one is wanted; what nobody can answer
is refused."""

import pytest
from agno.agent import Agent
from agno.approval import approval
from agno.team import Team
from agno.tools import Function, Toolkit
from agno.tools.user_control_flow import UserControlFlowTools
from agno.tools.user_feedback import UserFeedbackTools
from agno.workflow import HumanReview, Loop, Step, Workflow

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow
from tests.tool_script import drop, send, shell


@approval
def approved(table: str) -> str:
    """Drops a table, once approved."""
    return table


def plain(table: str) -> str:
    """Reads a table."""
    return table


def with_tools(*tools) -> Agent:
    return Agent(name="Ops", tools=list(tools))


def refusal(step) -> str:
    with pytest.raises(PlanError) as refused:
        compile_workflow(Workflow(name="release", steps=[step]))
    return str(refused.value)


@pytest.mark.parametrize(
    "tool",
    [
        drop,
        send,
        shell,
        approved,
        Function(name="f", requires_confirmation=True),
        Toolkit(tools=[plain], requires_confirmation_tools=["plain"]),
        UserControlFlowTools(),
        UserFeedbackTools(),
    ],
)
def test_tools_that_ask_are_taken_in_every_place(tool):
    team = Team(name="Desk", members=[Team(name="Inner", members=[with_tools(tool)])], tools=[tool])
    compile_workflow(Workflow(name="release", steps=[with_tools(tool), team, Loop(steps=[with_tools(tool)])]))


def rm(table: str) -> str:
    """Removes a table."""
    return table


TOOLKIT = Toolkit(tools=[rm], requires_confirmation_tools=["rm"], external_execution_required_tools=["rm"])
BOTH = Function(name="rm", requires_confirmation=True, external_execution=True)


@pytest.mark.parametrize(
    "executor",
    [with_tools(BOTH), Team(name="Desk", members=[with_tools(BOTH)]), with_tools(TOOLKIT)],
    ids=["of-an-agent", "of-a-member", "in-a-toolkit"],
)
def test_a_tool_that_asks_for_two_things_is_refused_by_name(executor):
    assert "tool 'rm' of 'Ops' asks for more than one thing (requires_confirmation, external_execution)" in refusal(
        executor
    )


@pytest.mark.parametrize("setting", [{"timeout": 60}, {"on_timeout": "approve"}, {"on_reject": "cancel"}])
def test_a_deadline_on_an_agents_step_is_for_its_tools(setting):
    compile_workflow(
        Workflow(name="release", steps=[Step(name="ops", agent=with_tools(drop), human_review=HumanReview(**setting))])
    )


def test_a_deadline_on_a_function_without_a_gate_is_still_refused():
    step = Step(name="ops", executor=plain, human_review=HumanReview(timeout=60))
    assert "nothing here asks a human" in refusal(step)
