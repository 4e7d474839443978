"""Three small workflows, one for each way in which a person takes part: allow a step, fill in a form, review a draft.

A step's ``human_review`` says what is asked and what an answer does; the executors know nothing of it. Forms are
written as dicts: ``UserInputField`` objects would be shared by all runs of a workflow object, and one run's answers
would count as given in the next.
"""

from agno.agent import Agent
from agno.db.base import BaseDb
from agno.workflow import HumanReview, OnError, OnReject, Step, StepInput, StepOutput, Workflow

from examples.scripted_model import model_for


def worker(task: str, instructions: str) -> Agent:
    """An agent that does one thing with what it is given."""
    return Agent(name=task.lower(), model=model_for(task), instructions=instructions, telemetry=False)


def save(step_input: StepInput) -> StepOutput:
    """Keeps the records as they come: processed, or as fetched if the processing was not allowed."""
    return StepOutput(content=f"Saved: {step_input.previous_step_content}")


def publish(step_input: StepInput) -> StepOutput:
    """Publishes the text that was approved, or what the reviewer made of it."""
    return StepOutput(content=f"Published: {step_input.previous_step_content}")


def make_data_pipeline(db: BaseDb | None = None) -> Workflow:
    """Asks before it processes; refused, it saves what it fetched."""
    return Workflow(
        name="data_pipeline",
        description="Fetches records, processes them if allowed, and saves them.",
        db=db,
        telemetry=False,
        steps=[
            Step(name="fetch", agent=worker("Fetch", "List the records that the request is about, one per line.")),
            Step(
                name="process",
                agent=worker("Process", "Clean the records up and drop what identifies a person."),
                human_review=HumanReview(
                    requires_confirmation=True,
                    confirmation_message="The records may name people. Process them?",
                    on_reject=OnReject.skip,
                    on_error=OnError.fail,
                ),
            ),
            Step(name="save", executor=save),
        ],
    )


def make_parameter_form(db: BaseDb | None = None) -> Workflow:
    """Asks for the parameters of a step before it runs; agno appends them to the agent's message."""
    return Workflow(
        name="parameter_form",
        description="Analyses a question, processes it with the parameters that a person chose, and reports.",
        db=db,
        telemetry=False,
        steps=[
            Step(name="analyze", agent=worker("Analyze", "Say in a few lines what data answers the question.")),
            Step(
                name="process",
                agent=worker("Process", "Work through the analysis with the user's preferences, and name them."),
                human_review=HumanReview(
                    requires_user_input=True,
                    user_input_message="How should the data be processed?",
                    user_input_schema=[
                        {
                            "name": "threshold",
                            "field_type": "float",
                            "description": "Ignore what scores less, from 0 to 1",
                            "required": True,
                        },
                        {
                            "name": "mode",
                            "field_type": "str",
                            "description": "Quick and rough, or slow and thorough",
                            "required": True,
                            "allowed_values": ["fast", "accurate"],
                        },
                        {
                            "name": "batch_size",
                            "field_type": "int",
                            "description": "Records at a time; left out, the step decides",
                            "required": False,
                        },
                    ],
                    on_error=OnError.fail,
                ),
            ),
            Step(name="report", agent=worker("Report", "Sum the result up for somebody who was not there.")),
        ],
    )


def make_content_review(db: BaseDb | None = None) -> Workflow:
    """Shows the draft: approved or edited it is published, sent back it is written again, three times at most."""
    return Workflow(
        name="content_review",
        description="Researches a topic, drafts a text until the reviewer is content, and publishes it.",
        db=db,
        telemetry=False,
        steps=[
            Step(name="research", agent=worker("Research", "Collect five facts about the topic.")),
            Step(
                name="draft",
                agent=worker("Draft", "Write one paragraph from the facts. Follow the reviewer's feedback."),
                human_review=HumanReview(
                    requires_output_review=True,
                    output_review_message="Publish this draft? Edit it, or send it back and say why.",
                    on_reject=OnReject.retry,
                    max_retries=3,
                    on_error=OnError.fail,
                ),
            ),
            Step(name="publish", executor=publish),
        ],
    )


data_pipeline = make_data_pipeline()
parameter_form = make_parameter_form()
content_review = make_content_review()
