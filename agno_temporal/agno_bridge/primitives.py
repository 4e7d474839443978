"""What may be a step: agno's own reading of its lists of steps, done here without changing them.

agno prepares the lists in place, at every run (agno/workflow/workflow.py:11040-11076, and once more in each container).
The user's objects are left alone here, because a worker and a script may hold the same ones.

Two things are read as agno's documentation promises and its code does not: ``Workflow(steps=Steps(...))``, which agno
cannot run, is one Steps container; and a top-level Step with ``add_workflow_history=True`` in a workflow without a
database stays in, where agno drops it with a log line (docs/differences.md, D69).
"""

from __future__ import annotations

from copy import copy
from typing import Any, TypeAlias

from agno.agent import Agent
from agno.media.storage.base import AsyncMediaStorage, MediaStorage
from agno.team import Team
from agno.utils.string import generate_id_from_name
from agno.workflow import Condition, Loop, Parallel, RemoteWorkflow, Router, Step, Steps, Workflow, WorkflowFactory

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.refusals import Report, shown

Primitive: TypeAlias = Step | Steps | Loop | Condition | Router | Parallel

PRIMITIVES = (Step, Steps, Loop, Condition, Router, Parallel)


def made_of(workflow: Workflow) -> Workflow:
    """The workflow that a worker runs: a `DurableWorkflow` only starts runs of the one that it was made of."""
    inner = vars(workflow).get("_workflow")
    return inner if isinstance(inner, Workflow) else workflow


def as_primitive(entry: Any, unnamed: str | None, report: Report) -> Primitive | None:
    """One entry of a list of steps as agno prepares it, or None where it is refused.

    Args:
        unnamed: The name of an agent, team or nested workflow that has none: ``step_1`` and so on at the top of a
            workflow, None in a container, as in agno.
    """
    if callable(entry) and hasattr(entry, "__name__"):
        return Step(name=entry.__name__, description="User-defined callable step", executor=entry)
    if isinstance(entry, Agent):
        return Step(name=entry.name or unnamed, description=entry.description, agent=entry)
    if isinstance(entry, Team):
        return Step(name=entry.name or unnamed, description=entry.description, team=entry)
    if isinstance(entry, Workflow):
        return Step(name=entry.name or unnamed, description=entry.description, workflow=entry)
    if isinstance(entry, PRIMITIVES):
        return entry
    report(why_no_step(entry))
    return None


def refuse_subclass(primitive: Primitive, at_the_top: bool, report: Report) -> None:
    """Refuses a primitive of a class of the user's that would do something else here than in agno.

    Steps are run by the plan, so that a method of agno's that is overridden would be passed by without a word. At the
    top of a workflow agno takes no subclass at all: it looks for the class itself (agno/workflow/workflow.py:2543).
    """
    own = type(primitive)
    base = next(one for one in PRIMITIVES if isinstance(primitive, one))
    if own is base:
        return
    above = own.__mro__[: own.__mro__.index(base)]
    overridden = sorted({name for cls in above for name in vars(cls) if not _is_special(name) and hasattr(base, name)})
    if overridden:
        names = ", ".join(overridden)
        report(
            f"{own.__name__} overrides {names} of {base.__name__}, which is not called here. "
            "Put what it does into the functions that it calls."
        )
    elif at_the_top:
        report(f"agno takes no subclass such as {own.__name__} at the top of a workflow. Use {base.__name__} itself.")


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def why_no_step(entry: Any) -> str:
    """What is wrong with what agno cannot run as a step, and what to do."""
    match entry:
        case list() | tuple():
            return "a plain list is a step only among a Router's choices. Wrap it: Steps(steps=[...])."
        case RemoteWorkflow():
            return "a RemoteWorkflow is not a step (agno cannot run one either). Call it in a function step."
        case WorkflowFactory():
            return (
                "a WorkflowFactory is not a workflow, it makes one for each request. Pass the Workflow that it makes."
            )
        case _ if callable(entry):
            return f"{shown(entry)} has no __name__. Wrap it: Step(name=..., executor=...)."
    return (
        f"{shown(entry)} is not a step. "
        "Use a Step, Steps, Loop, Condition, Router or Parallel, or a function, an Agent, a Team or a Workflow."
    )


def list_of_steps(field: str, value: Any, report: Report) -> list[Any]:
    """A container's steps, unprepared."""
    if isinstance(value, list | tuple):
        return list(value)
    report(f"{field}={shown(value)} is not a list of steps. Pass a list.")
    return []


def workflow_steps(workflow: Workflow, report: Report) -> list[Any]:
    """A workflow's steps, unprepared; a Steps object in the place of a list is one step."""
    match workflow.steps:
        case None:
            report("it has no steps. Pass steps=[...].")
            return []
        case Steps() as steps:
            return [steps]
    return list_of_steps("Workflow.steps", workflow.steps, report)


def refuse_workflow_settings(workflow: Any, report: Report) -> None:
    """Refuses what a workflow cannot have yet, at the root and nested."""
    checks.text("Workflow.name", workflow.name, report)
    checks.text("Workflow.id", workflow.id, report)
    if workflow.media_storage is not None and not isinstance(workflow.media_storage, MediaStorage | AsyncMediaStorage):
        report(
            f"media_storage={shown(workflow.media_storage)} is no MediaStorage of agno's. "
            "Pass one of agno.media.storage."
        )
    if workflow.websocket_handler is not None:
        report(
            "Workflow.websocket_handler lives in one process, and the run does not. Leave it out, and read the run "
            "with get_run_output(run_id)."
        )


def as_agno_takes_it(workflow: Workflow) -> Workflow:
    """The workflow, or a copy whose steps are a list: agno documents a `Steps` there, and fails on one
    (agno/workflow/workflow.py:2537)."""
    if not isinstance(workflow.steps, Steps):
        return workflow
    taken = copy(workflow)
    taken.steps = [workflow.steps]
    return taken


def workflow_id_of(workflow: Workflow) -> str | None:
    """The id that agno's `set_id` would give it; None where agno draws one, which differs in every process."""
    if workflow.id:
        return str(workflow.id)
    return generate_id_from_name(str(workflow.name)) if workflow.name else None
