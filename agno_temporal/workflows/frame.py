"""Where a node runs: what it is given, and what those after it are given.

agno chains by a dict of earlier outputs, and "the last one" is the dict's last entry. Assigning to a key that exists
keeps its old place, so after a second step of the same name, or in a loop that forwards its output, the "previous"
output is some other step's. Here the newest output always stands last (docs/differences.md, D33 and D34).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agno_temporal.contract.outputs import Budget, Leaf, MessageOf, Output, bare
from agno_temporal.contract.tasks import Extras, Flow, Named
from agno_temporal.plan import GatedNode
from agno_temporal.workflows.listing import Row
from agno_temporal.workflows.state import SessionState

INLINE_BYTES = 4 * 1024
"""How much of earlier outputs one task carries itself; the branches of a Parallel share it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One node's place in the run.

    Attributes:
        index: The top-level step that the node belongs to.
        top: Whether it stands directly in a workflow: only there does agno heed a step's `on_error`.
        width: How many branches run beside each other here; they share what may be inlined in one task.
        extras: What a human decided for this step, or for a container around it, whose steps are all told.
        guard: The innermost node with ``on_error="pause"`` that a failure here would reach: it is asked in its name.
        row: Of the earlier outputs, for what was listed of them before.
    """

    flow: Flow
    state: SessionState
    index: int = 0
    top: bool = False
    width: int = 1
    extras: Extras | None = None
    guard: GatedNode | None = None
    row: Row = field(default_factory=Row)

    def told(self, extras: Extras | None) -> Frame:
        """The frame with what a human decided here. It stands before what was decided further out."""
        outer = self.extras
        if extras is None:
            return self
        if outer is None:
            return replace(self, extras=extras)
        return replace(
            self,
            extras=Extras(
                user_input=extras.user_input or outer.user_input,
                previous_output=extras.previous_output or outer.previous_output,
                rejection_feedback=extras.rejection_feedback or outer.rejection_feedback,
            ),
        )

    def inside(self) -> Frame:
        """The frame of the first child of a container that hands a child's failure on."""
        return replace(self, top=False)

    def guarded(self, guard: GatedNode | None) -> Frame:
        """The frame of the first child of a node that decides who is asked about a child's failure."""
        return replace(self.inside(), guard=guard)

    def sheltered(self) -> Frame:
        """The frame of the first child of a container that makes an output of a child's failure."""
        return self.guarded(None)

    def after(self, name: str | None, output: Output) -> Frame:
        """The frame of the next node, once this one gave `output` under `name`."""
        previous = [named for named in self.flow.previous if named.name != name]
        media = (*self.flow.media, bare(output)) if output.media else self.flow.media
        flow = replace(self.flow, previous=carried((*previous, Named(name, output))), media=media)
        return replace(self, flow=flow, row=self.row.after(name))

    def at(self, flow: Flow) -> Frame:
        """The frame where an earlier Temporal run had come to."""
        return replace(self, flow=flow, row=Row())

    def branch(self, width: int, state: SessionState) -> Frame:
        """The frame of one branch of a Parallel, which works on a fork of the state."""
        return replace(self.sheltered(), state=state, width=self.width * width)

    def nested(self) -> Frame:
        """The frame of a nested workflow's first step (agno/workflow/step.py:2901-2960): its input is the message that
        an agent would get here, it sees no earlier output and no additional data."""
        flow = self.flow
        source = MessageOf(bare(flow.previous[-1].output), flow.input) if flow.previous else flow.input
        return replace(self.at(Flow(input=source, media=flow.media, with_additional_data=False)), top=True)


def carried(previous: Sequence[Named], size: int = INLINE_BYTES) -> tuple[Named, ...]:
    """The outputs with as many bodies as a task may carry, the newest first. What is as it was stays the same object,
    and is written once for all tasks."""
    budget, found = Budget(size), []
    for named in reversed(previous):
        if isinstance(named.output, Leaf) and named.output.body is None:
            found.append(named)  # As most are.
            continue
        output = budget.trim(named.output)
        found.append(named if output is named.output else Named(named.name, output))
    return tuple(reversed(found))
