"""Bodies of outputs that this worker has produced or read, bounded by their bytes.

Most steps run where the step before them ran, so that most outputs are found here and the history need not be read.
A body in the cache is what was written: its digest is checked by whoever uses it.
"""

from __future__ import annotations

from collections import OrderedDict

from agno_temporal.plan.data import Json

DEFAULT_BYTES = 64 * 1024 * 1024


class BodyCache:
    """Least recently used bodies go first. Keys are a Temporal run id and an activity id."""

    def __init__(self, limit: int = DEFAULT_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._bodies: OrderedDict[tuple[str, str], tuple[Json, int]] = OrderedDict()

    def get(self, run_id: str, activity_id: str) -> Json | None:
        found = self._bodies.get((run_id, activity_id))
        if found is None:
            return None
        self._bodies.move_to_end((run_id, activity_id))
        return found[0]

    def put(self, run_id: str, activity_id: str, body: Json, size: int) -> None:
        key = (run_id, activity_id)
        if size > self._limit or key in self._bodies:
            return
        self._bodies[key] = (body, size)
        self._bytes += size
        while self._bytes > self._limit:
            _, (_, evicted) = self._bodies.popitem(last=False)
            self._bytes -= evicted
