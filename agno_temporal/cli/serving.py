"""Commands that stay: `dev`, `worker` and `api`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agno_temporal.cli.exits import ExitCode, Failed, as_exit_codes
from agno_temporal.cli.options import Address, Namespace, Profile, TaskQueue

API_PORT = 7777

App = Annotated[
    list[str], typer.Argument(metavar="APP...", help="module:object, app.py:object, or app.py for all workflows in it.")
]
Steps = Annotated[int | None, typer.Option("--max-concurrent-steps", min=1, help="Steps that run here at once (100).")]


def dev(
    app: App,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Temporal.")] = 7233,
    ui: Annotated[bool, typer.Option("--ui/--no-ui", help="Serve Temporal's Web UI, 1000 ports above.")] = True,
    ui_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Serve the Web UI on this port.")] = None,
    api: Annotated[bool, typer.Option("--api/--no-api", help="Serve the HTTP API.")] = True,
    api_port: Annotated[int | None, typer.Option(min=1, max=65535, help=f"Port of the API ({API_PORT}).")] = None,
    db: Annotated[Path, typer.Option(help="File that keeps the runs when this ends.")] = Path(".agno-temporal.db"),
    task_queue: TaskQueue = None,
    max_concurrent_steps: Steps = None,
) -> None:
    """Start Temporal's development server, a worker and the API, on this machine.

    Code is loaded anew when it changes. Runs are kept in a file, and go on when it is started again. All of it is on
    this machine: AGNO_TEMPORAL_API_URL is not for it.
    """
    with as_exit_codes():
        from agno_temporal.cli.development import Development, is_taken

        if not ui and ui_port is not None:
            raise Failed("--no-ui goes with no --ui-port.", ExitCode.USAGE)
        if not api and api_port is not None:
            raise Failed("--no-api goes with no --api-port.", ExitCode.USAGE)
        web = ui_port or port + 1000
        if ui_port is None and (web > 65535 or is_taken(web)):
            ui = False  # Nobody asked for this port. That there is no UI is told, by its address not being there.
        of_api = api_port or API_PORT
        code = Development(
            app, port, web if ui else None, of_api if api else None, db, task_queue, max_concurrent_steps
        ).run()
    raise typer.Exit(code)


def develop(given: str) -> None:
    """The part of `dev` that is started anew."""
    with as_exit_codes():
        from agno_temporal.cli.development_child import develop

        develop(json.loads(given))


def api(
    app: App,
    host: Annotated[str, typer.Option(help="Address to listen at. Others than this machine's need credentials.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = API_PORT,
    key_store: Annotated[
        str | None,
        typer.Option(help='API keys: a directory, or "database" for the workflows\' (AGNO_TEMPORAL_API_KEY_STORE).'),
    ] = None,
    isolation: Annotated[
        bool | None,
        typer.Option("--isolation/--no-isolation", help="Keep users to their own runs (AGNO_TEMPORAL_API_ISOLATION)."),
    ] = None,
    drain: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=3600,
            help="Seconds to be not ready before it stops (AGNO_TEMPORAL_API_DRAIN).",
        ),
    ] = None,
    address: Address = None,
    namespace: Namespace = None,
    profile: Profile = None,
    task_queue: TaskQueue = None,
) -> None:
    """Serve the HTTP API, until a signal ends it. Steps run in workers, not here.

    Who may call is said by --key-store and AGNO_TEMPORAL_API_JWT_ISSUER; without either, this machine.
    """
    with as_exit_codes():
        from agno_temporal.cli.api_process import serve_api
        from agno_temporal.connect.settings import Settings

        given = {"key_store": key_store, "isolation": isolation, "drain": drain}
        serve_api(Settings(address, namespace, profile, task_queue), app, host, port, given)


def worker(
    app: App,
    max_concurrent_steps: Steps = None,
    deployment: Annotated[
        str | None, typer.Option(help="Deployment of whose versions this is one (TEMPORAL_DEPLOYMENT_NAME).")
    ] = None,
    build_id: Annotated[str | None, typer.Option(help="Version of the code (TEMPORAL_WORKER_BUILD_ID).")] = None,
    versioning: Annotated[
        str | None,
        typer.Option(
            help="How runs change versions: auto-upgrade (the default), or pinned (AGNO_TEMPORAL_VERSIONING)."
        ),
    ] = None,
    address: Address = None,
    namespace: Namespace = None,
    profile: Profile = None,
    task_queue: TaskQueue = None,
) -> None:
    """Run the steps of workflows, until a signal ends it.

    It works for Temporal itself, and never through an API: AGNO_TEMPORAL_API_URL is not for it.
    """
    with as_exit_codes():
        from agno_temporal.connect.settings import Settings
        from agno_temporal.connect.versioning import deployment_from
        from agno_temporal.worker import work

        version = deployment_from(deployment, build_id, versioning)
        work(Settings(address, namespace, profile, task_queue), app, max_concurrent_steps, version)
