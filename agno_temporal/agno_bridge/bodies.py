"""Bodies by activity: the resolver between a tree of leaves and what stands in them.

A task names earlier outputs and carries only the small ones. The others lie in the worker's cache or in the run's
history, and fetching is I/O, which this floor does not do. So it is a table: it takes what is inline, says what is
missing, and checks what the caller brings against the digest that the run recorded. A body of another run, or of an
activity whose id was used twice, would otherwise flow on as this step's input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.executor_runs import ExecutorRun
from agno_temporal.agno_bridge.step_bodies import Measure, output_of, runs_of
from agno_temporal.contract.events import EXECUTOR, EventPage, StoredEvents
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.outputs import Group, InputSource, Leaf, MessageOf, Output, leaves
from agno_temporal.contract.tasks import ContinueTask, EvaluateTask, Extras, Flow, StepTask
from agno_temporal.plan.data import Json

Source: TypeAlias = StepTask | ContinueTask | EvaluateTask | Manifest | EventPage | StoredEvents | Output


class BodyMissing(LookupError):
    """An output was asked for that nobody brought: the caller did not fetch all of `Bodies.missing`."""

    def __init__(self, activity_id: str) -> None:
        super().__init__(f"The output of activity {activity_id!r} is not here. Fetch all of `missing()` first.")


class BodyMismatch(ValueError):
    """What was brought as an activity's output is not what the run recorded."""

    def __init__(self, activity_id: str, expected: str, found: str) -> None:
        super().__init__(
            f"What was read as the output of activity {activity_id!r} is not what the run recorded "
            f"(sha256 {found[:12]}, not {expected[:12]}). Read it from the history of the run that recorded it."
        )


class Bodies:
    """The bodies that one task, or one reader, works with."""

    def __init__(self, *sources: Source, lenient: bool = False) -> None:
        """
        Args:
            sources: Everything that will be read. Other leaves are not known.
            lenient: For readers without the user's code (see `values.decode`).
        """
        self.lenient = lenient
        self._leaves: dict[str, Leaf] = {}
        self._bodies: dict[str, Json] = {}
        self._decoded: dict[str, StepOutput] = {}
        self._executors: dict[str, Json] = {}
        for source in sources:
            for leaf in _read_for(source):
                self._leaves.setdefault(leaf.activity_id, leaf)
                if leaf.body is not None:
                    self._bodies.setdefault(leaf.activity_id, leaf.body)
            self._executors.update(dict.fromkeys(_executors_of(source)))

    def missing(self) -> list[Leaf]:
        """What has to be fetched, each once."""
        return [leaf for activity_id, leaf in self._leaves.items() if activity_id not in self._bodies]

    def missing_events(self) -> set[str]:
        """The activities whose results hold events that have to be fetched."""
        return {activity_id for activity_id, events in self._executors.items() if events is None}

    def add_events(self, activity_id: str, events: Json) -> None:
        """What the executor of a step said, as its result holds it."""
        self._executors[activity_id] = events or []

    def executor_events(self, activity_id: str) -> Json:
        """
        Raises:
            BodyMissing: Nobody brought them.
        """
        if (events := self._executors.get(activity_id)) is None:
            raise BodyMissing(activity_id)
        return events

    def add(self, activity_id: str, body: Json) -> None:
        """
        Raises:
            BodyMismatch: It is not what the run recorded.
        """
        self.check(activity_id, body)
        self._bodies[activity_id] = body

    def check(self, activity_id: str, body: Json) -> None:
        """Refuse another body than the run recorded, where the activity's output is read here.

        Raises:
            BodyMismatch: It is another one.
        """
        if (leaf := self._leaves.get(activity_id)) is None:
            return
        found = Measure.of(body).digest
        if not found.startswith(leaf.digest):
            raise BodyMismatch(activity_id, leaf.digest, found)

    def output(self, leaf: Leaf) -> StepOutput:
        """A leaf's output as its step returned it: one object for all who ask, as in agno."""
        if leaf.activity_id not in self._decoded:
            self._decoded[leaf.activity_id] = output_of(self._body(leaf), self.lenient)
        return self._decoded[leaf.activity_id]

    def runs(self, leaf: Leaf) -> list[ExecutorRun]:
        """The runs of the agent or team behind a leaf; fresh objects each time."""
        return runs_of(self._body(leaf), self.lenient)

    def _body(self, leaf: Leaf) -> Json:
        if leaf.activity_id not in self._bodies:
            raise BodyMissing(leaf.activity_id)
        return self._bodies[leaf.activity_id]


