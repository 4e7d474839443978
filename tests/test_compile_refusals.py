"""Refused: workflows and steps of a kind that cannot be run. Every message says what, where, and what to do."""

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.workflow import (
    Condition,
    Loop,
    Parallel,
    RemoteWorkflow,
    Router,
    Step,
    Workflow,
    WorkflowAgent,
    WorkflowFactory,
)

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow


def fetch(step_input):
    return "rows"


class NoName:
    def __call__(self, step_input):
        return "x"


def refused(workflow) -> PlanError:
    with pytest.raises(PlanError) as error:
        compile_workflow(workflow)
    return error.value


def refusal(*steps, **settings) -> str:
    return str(refused(Workflow(name="release", steps=list(steps), **settings)))


def test_a_workflow_without_id_and_name_is_refused():
    assert str(refused(Workflow(steps=[]))) == (
        "workflow without a name: it has neither an id nor a name, and agno would draw another at every start. "
        "Give it a name."
    )


def test_a_workflow_without_steps_is_refused():
    assert str(refused(Workflow(name="release"))) == "workflow 'release': it has no steps. Pass steps=[...]."


@pytest.mark.parametrize("settings", [{"name": 7}, {"id": 7}])
def test_a_name_or_id_that_is_no_string_is_refused(settings):
    assert f"Workflow.{next(iter(settings))}=7 is not a string." in str(refused(Workflow(steps=[], **settings)))


def test_steps_of_another_kind_are_refused():
    assert "Workflow.steps=7 is not a list of steps. Pass a list." in str(refused(Workflow(name="release", steps=7)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            {"media_storage": object()}, "media_storage=<object> is no MediaStorage of agno's.", id="media-storage"
        ),
    ],
)
def test_what_a_workflow_cannot_have_is_refused_at_the_root_and_nested(settings, message):
    assert refusal(fetch, **settings).startswith(f"workflow 'release': {message}")
    inner = Workflow(name="inner", steps=[fetch], **settings)
    assert refusal(inner).startswith(f"""workflow 'release' step '0' ("inner"): {message}""")


def test_an_agent_in_front_of_a_workflow_is_a_workflow_agent():
    assert refusal(fetch, agent=Agent(name="Ann")) == (
        "workflow 'release': agent is of type Agent, and has to be a WorkflowAgent. Make another agent a step."
    )


def test_an_agent_in_front_of_a_nested_workflow_is_refused():
    inner = Workflow(name="inner", steps=[fetch], agent=WorkflowAgent(model=None))
    assert "agent=... of a nested workflow is not supported yet" in refusal(inner)


def test_a_websocket_handler_is_refused():
    workflow = Workflow(name="release", steps=[fetch])
    workflow.websocket_handler = object()
    assert "Workflow.websocket_handler lives in one process" in str(refused(workflow))


FACTORY = WorkflowFactory(db=InMemoryDb(), id="f", factory=fetch)

REMOTE = RemoteWorkflow.__new__(RemoteWorkflow)
"""Its constructor needs agno's HTTP client, and with it FastAPI."""


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param([fetch], "a plain list is a step only among a Router's choices. Wrap it: Steps(", id="list"),
        pytest.param(NoName(), "has no __name__. Wrap it: Step(name=..., executor=...).", id="callable-object"),
        pytest.param(REMOTE, "a RemoteWorkflow is not a step", id="remote-workflow"),
        pytest.param(FACTORY, "a WorkflowFactory is not a workflow", id="factory"),
        pytest.param(None, "None is not a step. Use a Step, Steps, Loop,", id="none"),
        pytest.param("fetch", '"fetch" is not a step.', id="string"),
    ],
)
def test_what_agno_cannot_run_as_a_step_is_refused(entry, message):
    assert message in refusal(entry)
    assert message in refusal(Loop(steps=[entry]))


def test_a_factory_in_place_of_the_workflow_is_refused():
    assert "a WorkflowFactory is not a workflow" in str(refused(FACTORY))


def test_a_list_given_to_parallel_is_refused():
    assert refusal(Parallel([fetch, fetch])).startswith("workflow 'release' step '0/parallel/0': a plain list")


def test_a_list_in_a_list_of_choices_is_refused():
    assert refusal(Router(choices=[[fetch, [fetch]]])).startswith(
        "workflow 'release' step '0/router/0/steps/1': a plain"
    )


def test_a_remote_workflow_in_a_step_is_refused():
    assert "a RemoteWorkflow is not a step" in refusal(Step(name="far", workflow=REMOTE))


def test_all_faults_are_reported_together_in_the_order_of_the_tree():
    tree = [fetch] * 10 + [Condition(name="green", evaluator=1, steps=[None], else_steps=[None]), None]
    tree[2] = None
    error = refused(Workflow(name="release", steps=tree, agent=Agent()))
    assert [problem.path for problem in error.problems] == [None, "2", "10", "10/if/0", "10/else/0", "11"]
    assert str(error).splitlines() == [str(problem) for problem in error.problems]


class Counted(Step):
    """A step that only differs in how it is made."""


class Bracketed(Step):
    async def aexecute(self, *args, **kwargs):
        output = await super().aexecute(*args, **kwargs)
        output.content = f"[{output.content}]"
        return output


def test_a_subclass_that_overrides_what_is_not_called_here_is_refused():
    inside = Loop(name="loop", steps=[Bracketed(name="fetch", executor=fetch)])
    assert refusal(inside) == (
        """workflow 'release' step '0/loop/0' ("fetch"): Bracketed overrides aexecute of Step, which is not called """
        "here. Put what it does into the functions that it calls."
    )


def test_agno_takes_no_subclass_at_the_top_of_a_workflow():
    assert refusal(Counted(name="fetch", executor=fetch)) == (
        """workflow 'release' step '0' ("fetch"): agno takes no subclass such as Counted at the top of a workflow. """
        "Use Step itself."
    )


def test_one_that_overrides_nothing_is_a_step_as_any_other():
    inside = Loop(name="loop", steps=[Counted(name="fetch", executor=fetch)])
    compile_workflow(Workflow(name="release", steps=[inside]))
