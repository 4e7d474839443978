"""The corpus, and how it is replayed: ``python -m tests.replay.corpus`` replays all of it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.delivery import AgnoDelivery
from agno_temporal.workflows.uninterrupted import Uninterrupted
from tests.replay.groups import HISTORIES, files, versions

NAMES = [f"{version}/{file.stem}" for version in versions() for file in files(HISTORIES / version)]
"""Every history, as ``version/name``."""

_XXX = base64.b64encode(b"xxx").decode()

_SHORTENED = re.compile(rf"<{_XXX}\*(\d+)>")

NEWEST = {file.stem: f"{versions()[-1]}/{file.stem}" for file in files(HISTORIES / versions()[-1])}
"""Those of the newest version, by the name of their recording."""


def text_of(name: str) -> str:
    return _SHORTENED.sub(lambda short: _XXX * int(short[1]), file_of(name).read_text())


def shortened(text: str) -> str:
    """A history without most of its padding: thousands of the letter x, as they are in a payload."""
    return re.sub(rf"(?:{_XXX}){{1000,}}", lambda padding: f"<{_XXX}*{len(padding[0]) // len(_XXX)}>", text)


def file_of(name: str) -> Path:
    return HISTORIES / f"{name}.json"


def history_of(name: str, text: str | None = None) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"replay-{name.rpartition('/')[2]}", text or text_of(name))


class Results(Interceptor):
    """Keeps what replayed workflows return."""

    returned: list[Any]

    def __init__(self) -> None:
        Results.returned = []

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        class Inbound(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                result = await super().execute_workflow(input)
                Results.returned.append(result)
                return result

        return Inbound


async def replay(history: WorkflowHistory) -> Sequence[Any]:
    """Replay with nothing but our definitions: no agno workflow, no plugin. Returns the run's result, if it has one."""
    results = Results()
    replayer = Replayer(
        workflows=[AgnoRun, AgnoDelivery], interceptors=[results], unsandboxed_workflow_runner=Uninterrupted()
    )
    await replayer.replay_workflow(history)
    return results.returned


def recorded_result(history: WorkflowHistory) -> Any:
    completed = history.events[-1].workflow_execution_completed_event_attributes
    return json.loads(completed.result.payloads[0].data) if completed.result.payloads else None


async def main() -> None:
    for name in NAMES:
        await replay(history_of(name))
    print(f"{len(NAMES)} histories of {', '.join(versions())} replayed")


if __name__ == "__main__":
    asyncio.run(main())
