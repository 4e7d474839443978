"""The blocks on streaming, of both pages: watch for the pause, read the run from the session, go on."""

from __future__ import annotations

from agno.run.workflow import StepExecutorPausedEvent, StepPausedEvent
from agno.workflow import Workflow
from agno.workflow.step import Step
from agno.workflow.types import HumanReview

from tests.docs_pages.conftest import agent
from tests.docs_pages.test_overview_page_tools import executor_requirements, mow
from tests.tool_script import caller


def test_streaming_on_the_step_page(runtime, db, capsys):
    review = HumanReview(requires_confirmation=True)
    workflow = Workflow(
        name="darkroom",
        db=db,
        steps=[
            Step(name="develop", agent=agent("Develop"), human_review=review),
            Step(name="print", agent=agent("Print"), human_review=review),
        ],
    )
    workflow = runtime.durable(workflow)  # The one line.

    for event in workflow.run("roll 9", stream=True, stream_events=True):
        if isinstance(event, StepPausedEvent):
            print(f"Waits: {event.step_name}")

    session = workflow.get_session()
    run_output = session.runs[-1]

    while run_output.is_paused:
        for req in run_output.steps_requiring_confirmation:
            req.confirm()

        for _event in workflow.continue_run(run_output, stream=True, stream_events=True):
            pass

        session = workflow.get_session()
        run_output = session.runs[-1]

    assert capsys.readouterr().out == "Waits: develop\n"
    assert run_output.content == "Print (Develop (roll 9))"


def test_streaming_on_the_overview_page(runtime, db):
    shepherd = caller([("mow", {"meadow": "hill"})], tools=[mow])
    step = Step(name="mow", agent=shepherd, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="meadows", db=db, steps=[step])
    workflow = runtime.durable(workflow)  # The one line.
    seen = []

    for event in workflow.run("a sunny day", stream=True):
        if isinstance(event, (StepPausedEvent, StepExecutorPausedEvent)):
            seen.append(type(event))

    session = workflow.get_session()
    run_output = session.runs[-1]

    while run_output.is_paused:
        for req in run_output.steps_requiring_confirmation:
            req.confirm()
        for req in run_output.steps_requiring_executor_resolution:
            for executor_req in executor_requirements(req):
                executor_req.confirm()
        for event in workflow.continue_run(run_output, stream=True):
            if isinstance(event, (StepPausedEvent, StepExecutorPausedEvent)):
                seen.append(type(event))
        session = workflow.get_session()
        run_output = session.runs[-1]

    assert seen == [StepPausedEvent, StepExecutorPausedEvent]
    assert run_output.content == "got hill is mown"
