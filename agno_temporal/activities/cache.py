"""Bodies of outputs that this worker has produced or read, bounded by their bytes.

Most steps run where the step before them ran, so that most outputs are found here and the history need not be read.

What a step returned here need not be what its run recorded: where Temporal had given the attempt up by then, the next
attempt's output counts, and a model says something else each time. So a body is found by its digest too, and one that
was not recorded is never asked for. A run keeps its bodies when it goes on in another Temporal run.
"""

from __future__ import annotations

from collections import OrderedDict

from agno_temporal.contract.outputs import DIGEST_LENGTH
from agno_temporal.plan.data import Json

DEFAULT_BYTES = 64 * 1024 * 1024


class BodyCache:
    """Least recently used bodies go first. Keys are a run's id, an activity's, and the beginning of a digest."""

    def __init__(self, limit: int = DEFAULT_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._bodies: OrderedDict[tuple[str, str, str], tuple[Json, int]] = OrderedDict()

    def get(self, run_id: str, activity_id: str, digest: str) -> Json | None:
        key = (run_id, activity_id, digest[:DIGEST_LENGTH])
        found = self._bodies.get(key)
        if found is None:
            return None
        self._bodies.move_to_end(key)
        return found[0]

    def put(self, run_id: str, activity_id: str, digest: str, body: Json, size: int) -> None:
        key = (run_id, activity_id, digest[:DIGEST_LENGTH])
        if size > self._limit or key in self._bodies:
            return
        self._bodies[key] = (body, size)
        self._bytes += size
        while self._bytes > self._limit:
            _, (_, evicted) = self._bodies.popitem(last=False)
            self._bytes -= evicted
