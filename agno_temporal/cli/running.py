"""Commands that start and end runs: `run` and `cancel`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from agno_temporal.cli.exits import ExitCode, Failed, tell, verdict
from agno_temporal.cli.json_texts import from_json_text
from agno_temporal.cli.options import AsJson, RunId, connected
from agno_temporal.cli.stdout import ours

if TYPE_CHECKING:
    from agno_temporal.cli.backend import Backend


@connected
async def run(
    backend: Backend,
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow's id.")],
    input: Annotated[str | None, typer.Option("--input", "-i", help="The input, as text.")] = None,
    input_json: Annotated[str | None, typer.Option(help="The input, as JSON.")] = None,
    input_file: Annotated[
        str | None, typer.Option(help="A file with the input: JSON if its name ends so, else text; - is stdin.")
    ] = None,
    run_id: Annotated[
        str | None, typer.Option(help="The run's id; the same request under it attaches to the first run.")
    ] = None,
    session_id: Annotated[str | None, typer.Option(help="agno's session.")] = None,
    user_id: Annotated[str | None, typer.Option(help="agno's user.")] = None,
    session_state: Annotated[
        str | None, typer.Option(metavar="JSON", help="Over what the session holds, as a JSON object.")
    ] = None,
    metadata: Annotated[str | None, typer.Option(metavar="JSON", help="Of the run, as a JSON object.")] = None,
    additional_data: Annotated[
        str | None, typer.Option(metavar="JSON", help="For every step beside the input, as a JSON object.")
    ] = None,
    dependencies: Annotated[
        str | None, typer.Option(metavar="JSON", help="For the agents of the workflow, as a JSON object.")
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Agents and teams stream what they say as events of the run.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Wait until the run has ended, or waits for a person.")] = True,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask here for each decision, until the run has ended. Enter leaves one open.")
    ] = False,
    as_json: AsJson = False,
) -> ExitCode | None:
    """Start a run, print its id, and show what becomes of it.

    Interrupted or not, the run goes on.
    """
    if ask and (as_json or not wait):
        raise Failed("--ask goes with neither --json nor --no-wait.", ExitCode.USAGE)
    from agno_temporal.cli.waiting import finished
    from agno_temporal.contract.request import RunRequest
    from agno_temporal.contract.run_ids import RULE, is_plain

    if run_id is not None and not is_plain(run_id):
        why = f"{run_id!r} is no id for a new run. An API reaches one by its address: give it {RULE}."
        raise Failed(why, ExitCode.USAGE)
    request = RunRequest(
        input=chosen_content(input, input_json, input_file, "--input, --input-json and --input-file"),
        session_id=session_id,
        user_id=user_id,
        session_state=_object(session_state, "--session-state"),
        metadata=_object(metadata, "--metadata"),
        additional_data=_object(additional_data, "--additional-data"),
        dependencies=_object(dependencies, "--dependencies"),
        stream=stream,
    )
    run_id = run_id or str(uuid4())
    try:
        await backend.start(workflow, request, run_id)
    except Exception as error:
        if verdict(error)[0] is ExitCode.NO_ANSWER:
            tell(f"With --run-id {run_id} it can be repeated: then it is started once.")
        raise
    if not as_json:
        print(run_id, file=ours(), flush=True)
    if nobody := await _nobody_works(backend):
        tell(f"{nobody}: the run is kept, and starts when one comes.")
    if not wait:
        if as_json:
            print(json.dumps({"run_id": run_id, "workflow_id": workflow}), file=ours())
        return None
    if ask:
        from agno_temporal.cli.asking import asked_out

        return await asked_out(backend, run_id)
    return await finished(backend, run_id, as_json)


async def _nobody_works(backend: Backend) -> str | None:
    """What to tell where it is known that no worker is there. The run is started, whether that can be asked or not."""
    from temporalio.service import RPCError

    try:
        return await backend.nobody_works()
    except (Failed, RPCError):
        return None


@connected
async def cancel(backend: Backend, run_id: RunId) -> None:
    """Cancel a run, whether it works or waits."""
    if not await backend.cancel(run_id):
        raise Failed(f"Run {run_id!r} had ended before. This changes nothing.", ExitCode.REFUSED)
    print(f"Run {run_id} is asked to end; a worker ends it.", file=ours())


def chosen_content(text: str | None, as_json: str | None, file: str | None, options: str) -> Any:
    """What one of three options gives; None where none is used.

    Raises:
        Failed: More than one is used, or it cannot be read.
        UnicodeEncodeError: It is not UTF-8. Python reads such bytes as halves of characters, which no API can be sent.
    """
    if sum(one is not None for one in (text, as_json, file)) > 1:
        raise Failed(f"Only one of {options} can be used.", ExitCode.USAGE)
    if as_json is not None:
        return _parsed(as_json, "The JSON")
    if file is None:
        return _whole(text) if text is not None else None
    try:
        content = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{file} cannot be read: {error}.", ExitCode.USAGE) from error
    return _parsed(content, file) if file.endswith(".json") else _whole(content)


def _object(text: str | None, option: str) -> dict[str, Any] | None:
    """
    Raises:
        Failed: It is no JSON, or none of an object.
    """
    if text is None:
        return None
    found = _parsed(text, option)
    if not isinstance(found, dict):
        raise Failed(
            f"""{option} is a JSON object, such as '{{"ticket": 7}}', and not {text[:40]!r}.""", ExitCode.USAGE
        )
    return found


def _whole(text: str) -> str:
    text.encode()
    return text


def _parsed(text: str, what: str) -> Any:
    try:
        return from_json_text(text)
    except ValueError as error:
        raise Failed(f"{what} cannot be parsed: {error}.", ExitCode.USAGE) from error
