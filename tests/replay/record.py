"""Records histories that are missing: ``python -m tests.replay.record [name ...]``.

They are put with those of the version in pyproject.toml, of which every recording has one (`tests.replay.groups`). A
history stands for a run of a user's that is open somewhere: it is never recorded anew to make a test pass. Only while
its version is not released, and the format may change, is there ``--again``; ``--seal`` closes the group for good, and
belongs into the commit that gives the version its place in the changelog.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import uuid
from typing import Any

from agno_temporal.connect.dev_server import start_dev_server
from tests.replay import (
    agents,
    chapters,
    container_pauses,
    ends,
    error_pauses,
    executors,
    functions,
    notices,
    pauses,
    primitives,
    quick,
    streams,
)
from tests.replay.corpus import shortened
from tests.replay.groups import HISTORIES, is_sealed, own_version, seal
from tests.replay.recordings import Drive, Recording
from tests.support import Bench

RECORDINGS: dict[str, Recording] = {
    **primitives.RECORDINGS,
    **pauses.RECORDINGS,
    **container_pauses.RECORDINGS,
    **error_pauses.RECORDINGS,
    **ends.RECORDINGS,
    **executors.RECORDINGS,
    **functions.RECORDINGS,
    **agents.RECORDINGS,
    **streams.RECORDINGS,
    **notices.RECORDINGS,
    **chapters.RECORDINGS,
    **quick.RECORDINGS,
}


async def record(name: str, bench: Bench) -> str:
    """Run one recording. Returns its history as JSON."""
    recording = RECORDINGS[name]
    run = Drive(bench, recording.workflow(), f"replay-{name}")
    if recording.prepare:
        await recording.prepare(run)
    await run.work()
    try:
        await recording.drive(run)
    finally:
        await run.outage()
    history = await bench.client.get_workflow_handle(run.run_id, run_id=run.temporal_run_id).fetch_history()
    return shortened(json.dumps(anonymous(history.to_json_dict()), separators=(",", ":"))) + "\n"


def anonymous(history: Any) -> Any:
    """Without what tells of the machine that recorded it: identities, names of sticky queues, stack traces."""
    if isinstance(history, list):
        return [anonymous(item) for item in history]
    if not isinstance(history, dict):
        return history
    plain = {key: anonymous(value) for key, value in history.items() if key != "stackTrace"}
    if "identity" in plain:
        plain["identity"] = "worker"
    for key, value in plain.items():
        if isinstance(value, str):
            plain[key] = re.sub(rf"\d+@{re.escape(socket.gethostname())}", "worker", value)
    return plain


async def main(wanted: list[str], again: bool) -> None:
    group = HISTORIES / own_version()
    if is_sealed(group):
        sys.exit(f"{group.name} is released, and its histories are sealed. Raise the version in pyproject.toml first.")
    group.mkdir(exist_ok=True)
    async with await start_dev_server() as server:
        for name in wanted:
            file = group / f"{name}.json"
            if again or not file.exists():
                file.write_text(await record(name, Bench(server.client, f"replay-{uuid.uuid4()}")))
                print(f"{group.name}/{name}: {file.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if "--seal" in sys.argv:
        seal(HISTORIES / own_version())
    else:
        asyncio.run(main(names or list(RECORDINGS), "--again" in sys.argv))
