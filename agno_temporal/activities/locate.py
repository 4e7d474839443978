"""Finding what a task names in this worker's code, if it is still there.

A task says path and name. Where the code has not changed since the run started, which the plan's digest tells, that is
enough. Where it has, the plan that the run follows is read from its history, once for each version, and compared.
"""

from __future__ import annotations

from typing import TypeVar

from agno_temporal.activities.host import Host
from agno_temporal.agno_bridge.live import LiveNode
from agno_temporal.agno_bridge.lookup import choices_of, find, refuse_elsewhere
from agno_temporal.contract.tasks import RunFacts

Found = TypeVar("Found", bound=LiveNode)


async def located(host: Host, facts: RunFacts, path: str, name: str | None, *kinds: type[Found]) -> Found:
    """The live object behind a node of the run's plan.

    Raises:
        StepBlocked: This worker's workflow has it not, or in another place.
        MissingOutput: The history does not hold the plan.
    """
    compiled = host.compiled(facts.workflow_id)
    node = find(compiled.live, path, name, *kinds)
    if (then := await host.older_plan(facts, compiled)) is not None:
        refuse_elsewhere(then, compiled.plan, path, name)
    return node


async def as_planned(host: Host, facts: RunFacts, path: str, selected: tuple[int, ...]) -> tuple[int, ...]:
    """A router's choices as the run's plan counts them; of another node's answer nothing.

    Raises:
        StepBlocked: The plan has no such choice.
    """
    compiled = host.compiled(facts.workflow_id)
    then = await host.older_plan(facts, compiled) if selected else None
    return selected if then is None else choices_of(then, compiled.plan, path, selected)
