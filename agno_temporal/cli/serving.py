"""Commands that stay: `dev` and `worker`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agno_temporal.cli.exits import as_exit_codes
from agno_temporal.cli.options import Address, Namespace, Profile, TaskQueue

App = Annotated[
    list[str], typer.Argument(metavar="APP...", help="module:object, app.py:object, or app.py for all workflows in it.")
]
Steps = Annotated[int | None, typer.Option("--max-concurrent-steps", min=1, help="Steps that run here at once (100).")]


def dev(
    app: App,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Temporal.")] = 7233,
    ui: Annotated[bool, typer.Option("--ui", help="Serve Temporal's Web UI as well, 1000 ports above.")] = False,
    ui_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Serve the Web UI on this port.")] = None,
    db: Annotated[Path, typer.Option(help="File that keeps the runs when this ends.")] = Path(".agno-temporal.db"),
    task_queue: TaskQueue = None,
    max_concurrent_steps: Steps = None,
) -> None:
    """Start Temporal's development server and a worker, on this machine.

    Runs are kept in a file, and go on when it is started again.
    """
    with as_exit_codes():
        from agno_temporal.cli.development import Development

        Development(app, port, (ui_port or port + 1000) if ui or ui_port else None, db, task_queue).run(
            max_concurrent_steps
        )


def worker(
    app: App,
    max_concurrent_steps: Steps = None,
    address: Address = None,
    namespace: Namespace = None,
    profile: Profile = None,
    task_queue: TaskQueue = None,
) -> None:
    """Run the steps of workflows, until a signal ends it."""
    with as_exit_codes():
        from agno_temporal.connect.settings import Settings
        from agno_temporal.worker import work

        work(Settings(address, namespace, profile, task_queue), app, max_concurrent_steps)
