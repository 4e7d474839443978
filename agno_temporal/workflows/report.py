"""A manifest is never larger than Temporal takes.

What every question was asked with adds up: a thousand gates in a row name half a million earlier outputs. A result that
is too large would fail the run's last task for ever, and a query every reader. So what is least needed is left out
first: the events, which readers ask for in pages, what decided questions were asked with, then the outputs inlined,
the run's content where it is the last step's, then decided questions themselves, then what open ones were asked with,
then of a container with thousands of steps all but its last one, and at last a session state that fills a payload
alone. What people wrote in an output's place stays, and is bounded before (`hitl.ledger`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.outputs import Group, Leaf, Output, bare, leaves
from agno_temporal.contract.tasks import Flow
from agno_temporal.hitl import Forgotten
from agno_temporal.plan.data import Json, to_json

MAX_MANIFEST_BYTES = 1_500_000
"""Temporal takes 2 MB in a payload; the rest is for a codec, and for the failure around an ERROR's manifest."""


LEAST_LEAF_BYTES = len(json.dumps(to_json(Leaf("0#1", "0" * 64))))
"""What the name of an output has at least."""


def manifest_json(manifest: Manifest) -> Json:
    """The manifest as JSON, reduced as far as it takes."""
    reductions = _REDUCTIONS
    if _least(manifest) > MAX_MANIFEST_BYTES:
        for reduced in _ALL_THAT_SPARE_OUTPUTS:
            manifest = reduced(manifest)
        manifest, reductions = _outlined(manifest), (_once, _without_old_questions, _without_flows, _without_state)
    data = to_json(manifest)
    for reduced in reductions:
        if len(json.dumps(data)) <= MAX_MANIFEST_BYTES:
            break
        manifest = reduced(manifest)
        data = to_json(manifest)
    return data


def _least(manifest: Manifest) -> int:
    """Bytes that the names of the outputs have at least. To find that out by writing all of them, once before and once
    after each reduction, took longer from 10,000 outputs on than a workflow task has."""
    shown = manifest.step_results if manifest.content_of is None else (*manifest.step_results, manifest.content_of)
    return LEAST_LEAF_BYTES * sum(1 for output in shown for _ in leaves(output))


def _without_events(manifest: Manifest) -> Manifest:
    return replace(manifest, events=None)


def _without_old_flows(manifest: Manifest) -> Manifest:
    def plain(asked: Asked) -> Asked:
        return asked if asked.resolution is None else replace(asked, flow=None, output=None)

    return replace(manifest, asked=tuple(plain(asked) for asked in manifest.asked))


def _without_bodies(manifest: Manifest) -> Manifest:
    return replace(manifest, step_results=tuple(bare(output) for output in manifest.step_results))


def _once(manifest: Manifest) -> Manifest:
    """Without the run's content, where it is the last step's (`agno_bridge.run_output`)."""
    last = bare(manifest.step_results[-1]) if manifest.step_results else None
    twice = last is not None and manifest.content_of == last and manifest.status == "COMPLETED"
    return replace(manifest, content_of=None) if twice else manifest


def _without_flows(manifest: Manifest) -> Manifest:
    """Without what open questions were asked with, but for what a reviewer looks at."""
    return replace(manifest, asked=tuple(replace(asked, flow=None) for asked in manifest.asked))


def _without_old_questions(manifest: Manifest) -> Manifest:
    """Without as many decided questions as it takes, the longest decided first: the newest are in no database yet."""
    waiting = tuple(asked for asked in manifest.asked if asked.resolution is None)
    room = MAX_MANIFEST_BYTES - len(json.dumps(to_json(replace(manifest, asked=waiting))))
    kept = {asked.requirement.id for asked in waiting}
    for asked in sorted(manifest.asked, key=_decided_at, reverse=True):
        if asked.resolution is not None:
            room -= len(json.dumps(to_json(asked))) + len(", ")
            if room < 0:
                break
            kept.add(asked.requirement.id)
    dropped = (asked.requirement for asked in manifest.asked if asked.requirement.id not in kept)
    forgotten = Forgotten(manifest.run_id, manifest.forgotten or {}).plus(dropped)
    return replace(
        manifest,
        asked=tuple(asked for asked in manifest.asked if asked.requirement.id in kept),
        forgotten=dict(forgotten.until) or None,
    )


def _decided_at(asked: Asked) -> float:
    return 0.0 if asked.resolution is None else asked.resolution.at


def _outlined(manifest: Manifest) -> Manifest:
    """Of each container only what its content comes from."""

    def plain(asked: Asked) -> Asked:
        output = None if asked.output is None else _outline(asked.output)
        return replace(asked, flow=asked.flow and _outlined_flow(asked.flow), output=output)

    return replace(
        manifest,
        step_results=tuple(_outline(output) for output in manifest.step_results),
        content_of=None if manifest.content_of is None else _outline(manifest.content_of),
        asked=tuple(plain(asked) for asked in manifest.asked),
    )


def _outlined_flow(flow: Flow) -> Flow:
    return replace(flow, previous=tuple(replace(named, output=_outline(named.output)) for named in flow.previous))


def _outline(output: Output) -> Output:
    if not isinstance(output, Group):
        return output
    steps = output.steps if output.step_type == "Parallel" else output.steps[-1:]
    return replace(output, steps=tuple(_outline(step) for step in steps))


def _without_state(manifest: Manifest) -> Manifest:
    return replace(manifest, session_state=None)


_ALL_THAT_SPARE_OUTPUTS: tuple[Callable[[Manifest], Manifest], ...] = (
    _without_events,
    _without_old_flows,
    _without_bodies,
)

_REDUCTIONS: tuple[Callable[[Manifest], Manifest], ...] = (
    *_ALL_THAT_SPARE_OUTPUTS,
    _once,
    _without_old_questions,
    _without_flows,
    _outlined,
    _without_state,
)
