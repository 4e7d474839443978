"""What can be seen of a run once it is over, without what differs from run to run: to be compared with another one's.

Ids are drawn or derived from the run's, moments are measured. All else must be the same whatever was killed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from agno.db.base import SessionType

from tests.crash.journal import Journal, Line
from tests.unkillable.reviewer import Reviewer
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import World

_MEASURED = re.compile(
    "at|created_at|updated_at|started_at|ended_at|opened_at|resolved_at|timeout_at|expires_at|deadline|after_deadline"
    "|seconds_left|time|duration|start_time|end_time|time_to_first_token"
)

_DRAWN = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_BRANCH = re.compile(r".*/parallel/\d+")


@dataclass(frozen=True)
class Story:
    """A run that is over.

    Attributes:
        run: As the API shows it.
        output: As agno's own object.
        row: The projection in the database.
        approvals: What it asked, in the database's table.
        events: As they came over the stream: in their order, or of each step in their order.
        acts: When steps began for the first time, and when decisions were sent for the first time: in their order, or
            of each branch in their order.
    """

    run: Any
    output: Any
    row: Any
    approvals: Any
    events: Any
    acts: Any


async def story_of(world: World, reviewer: Reviewer) -> Story:
    path = f"/v1/runs/{reviewer.run_id}"
    row = world.db.get_session(reviewer.run_id, SessionType.WORKFLOW)
    assert row is not None, "the run is not in the database"
    rows, _ = world.db.get_approvals(run_id=reviewer.run_id)
    in_order = SUBJECTS[reviewer.subject].in_order
    approvals = [(one["source_name"], one["status"], one["resolved_by"]) for one in rows]
    run = bare(await reviewer.got(path))
    if not in_order:  # Which branch asks first is its own affair, as is which of them runs again.
        run["decisions"] = sorted(run["decisions"], key=repr)
    return Story(
        run=run,
        output=bare(await reviewer.got(f"{path}/output")),
        row=bare(row.to_dict()),
        approvals=sorted(approvals, key=repr),
        events=_events(reviewer, in_order),
        acts=_acts(reviewer),
    )


def bare(value: Any) -> Any:
    """A value without what is drawn or measured."""
    if isinstance(value, dict):
        return {name: bare(item) for name, item in value.items() if not _MEASURED.fullmatch(name)}
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    return _DRAWN.sub("-", value) if isinstance(value, str) else value


def _events(reviewer: Reviewer, in_order: bool) -> Any:
    events = [(one.event, bare(one.data)) for one in reviewer.events]
    if in_order:
        return [(name, _unnumbered(data)) for name, data in events]
    lanes = defaultdict(list)
    for name, data in events:
        lanes[data.get("step_name")].append((name, _unnumbered(data)))
    return dict(lanes)


def _unnumbered(data: Any) -> Any:
    return {name: value for name, value in data.items() if name != "event_index"}


def _acts(reviewer: Reviewer) -> dict[str, list[str]]:
    first: dict[str, Line] = {}
    for line in Journal(reviewer.input).lines():
        first.setdefault(line.step, line)
    acts = [(line.at, f"{line.event} {line.step}", line.step) for line in first.values()]
    for one in reviewer.given.values():
        path = str(one.question["path"])
        acts.append((one.sent_at, f"{one.answer[0]} {one.question['step_name']}", path))
    lanes = defaultdict(list)
    for _, what, path in sorted(acts):
        branch = _BRANCH.match(path)
        lanes[branch.group() if branch else ""].append(what)
    return dict(lanes)
