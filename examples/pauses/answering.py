"""Who answers: a person at the terminal, or answers that were written down before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeAlias

Ask: TypeAlias = Callable[[str], str]
"""Shows a question and gives the answer, as `input` does."""


def script(*answers: str) -> Ask:
    """Gives these answers one after another, and prints them as if they were typed."""
    left = iter(answers)

    def ask(question: str) -> str:
        answer = next(left)
        print(f"{question}{answer}")
        return answer

    return ask


def person_or(*answers: str) -> Ask:
    """A person, if the example was started with ``--ask``, and otherwise these answers."""
    return input if "--ask" in sys.argv else script(*answers)


def yes(answer: str) -> bool:
    return answer.strip().lower().startswith("y")
