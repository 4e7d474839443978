"""The workflows that this process can run, by the name that Temporal calls them by.

Two different workflows under one name would run each other's steps, so the second is refused: also one with the same
plan, which says nothing of what its functions hold and its agents are told. A function that makes a workflow for each
customer makes many of one name. Only where it is added by itself, later, it takes the first one's place: in a notebook,
that is the function that was just mended. The first one's handle is told from it then (`is_of`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from agno.workflow import Workflow

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.differences import differences
from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.primitives import as_agno_takes_it
from agno_temporal.agno_bridge.refusals import PlanError, Problem
from agno_temporal.plan import NO_OPTIONS, StepOptions


class Registry:
    """Compiled workflows. Workflows may be added while workers run."""

    def __init__(self) -> None:
        self._compiled: dict[str, Compiled] = {}
        self._objects: dict[str, Workflow] = {}
        self._lock = threading.Lock()

    def add(
        self,
        workflow: Workflow,
        *,
        options: StepOptions = NO_OPTIONS,
        step_options: Mapping[str, StepOptions] | None = None,
        anew: bool = False,
    ) -> Compiled:
        """Compile a workflow and make it known.

        Args:
            anew: It may take the place of another one with the same plan.

        Raises:
            PlanError: It cannot be run as it is written, or another workflow has its name.
        """
        compiled = compile_workflow(workflow, options=options, step_options=step_options)
        _set_debug(compiled)
        name = compiled.plan.workflow_id
        with self._lock:
            known = self._compiled.get(name)
            is_like_it = known is None or known.plan.digest == compiled.plan.digest
            if not is_like_it or not (anew or self.is_of(workflow, name)):
                raise PlanError([Problem(name, self._refusal(workflow, compiled, anew))])
            self._objects[name] = workflow
            self._compiled[name] = replace(compiled, workflow=_identified(compiled))
            return self._compiled[name]

    def _refusal(self, workflow: Workflow, compiled: Compiled, anew: bool) -> str:
        name = compiled.plan.workflow_id
        if self._objects[name] is workflow:
            return _CHANGED
        return _OTHERS + (_EDITED.format(differences(self._compiled[name].plan, compiled.plan)) if anew else "")

    def is_of(self, workflow: Workflow, name: str) -> bool:
        """Whether runs of this name are this very workflow's; also where nobody's are."""
        return self._objects.get(name, workflow) is workflow

    def get(self, name: str) -> Compiled | None:
        return self._compiled.get(name)

    def names(self) -> list[str]:
        return sorted(self._compiled)


_OTHERS = "another workflow of this id is registered here. Give each its own `id` or `name`."

_EDITED = (
    " It differs from this one: {}. If it is the same one, edited, start anew to run it as it is now: in a notebook, "
    "`runtime.stop()`, and a new `embedded().start()`."
)

_CHANGED = (
    "its steps were changed since it was registered here, and runs of it go by those that it had then. Make a new "
    "workflow with an id of its own, or start anew."
)


def _set_debug(compiled: Compiled) -> None:
    """agno does so at every run, with every nested one (agno/workflow/workflow.py:2754). It is the process's log level
    and a flag on its agents, so that once is enough."""
    for workflow in (compiled.workflow, *(node.owner for node in compiled.live.values())):
        if workflow.debug_mode or os.getenv("AGNO_DEBUG", "").lower() == "true":
            workflow._set_debug()


def _identified(compiled: Compiled) -> Any:
    """A copy that bears the plan's id, and has each entry of its list as a step: agno does both to the user's object
    when it runs, and a session that it begins then tells of them."""
    workflow = copy(as_agno_takes_it(compiled.workflow))
    workflow.id = compiled.plan.workflow_id
    workflow._prepare_steps()  # type: ignore[no-untyped-call]
    return workflow
