"""The writes that workers made of a run's rows, to be made once more: as attempts that Temporal had given up land."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agno_temporal.activities import project
from agno_temporal.agno_bridge.projection import write_projection
from agno_temporal.contract.manifest import Manifest
from tests.storage.databases import rows_of


class Landings:
    """Notes every projection from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._writes: list[tuple[Any, Manifest, Any, dict[str, Any]]] = []
        monkeypatch.setattr(project, "write_projection", self._note)

    async def _note(self, workflow: Any, manifest: Manifest, run: Any, in_thread: Any, **options: Any) -> None:
        self._writes.append((workflow, manifest, run, options))
        await write_projection(workflow, manifest, run, in_thread, **options)

    @property
    def statuses(self) -> list[str]:
        return [manifest.status for _, manifest, *_ in self._writes]

    async def land_again(self) -> None:
        """Each of them, the newest first."""
        for workflow, manifest, run, options in reversed(self._writes):
            await write_projection(workflow, manifest, run, asyncio.to_thread, **options)


async def all_rows(db: Any) -> dict[str, list[dict[str, Any]]]:
    """What the database has, but for when it was written."""
    return {
        kind: [{name: value for name, value in row.items() if name != "updated_at"} for row in await rows_of(db, kind)]
        for kind in ("sessions", "runs", "approvals")
    }