def _executors_of(source: Source) -> Iterator[str]:
    facts = source if isinstance(source, StoredEvents | EventPage) else getattr(source, "events", None)
    if isinstance(facts, StoredEvents | EventPage):
        for event in facts.events:
            if event.kind == EXECUTOR and event.activity_id is not None:
                yield event.activity_id


def _read_for(source: Source) -> Iterator[Leaf]:
    """Every leaf whose body is read for a source, with repetitions."""
    match source:
        case EventPage() | StoredEvents():
            for event in source.events:
                for output in (*event.outputs, *([event.output] if event.output is not None else [])):
                    yield from leaves(output)
                    yield from _of_nested_inputs(output)
        case StepTask():
            yield from _of_flow(source.flow)
            yield from _of_extras(source.extras)
            if source.end_check is not None:
                yield from _of_all(source.end_check.earlier)
        case ContinueTask():
            yield source.paused
            yield from _of_all((source.contents or {}).values())
            if source.end_check is not None:
                yield from _of_all(source.end_check.earlier)
        case EvaluateTask(what="evaluator" | "selector" | "input"):
            yield from _of_flow(source.flow)
            yield from _of_extras(source.extras)
        case EvaluateTask():
            yield from _of_all(source.outputs)
        case Manifest():
            yield from _of_manifest(source)
        case _:
            yield from leaves(source)


def _of_extras(extras: Extras | None) -> Iterator[Leaf]:
    if extras is not None and extras.previous_output is not None:
        yield from leaves(extras.previous_output)


def _of_flow(flow: Flow) -> Iterator[Leaf]:
    yield from _of_input(flow.input)
    yield from _of_all(named.output for named in flow.previous)
    for output in flow.media:
        yield from media_leaves(output)


def media_leaves(output: Output) -> Iterator[Leaf]:
    """The leaves whose media an output hands on: its own, or those of a Parallel's branches."""
    match output:
        case Leaf(media=True):
            yield output
        case Group(step_type="Parallel"):
            for step in output.steps:
                yield from media_leaves(step)


def _of_all(outputs: Iterable[Output]) -> Iterator[Leaf]:
    for output in outputs:
        yield from leaves(output)


def _of_manifest(manifest: Manifest) -> Iterator[Leaf]:
    shown = [*manifest.step_results, *(asked.output for asked in manifest.asked if asked.output is not None)]
    shown += [output for output in (manifest.content_of, manifest.agent) if output is not None]
    for output in shown:
        yield from leaves(output)
        yield from _of_nested_inputs(output)
    for asked in manifest.asked:
        if asked.flow is not None:
            yield from _of_flow(asked.flow)
    if manifest.events is not None:
        yield from _read_for(manifest.events)


def _of_nested_inputs(output: Output) -> Iterator[Leaf]:
    """What nested workflows were given, which is shown with their runs."""
    if isinstance(output, Group):
        if output.run is not None:
            yield from _of_input(output.run.input)
            for given in output.run.media:
                yield from media_leaves(given)
        for step in output.steps:
            yield from _of_nested_inputs(step)


def _of_input(source: InputSource) -> Iterator[Leaf]:
    while isinstance(source, MessageOf):
        yield from leaves(source.output)
        source = source.otherwise
