"""`StepOptions`: checked when they are given, because Temporal checks them when the step is scheduled.

By then the run exists, and hangs: the server answers a negative duration with BadScheduleActivityAttributes and the SDK
a bad retry policy with a ValueError, and either fails the workflow task over and over (tried, server 1.32).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.refusals import Problems, Report, shown
from agno_temporal.plan import ConditionNode, ExecutorKind, Node, RouterNode, StepNode, StepOptions, walk

_FIELDS = tuple(field.name for field in dataclasses.fields(StepOptions))
_DURATIONS = tuple(name for name in _FIELDS if name not in ("retry_backoff", "task_queue", "quick"))

_ARTICLES = {
    ExecutorKind.AGENT: "an agent",
    ExecutorKind.TEAM: "a team",
    ExecutorKind.WORKFLOW_FUNCTION: "a function in the place of the steps",
}


def merged(narrow: StepOptions, wide: StepOptions) -> StepOptions:
    """Field by field, the narrower scope's value where it has one."""
    values = {name: getattr(wide, name) for name in _FIELDS}
    values |= {name: value for name in _FIELDS if (value := getattr(narrow, name)) is not None}
    return StepOptions(**values)


def with_options(
    nodes: tuple[Node, ...], default: StepOptions, by_step: Mapping[str, StepOptions], problems: Problems
) -> tuple[Node, ...]:
    """The nodes with each leaf's options: its own where given, field by field, and the workflow's otherwise.

    Args:
        by_step: Options by a step's name or path.
    """
    wide = _checked(default, problems.at())
    for conflict in _conflicts(wide):
        problems.at()(conflict)
    chosen: dict[str, StepOptions] = {}
    for key, given in by_step.items():
        leaf = _leaf(key, nodes, problems.at())
        if leaf is None:
            continue
        report = problems.at(leaf.path, leaf.name)
        if leaf.path in chosen:
            report("step_options has it twice, by its name and by its path. Merge the two.")
        chosen[leaf.path] = merged(_checked(given, report), wide)
        if not any(_conflicts(wide)):
            for conflict in _conflicts(chosen[leaf.path]):
                report(conflict)
    for node in walk(nodes):
        if isinstance(node, StepNode) and node.executor is not ExecutorKind.FUNCTION and _of(node, wide, chosen).quick:
            problems.at(node.path, node.name)(
                f"options.quick=True is for a step that is a function, and this one is {_ARTICLES[node.executor]}. "
                "Leave it out, or give this step StepOptions(quick=False) in step_options."
            )
    return tuple(_replaced(node, wide, chosen) for node in nodes)


def _leaf(key: str, nodes: tuple[Node, ...], report: Report) -> StepNode | None:
    """The one step that a key of `step_options` means."""
    meant = [node for node in walk(nodes) if key in (node.path, node.name)]
    leaves = [node for node in meant if isinstance(node, StepNode)]
    if len(leaves) == 1:
        return leaves[0]
    known = ", ".join(_label(node) for node in walk(nodes) if isinstance(node, StepNode)) or "none"
    if leaves:
        report(f"step_options[{shown(key)}] means {' and '.join(map(_label, leaves))}. Use a path or rename one.")
    elif meant:
        report(f"step_options[{shown(key)}] is a {meant[0].KIND}, and only steps take options. The steps are: {known}.")
    else:
        report(f"step_options[{shown(key)}] is no step of this workflow. The steps are: {known}.")
    return None


def _label(node: Node) -> str:
    return f"{node.path!r}" if node.name is None else f"{node.path!r} ({shown(node.name)})"


def _checked(options: Any, report: Report) -> StepOptions:
    if not isinstance(options, StepOptions):
        report(f"{shown(options)} is not a StepOptions.")
        return StepOptions()
    queue: Any = options.task_queue
    if queue is not None and not (isinstance(queue, str) and queue.strip()):
        report(f"options.task_queue={shown(queue)} is not the name of a task queue.")
    durations = {name: checks.seconds(f"options.{name}", getattr(options, name), report) for name in _DURATIONS}
    backoff = checks.factor("options.retry_backoff", options.retry_backoff, report)
    quick: Any = options.quick
    if quick is not None and not isinstance(quick, bool):
        report(f"options.quick={shown(quick)} is neither True nor False.")
    return StepOptions(**durations, retry_backoff=backoff, task_queue=queue, quick=quick)


def _conflicts(options: StepOptions) -> Iterator[str]:
    attempt, heartbeat = options.start_to_close_timeout, options.heartbeat_timeout
    if attempt is not None and heartbeat is not None and heartbeat >= attempt:
        yield (
            f"options.heartbeat_timeout={heartbeat:g} is not shorter than start_to_close_timeout={attempt:g}, "
            "so that it would never be the first to fire. Shorten it, or leave it out."
        )
    if options.quick and options.task_queue is not None:
        yield (
            "options.quick=True runs a step on the worker that has the run, and "
            f"task_queue={shown(options.task_queue)} on another one. Leave one of them out."
        )
    first, longest = options.retry_initial_interval, options.retry_maximum_interval
    if first is not None and longest is not None and longest < first:
        yield f"options.retry_maximum_interval={longest:g} is shorter than retry_initial_interval={first:g}. Swap them."


def _of(node: StepNode, wide: StepOptions, chosen: Mapping[str, StepOptions]) -> StepOptions:
    return chosen.get(node.path, wide)


def _replaced(node: Node, wide: StepOptions, chosen: Mapping[str, StepOptions]) -> Node:
    def each(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(_replaced(child, wide, chosen) for child in nodes)

    match node:
        case StepNode():
            return dataclasses.replace(node, options=_of(node, wide, chosen))
        case ConditionNode():
            return dataclasses.replace(node, steps=each(node.steps), else_steps=each(node.else_steps))
        case RouterNode():
            return dataclasses.replace(node, choices=each(node.choices))
        case _:
            return dataclasses.replace(node, steps=each(node.steps))
