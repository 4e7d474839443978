"""One tool's requirement as a caller gets it: agno's dict, with the methods that agno documents.

agno's pages resolve a tool by ``executor_req.confirm()``, and its code hands out dicts (agno/workflow/step.py:2706), on
which that fails. Scripts are written either way. So this is the dict, and answering it by a method writes into it what
agno's own `RunRequirement` would hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final

from agno.run.requirement import RunRequirement

FILLED_IN: Final = "filled_in"
"""The key that says that a form was answered, though with nothing: agno's own says so of a complete one alone."""


def answerable(runs: Iterable[Any]) -> None:
    """Give the tools' requirements of stored workflow runs their methods: agno reads them back as plain dicts."""
    for run in runs:
        for requirement in getattr(run, "step_requirements", None) or ():
            requirement.executor_requirements = requirement.executor_requirements and [
                ToolRequirement(one) if isinstance(one, dict) else one for one in requirement.executor_requirements
            ]


class ToolRequirement(dict[str, Any]):
    """A `RunRequirement` dict. What `RunRequirement` has can be read off it, and its five answers given.

    >>> one = ToolRequirement(tool_execution={"tool_name": "drop", "requires_confirmation": True})
    >>> one.pause_type, one.is_resolved()
    ('confirmation', False)
    >>> one.reject("not on a Friday")
    >>> one["confirmation"], one["confirmation_note"]
    (False, 'not on a Friday')
    """

    def confirm(self) -> None:
        """Let the tool run."""
        self._answer("confirm")

    def reject(self, note: str | None = None) -> None:
        """Do not let it run; the model is told `note`."""
        self._answer("reject", note)

    def provide_user_input(self, values: dict[str, Any]) -> None:
        """Fill in the tool's arguments, by name. What is left out, or None, stays empty, where it may be."""
        self._answer("provide_user_input", values)
        self[FILLED_IN] = True

    def provide_user_feedback(self, selections: dict[str, list[str]]) -> None:
        """Choose options, by question."""
        self._answer("provide_user_feedback", selections)

    def set_external_execution_result(self, result: str) -> None:
        """Say what the tool gave, which somebody ran elsewhere."""
        self._answer("set_external_execution_result", result)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._parsed(), name)

    def _answer(self, method: str, *answer: Any) -> None:
        requirement = self._parsed()
        getattr(requirement, method)(*answer)
        self.update(requirement.to_dict())

    def _parsed(self) -> RunRequirement:
        return RunRequirement.from_dict(deepcopy(dict(self)))
