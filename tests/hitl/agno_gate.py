"""Plain agno as the oracle: what it does with an answer, in the words of `hitl.outcome`.

A step "deploy" stands between two others and waits for a human. What happened to it is read from what agno shows to its
users: the run's status and content, the steps in its results, and what the step was given when it ran.
"""

from collections.abc import Callable
from typing import Any

from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import Step, StepInput, StepOutput, Workflow
from agno.workflow.types import HumanReview, StepRequirement

from agno_temporal.hitl import Cancel, Outcome, Proceed, Redo, Skip


class AgnoGate:
    """A run that waits at "deploy".

    Args:
        review: The arguments of agno's `HumanReview`.
    """

    def __init__(self, **review: Any) -> None:
        self.given: list[dict[str, Any]] = []
        """The `additional_data` of each time that the step ran."""
        self.workflow = Workflow(
            name="release",
            db=InMemoryDb(),
            telemetry=False,
            steps=[
                Step(name="build", executor=lambda step_input: StepOutput(content="built")),
                Step(name="deploy", executor=self._deploy, human_review=HumanReview(**review)),
                Step(name="announce", executor=lambda step_input: StepOutput(content="announced")),
            ],
        )
        self.run = self.workflow.run("v2")
        assert self.run.is_paused, f"agno does not ask: {self.run.status}"

    def _deploy(self, step_input: StepInput) -> StepOutput:
        self.given.append(step_input.additional_data or {})
        return StepOutput(content=f"deployed {len(self.given)}")

    @property
    def question(self) -> StepRequirement:
        assert self.run.step_requirements
        return self.run.step_requirements[-1]

    def outcome(self, answer: Callable[[StepRequirement], object]) -> Outcome:
        """What agno does with an answer.

        Raises:
            ValueError: agno does not take the answer.
        """
        ran_before = len(self.given)
        answer(self.question)
        self.run = self.workflow.continue_run(self.run)
        ran_now = self.given[ran_before:]
        kept = [step.content for step in self.run.step_results if step.step_name == "deploy"]
        if self.run.status == RunStatus.cancelled:
            return Cancel(self.run.content)
        if self.run.is_paused:
            return Redo(ran_now[-1].get("rejection_feedback"))
        if not kept:
            return Skip()
        if kept[-1] != f"deployed {len(self.given)}":
            return Proceed(edited_output=kept[-1], edited=True)
        return Proceed(values=ran_now[-1].get("user_input") if ran_now else None)
