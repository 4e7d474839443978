"""Ids of steps, the same in every process.

agno names what has no name at random. A step without an id draws a UUID when it is made, and a container draws one each
time it runs, so that two workers, or one before and after a restart, would disagree on what a click is about. Here ids
come from the workflow's id and the step's place, and only an id that a person chose is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

STEP_IDS = UUID("26d40e85-8e82-439e-bef3-f0df205d9c44")
"""The namespace of derived ids. Persisted data: another value gives every step of every run another id."""


@dataclass(frozen=True)
class StepIds:
    """The ids of one workflow's steps."""

    workflow_id: str

    def at(self, path: str) -> str:
        """The id of what stands there."""
        return str(uuid5(STEP_IDS, f"{self.workflow_id}/{path}"))

    def chosen(self, path: str, given: str | None) -> str:
        """The user's id, unless it is one that agno drew (agno/workflow/step.py:292)."""
        return given if given and not _is_drawn(given) else self.at(path)


def _is_drawn(step_id: str) -> bool:
    try:
        parsed = UUID(step_id)
    except ValueError:
        return False
    return parsed.version == 4 and str(parsed) == step_id
