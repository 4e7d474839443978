"""The app that `docker compose up` serves until you give it yours (`APP_DIRECTORY` in .env): one gate that is open for
90 days.

Workers and API load the same module. Its workflows share one database: what waits is listed by one query on it.
"""

from __future__ import annotations

import os

from agno.db.postgres import PostgresDb
from agno.workflow import HumanReview, OnError, Step, Workflow
from agno.workflow.types import StepInput


def build(step_input: StepInput) -> str:
    return f"{step_input.input} is built"


def publish(step_input: StepInput) -> str:
    return f"{step_input.input} is live"


needed = HumanReview(on_error=OnError.fail)  # Without it the run would go on behind a failed build.
gate = HumanReview(requires_confirmation=True, timeout=90 * 24 * 3600, on_timeout="cancel")
release = Workflow(
    name="release",
    db=PostgresDb(db_url=os.environ["DATABASE_URL"]),
    steps=[
        Step(name="build", executor=build, human_review=needed),
        Step(name="publish", executor=publish, human_review=gate),
    ],
)
