"""Refused: tools that pause the agent that calls them, wherever they can be seen before the run."""

import pytest
from agno.agent import Agent
from agno.approval import approval
from agno.team import Team
from agno.tools import Function, Toolkit, tool
from agno.tools.user_control_flow import UserControlFlowTools
from agno.tools.user_feedback import UserFeedbackTools
from agno.workflow import Loop, Step, Workflow

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow


@tool(requires_confirmation=True)
def drop(table: str) -> str:
    """Drops a table."""
    return table


@tool(requires_user_input=True, user_input_fields=["table"])
def ask(table: str) -> str:
    """Asks for a table."""
    return table


@tool(external_execution=True)
def elsewhere(table: str) -> str:
    """Runs elsewhere."""
    return table


@tool
def read(table: str) -> str:
    """Reads a table."""
    return table


@approval
def approved(table: str) -> str:
    """Drops a table, once approved."""
    return table


def plain(table: str) -> str:
    """Reads a table."""
    return table


class NotYetConnected(Toolkit):
    """Like agno's MCP tools: what it has is known when it is connected."""


def refusal(executor) -> str:
    with pytest.raises(PlanError) as refused:
        compile_workflow(Workflow(name="release", steps=[executor]))
    return str(refused.value)


def with_tools(*tools) -> Agent:
    return Agent(name="Ops", tools=list(tools))


def test_a_tool_that_asks_for_confirmation_is_refused_by_name():
    assert refusal(with_tools(read, drop)) == (
        """workflow 'release' step '0' ("Ops"): tool 'drop' of 'Ops' (requires_confirmation) pauses inside the """
        "agent, which is not supported yet by this version. "
        "Ask on the step instead: HumanReview(requires_confirmation=True)."
    )


@pytest.mark.parametrize(
    ("pausing", "named"),
    [
        pytest.param(ask, "tool 'ask' of 'Ops' (requires_user_input)", id="user-input"),
        pytest.param(elsewhere, "tool 'elsewhere' of 'Ops' (external_execution)", id="external-execution"),
        pytest.param(approved, "tool 'approved' of 'Ops' (approval)", id="approval-on-a-function"),
        pytest.param(Function(name="f", requires_confirmation=True), "tool 'f' of 'Ops'", id="function-object"),
        pytest.param(Toolkit(tools=[plain, drop]), "tool 'drop' of 'Ops'", id="in-a-toolkit"),
        pytest.param(
            Toolkit(tools=[plain], requires_confirmation_tools=["plain"]), "tool 'plain' of", id="named-by-a-toolkit"
        ),
        pytest.param(
            Toolkit(tools=[plain], external_execution_required_tools=["plain"]), "(external_execution)", id="external"
        ),
        pytest.param(
            NotYetConnected(requires_confirmation_tools=["remove"]), "tool 'remove' of 'Ops'", id="not-yet-connected"
        ),
        pytest.param(UserControlFlowTools(), "tool 'get_user_input' of 'Ops'", id="user-control-flow"),
        pytest.param(UserFeedbackTools(), "tool 'ask_user' of 'Ops'", id="user-feedback"),
    ],
)
def test_every_way_to_pause_is_found(pausing, named):
    assert named in refusal(with_tools(pausing))


def test_a_members_tool_is_found_in_a_team_of_teams():
    inner = Team(name="Inner", members=[with_tools(drop)])
    assert "tool 'drop' of 'Ops'" in refusal(Team(name="Desk", members=[inner]))


def test_a_teams_own_tool_is_found():
    assert "tool 'drop' of 'Desk'" in refusal(Team(name="Desk", members=[], tools=[drop]))


def test_an_agent_is_searched_in_a_container_too():
    assert "step '0/loop/0'" in refusal(Loop(steps=[Step(name="ops", agent=with_tools(drop))]))


@pytest.mark.parametrize(
    "tools",
    [
        pytest.param([read, plain, Toolkit(tools=[plain])], id="that-never-pause"),
        pytest.param([{"type": "web_search"}], id="of-the-model-provider"),
        pytest.param(lambda: [drop], id="made-at-run-time"),
    ],
)
def test_other_tools_are_accepted(tools):
    compile_workflow(Workflow(name="release", steps=[Agent(name="Ops", tools=tools)]))
