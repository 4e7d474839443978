"""Streams as scripts leave them: closed, full, read by nobody, or unable to show what a run has to tell."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys

import pytest
from agno.workflow import Step, StepInput, StepOutput, Workflow

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.cli.processes import COMMAND
from tests.support import PATIENCE, Bench

HALF = "half \ud83d an emoji"
ASCII = ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})


async def shell(cli: Cli, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What becomes of a line of a script, in which `agno-temporal` is this one."""
    script = f'agno-temporal() {{ {shlex.join([sys.executable, "-c", COMMAND])} "$@"; }}\n{line}'
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **cli.environment, **environment}
    return await asyncio.to_thread(
        subprocess.run, ["bash", "-c", script], env=environment, capture_output=True, timeout=PATIENCE
    )


def telling(name: str, content: str) -> Workflow:
    """One step of this name, which returns this."""

    def tell(step_input: StepInput) -> StepOutput:
        return StepOutput(content=content)

    return Workflow(name="telling", steps=[Step(name=name, executor=tell)])


async def test_half_an_emoji_is_shown_as_its_escape(cli: Cli, bench: Bench):
    workflow = telling("tell", HALF)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.ended(run_id)
        shown, as_json = (
            await shell(cli, f"agno-temporal show {run_id}"),
            await shell(cli, f"agno-temporal show {run_id} --json"),
        )
    assert shown.stdout.endswith(b"Content:\nhalf \\ud83d an emoji\n")
    assert json.loads(as_json.stdout)["content"] == HALF
    assert (shown.returncode, as_json.returncode) == (0, 0)


@pytest.mark.parametrize("environment", ASCII, ids=["PYTHONIOENCODING", "LC_ALL"])
async def test_what_stdout_cannot_encode_is_shown_as_its_escape(cli: Cli, bench: Bench, environment):
    workflow = telling("café", "☕")
    if "LC_ALL" in environment:
        environment = {**environment, "PYTHONIOENCODING": ""}
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.ended(run_id)
        shown = await shell(cli, f"agno-temporal show {run_id}", **environment)
        as_json = await shell(cli, f"agno-temporal show {run_id} --json", **environment)
    assert (shown.returncode, as_json.returncode) == (0, 0)
    assert b"caf\\xe9  function, done" in shown.stdout
    assert json.loads(as_json.stdout)["content"] == "☕"


async def test_a_closed_stdout_leads_nowhere(cli: Cli):
    done = await shell(cli, "agno-temporal runs >&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


async def test_a_closed_stderr_leads_nowhere(cli: Cli):
    assert (await shell(cli, "agno-temporal show nope 2>&-")).returncode == 4


@pytest.mark.parametrize(
    ("command", "said"), [("terminate RUN", b"repeat it with --yes"), ("edit RUN", b"The new output is missing")]
)
async def test_a_closed_stdin_is_nobody_to_ask(cli: Cli, command: str, said: bytes):
    done = await shell(cli, f"agno-temporal {command} <&-")
    assert done.returncode == 2
    assert said in done.stderr


async def test_a_closed_stdin_is_an_empty_input(cli: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        done = await shell(cli, "agno-temporal run simple --json --input-file - <&-")
    assert json.loads(done.stdout)["input"] == ""


@pytest.mark.parametrize("environment", [{}, {"PYTHONUTF8": "1", "PYTHONIOENCODING": ""}], ids=["strict", "UTF-8 mode"])
async def test_a_stdin_that_is_no_utf_8_is_wrong_usage(cli: Cli, environment):
    done = await shell(cli, "printf 'caf\\xe9' | agno-temporal run simple --no-wait --input-file -", **environment)
    assert done.returncode == 2
    assert b"Error: " in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["runs --json", "keys create lost --scope admin --store keys", "run simple --no-wait", "--help"]
)
async def test_what_a_full_disk_does_not_take_ends_no_command_well(cli: Cli, command: str):
    done = await shell(cli, f"cd $(mktemp -d) && agno-temporal {command} > /dev/full")
    assert done.returncode == 74
    assert b"Error: not all of this could be written: No space left on device." in done.stderr
    assert b"Traceback" not in done.stderr


async def test_a_failure_keeps_its_code_where_stdout_is_full(cli: Cli):
    assert (await shell(cli, "agno-temporal check nowhere --json > /dev/full")).returncode == 2


@pytest.mark.parametrize("command", ["show RUN", "show RUN --json", "pending --watch", "--help"])
async def test_who_reads_no_further_ends_a_command_as_any_other(cli: Cli, bench: Bench, command: str):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        done = await shell(cli, f"agno-temporal {command.replace('RUN', run_id)} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (141, b"")
