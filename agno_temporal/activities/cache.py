"""Bodies of outputs that this worker has produced or read, bounded by their bytes.

Most steps run where the step before them ran, so that most outputs are found here and the history need not be read.

What a step returned here need not be what its run recorded: where Temporal had given the attempt up by then, the next
attempt's output counts, and a model says something else each time. So a body is found by its digest too, and one that
was not recorded is never asked for. A run keeps its bodies when it goes on in another Temporal run.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from agno_temporal.contract.outputs import DIGEST_LENGTH
from agno_temporal.plan.data import Json

DEFAULT_BYTES = 64 * 1024 * 1024


K = TypeVar("K")


class Bounded(Generic[K]):
    """JSON by keys, as much as there is room for. What was used least lately goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.bytes = 0
        self._kept: OrderedDict[K, tuple[Json, int]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def get(self, key: K) -> Json | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: K, data: Json, size: int) -> None:
        if size > self._limit or key in self._kept:
            return
        self._kept[key] = (data, size)
        self.bytes += size
        while self.bytes > self._limit:
            _, (_, evicted) = self._kept.popitem(last=False)
            self.bytes -= evicted


class BodyCache:
    """Keys are a run's id, an activity's, and the beginning of a digest."""

    def __init__(self, limit: int = DEFAULT_BYTES) -> None:
        self._bodies: Bounded[tuple[str, str, str]] = Bounded(limit)

    def get(self, run_id: str, activity_id: str, digest: str) -> Json | None:
        return self._bodies.get((run_id, activity_id, digest[:DIGEST_LENGTH]))

    def put(self, run_id: str, activity_id: str, digest: str, body: Json, size: int) -> None:
        self._bodies.put((run_id, activity_id, digest[:DIGEST_LENGTH]), body, size)
