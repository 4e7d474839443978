"""What a human does with agno's requirement."""

from __future__ import annotations

from typing import Any

from agno.workflow.types import StepRequirement

from tests.differential.oracle import Answer


def confirm(requirement: StepRequirement) -> None:
    requirement.confirm()


def reject(feedback: str | None = None) -> Answer:
    return lambda requirement: requirement.reject(feedback) if feedback else requirement.reject()


def fill_in(**values: Any) -> Answer:
    return lambda requirement: requirement.set_user_input(**values)


def edit(content: Any) -> Answer:
    return lambda requirement: requirement.edit(content)


def select(*choices: str) -> Answer:
    return lambda requirement: requirement.select(*choices)


def retry(requirement: Any) -> None:
    requirement.retry()


def skip(requirement: Any) -> None:
    requirement.skip()


def in_turn(*answers: Answer) -> Answer:
    """All of these on one requirement."""

    def answer(requirement: StepRequirement) -> None:
        for one in answers:
            one(requirement)

    return answer
