"""Commands for whoever keeps runs going: `doctor`, `unblock`, `terminate`, `rebuild` and `delete-session`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agno_temporal.cli.copied import arguments, copied
from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.options import AsJson, RunId, at_either, at_temporal, connected

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Backend
    from agno_temporal.cli.doctor import Place
    from agno_temporal.connect.settings import Settings


@at_either
async def doctor(
    place: Place,
    app: Annotated[
        list[str] | None,
        typer.Argument(metavar="APP", help="Look at this app too, and at its database: app.py, module:object."),
    ] = None,
    as_json: AsJson = False,
) -> ExitCode | None:
    """Look at what runs need (Temporal, workers, app, database), and say what mends what is missing.

    Of a remote API, what it tells of itself is looked at.
    """
    from agno_temporal.cli.console import print_json
    from agno_temporal.cli.doctor import examined
    from agno_temporal.cli.workflow_pictures import draw_finding

    found = []
    async for finding in examined(place, app or ()):
        found.append(finding)
        if not as_json:
            draw_finding(finding.document())
    if as_json:
        print_json({"ok": all(one.ok for one in found), "findings": [one.document() for one in found]})
    return next((one.code for one in found if not one.ok), None)


@connected
async def unblock(
    backend: Backend,
    run_id: RunId,
    step: Annotated[
        str | None, typer.Argument(metavar="STEP", help="Its name, its path, or its activity's id; all, if left out.")
    ] = None,
) -> None:
    """Try a blocked step again now, and not when its turn comes.

    A step is blocked where it cannot be tried at all: its workflow is not deployed, its executor is missing.
    """
    from agno_temporal.cli.console import say
    from agno_temporal.views.text import times

    for one in await backend.unblock(run_id, step):
        say(f"{one['activity_id']} is tried again now; it was tried {times(one['attempts'])}: {one['reason']}")


@connected
async def terminate(
    backend: Backend,
    run_id: RunId,
    reason: Annotated[str, typer.Option(help="Why; Temporal keeps it.")] = "terminated from the command line",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """End a run at once, without its consent. `cancel` asks it to end, and is nearly always the better way.

    Steps in flight are not told and go on; nothing that is still open can be decided; and the database keeps the run as
    it was last written, until `rebuild` writes its end.
    """
    from agno_temporal.cli.console import can_ask, say
    from agno_temporal.cli.prompts import confirmed

    if not yes:
        if not can_ask():
            raise Failed("Nobody can be asked here: repeat it with --yes.", ExitCode.USAGE)
        tell(
            f"Terminating run {run_id} loses what its steps are doing now, and what it waits for. Neither a worker nor "
            f"the database is told; `agno-temporal rebuild {arguments(run_id, 'app.py')}` writes the end there.\n"
            f"In an orderly way it ends with: {copied('cancel', run_id)}"
        )
        if not await confirmed("Terminate it?"):
            tell("Nothing was changed.")
            return
    if not await backend.terminate(run_id, reason):
        raise Failed(f"Run {run_id!r} had ended before. This changes nothing.", ExitCode.REFUSED)
    say(f"Run {run_id} is terminated.")


@at_temporal
async def rebuild(
    settings: Settings,
    what: Annotated[
        list[str], typer.Argument(metavar="[RUN_ID] APP...", help="The run, and the app that has its workflow.")
    ],
    session: Annotated[str | None, typer.Option(help="All runs of this session, instead of one.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All runs that Temporal still has, instead of one.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Also where rows tell of a later state, as after Temporal was restored from a backup."
        ),
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="Also end the open rows of runs that Temporal does not have, as ERROR.")
    ] = False,
    as_json: AsJson = False,
) -> ExitCode | None:
    """Write runs into the app's database anew, from what Temporal has of them. Needs no worker, and no API can do it.

    For a database that was lost or restored, for a run that was terminated, whose row is open still, and for one that
    was reset, whose row tells of what it did before.
    """
    if session is not None and everything:
        raise Failed("Only one of --session and --all can be used.", ExitCode.USAGE)
    run_id, app = (None, what) if session is not None or everything else (what[0], what[1:])
    if not app:
        raise Failed("The app is missing: agno-temporal rebuild RUN_ID app.py.", ExitCode.USAGE)
    from agno_temporal.agno_bridge.row_order import Over
    from agno_temporal.cli.core_log import connected_client
    from agno_temporal.cli.rebuilding import rebuilt
    from agno_temporal.client import RunClient

    runs = RunClient(await connected_client(settings), settings.queue)
    return await rebuilt(runs, app, run_id, session, as_json, Over.LATER if force else Over.SAME, lost)


@at_either
async def delete_session(
    place: Place,
    session_id: Annotated[str, typer.Argument(metavar="SESSION_ID", help="The session's id.")],
    app: Annotated[
        list[str] | None, typer.Argument(metavar="[APP]...", help="The app that has its workflow; none with an API.")
    ] = None,
    workflow: Annotated[str | None, typer.Option(help="Its workflow, with an API; of an app, its row says.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a session and all that is kept of its runs: rows, questions, histories in Temporal, stored files.

    One that has an open run is left as it is: cancel that run first. One that there is not is deleted already.
    """
    from agno_temporal.cli.console import can_ask, print_json, say
    from agno_temporal.cli.forgetting import forgetting
    from agno_temporal.cli.prompts import confirmed

    delete = await forgetting(place, session_id, app or (), workflow)
    if not yes:
        if not can_ask():
            raise Failed("Nobody can be asked here: repeat it with --yes.", ExitCode.USAGE)
        tell(f"Everything that is kept of session {session_id} and its runs is deleted, and nothing brings it back.")
        if not await confirmed("Delete it?"):
            tell("Nothing was changed.")
            return
    deleted = await delete()
    if as_json:
        print_json(deleted)
        return
    runs = deleted["run_ids"]
    say(f"Session {session_id} is deleted, with {len(runs)} run{'' if len(runs) == 1 else 's'}.")
