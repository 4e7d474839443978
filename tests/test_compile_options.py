"""Step options: which scope wins, and what is refused before Temporal would refuse it."""

import math

import pytest
from agno.workflow import Loop, Step, Workflow

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow
from agno_temporal.plan import StepNode, StepOptions, walk


def fetch(step_input):
    return "rows"


def deploy(step_input):
    return "live"


def workflow() -> Workflow:
    return Workflow(name="release", steps=[fetch, Loop(name="poll", steps=[fetch, deploy])])


def options(**given) -> dict[str, StepOptions]:
    plan = compile_workflow(workflow(), **given).plan
    return {node.path: node.options for node in walk(plan.steps) if isinstance(node, StepNode)}


def refusal(**given) -> str:
    with pytest.raises(PlanError) as refused:
        compile_workflow(workflow(), **given)
    return str(refused.value)


def test_the_workflows_options_reach_every_leaf():
    wide = StepOptions(start_to_close_timeout=60.0)
    assert set(options(options=wide).values()) == {wide}


def test_a_steps_own_options_win_field_by_field():
    wide = StepOptions(start_to_close_timeout=60, task_queue="cpu")
    found = options(options=wide, step_options={"deploy": StepOptions(task_queue="gpu")})
    assert found["1/loop/1"] == StepOptions(start_to_close_timeout=60, task_queue="gpu")
    assert found["0"] == wide


def test_a_step_is_found_by_its_path():
    assert options(step_options={"1/loop/0": StepOptions(task_queue="gpu")})["1/loop/0"].task_queue == "gpu"


def test_a_key_that_is_no_step_is_refused_with_the_steps_that_there_are():
    assert refusal(step_options={"deply": StepOptions()}) == (
        """workflow 'release': step_options["deply"] is no step of this workflow. """
        """The steps are: '0' ("fetch"), '1/loop/0' ("fetch"), '1/loop/1' ("deploy")."""
    )


def test_a_name_that_two_steps_have_is_refused():
    assert refusal(step_options={"fetch": StepOptions()}) == (
        """workflow 'release': step_options["fetch"] means '0' ("fetch") and '1/loop/0' ("fetch"). """
        "Use a path or rename one."
    )


@pytest.mark.parametrize("key", ["poll", "1"])
def test_a_container_takes_no_options(key):
    assert f'step_options["{key}"] is a loop, and only steps take options.' in refusal(
        step_options={key: StepOptions()}
    )


def test_a_step_given_by_name_and_by_path_is_refused():
    twice = {"deploy": StepOptions(), "1/loop/1": StepOptions()}
    assert refusal(step_options=twice) == (
        """workflow 'release' step '1/loop/1' ("deploy"): step_options has it twice, by its name and by its path. """
        "Merge the two."
    )


@pytest.mark.parametrize(
    "field",
    [
        "start_to_close_timeout",
        "heartbeat_timeout",
        "retry_initial_interval",
        "retry_maximum_interval",
    ],
)
@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "60"])
def test_a_duration_is_a_positive_number_of_seconds(field, value):
    assert f"options.{field}=" in refusal(options=StepOptions(**{field: value}))


def test_a_duration_shorter_than_any_timer_is_refused():
    assert "is less than a millisecond" in refusal(options=StepOptions(heartbeat_timeout=1e-6))


def test_a_duration_that_no_calendar_holds_is_refused():
    assert "more than a hundred years" in refusal(options=StepOptions(start_to_close_timeout=1e12))


@pytest.mark.parametrize("value", [0.5, math.nan, "2"])
def test_a_backoff_is_a_number_from_1(value):
    assert "is not a number from 1" in refusal(options=StepOptions(retry_backoff=value))


@pytest.mark.parametrize("value", ["", "  ", 7])
def test_a_task_queue_has_a_name(value):
    assert "is not the name of a task queue" in refusal(options=StepOptions(task_queue=value))


def test_a_heartbeat_is_shorter_than_the_attempt():
    assert refusal(options=StepOptions(start_to_close_timeout=30, heartbeat_timeout=30)) == (
        "workflow 'release': options.heartbeat_timeout=30 is not shorter than start_to_close_timeout=30, "
        "so that it would never be the first to fire. Shorten it, or leave it out."
    )


def test_a_step_and_its_workflow_may_contradict_each_other_only_together():
    wide = StepOptions(start_to_close_timeout=10)
    found = refusal(options=wide, step_options={"deploy": StepOptions(heartbeat_timeout=20)})
    assert found.startswith("""workflow 'release' step '1/loop/1' ("deploy"): options.heartbeat_timeout=20 is not""")


def test_the_longest_pause_is_not_shorter_than_the_first():
    backwards = StepOptions(retry_initial_interval=10, retry_maximum_interval=5)
    assert "options.retry_maximum_interval=5 is shorter than" in refusal(options=backwards)


def test_something_else_in_place_of_options_is_refused():
    assert "is not a StepOptions" in refusal(step_options={"deploy": {"task_queue": "gpu"}})


def test_a_step_without_a_name_is_listed_by_its_path():
    class Deployer:
        def __call__(self, step_input):
            return "live"

    nameless = Workflow(name="release", steps=[Step(executor=Deployer())])
    with pytest.raises(PlanError, match=r"The steps are: '0'\."):
        compile_workflow(nameless, step_options={"x": StepOptions()})
