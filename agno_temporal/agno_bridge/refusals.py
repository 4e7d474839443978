"""Refusals: why a workflow is turned away when it is registered, and with all of its faults at once.

agno takes nearly anything and ignores what it cannot honour: a confirmation inside a Loop, a misspelt policy, a CEL
expression without a CEL library (docs/differences.md). Whoever wrote it learns that from a step that ran unasked. Here
the worker does not start instead. It names every fault together, since one fault per start makes people switch the
checks off.
"""

from __future__ import annotations

import enum
import json
import reprlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

Report: TypeAlias = Callable[[str], None]
"""Takes one fault of one place: what is wrong, and what to do."""


NOT_YET = "is not supported yet by this version"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `path` is None where it is the workflow's own."""

    workflow: str | None
    text: str
    path: str | None = None
    name: str | None = None

    def __str__(self) -> str:
        place = "workflow without a name" if self.workflow is None else f"workflow {self.workflow!r}"
        if self.path is not None:
            place += f" step {self.path!r}"
        if self.name is not None:
            place += f" ({shown(self.name)})"
        return f"{place}: {self.text}"


class PlanError(ValueError):
    """A workflow that cannot be run as it is written. `problems` holds every reason, in the order of the step tree."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: _position(problem.path))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class Problems:
    """Collects the faults of one workflow."""

    def __init__(self, workflow: str | None) -> None:
        self._workflow = workflow
        self._found: list[Problem] = []

    def at(self, path: str | None = None, name: Any = None) -> Report:
        """The report for one place; without a path, for the workflow itself."""

        def report(text: str) -> None:
            self._found.append(Problem(self._workflow, text, path, name if isinstance(name, str) else None))

        return report

    def raise_any(self) -> None:
        """
        Raises:
            PlanError: Something was reported.
        """
        if self._found:
            raise PlanError(self._found)


def shown(value: Any) -> str:
    """A value as it stands in the user's code, cut short where it is long; never a memory address."""
    cls: Any = type(value)
    match value:
        case enum.Enum():
            return shown(value.value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _ if callable(value) and hasattr(value, "__name__"):
            return str(value.__name__)
        case _ if cls.__repr__ is object.__repr__:
            return f"<{cls.__name__}>"
    return reprlib.repr(value)


def _position(path: str | None) -> tuple[int, ...]:
    """Sorts as the tree is written: a node before what is in it, ``2`` before ``10``, the if branch before the else."""
    parts = path.split("/") if path else []
    return tuple(int(part) if part.isdigit() else int(part == "else") for part in parts)
