"""A forked process has none of its parent's threads: a call there would wait for ever, and says so instead."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, os, signal, sys
from agno.workflow import Step, Workflow
from temporalio.client import Client
from agno_temporal import DurableWorkflow, embedded

address, made, called = sys.argv[1:]
os.environ["TEMPORAL_ADDRESS"] = address
workflow = Workflow(name="forked", steps=[Step(name="a", executor=lambda _: "done")])

def durable():
    client = asyncio.run(Client.connect(address)) if made == "awaited" else None
    return DurableWorkflow(workflow, client=client)

if called != "child":
    mine = durable()
if called == "both":
    print(mine.get_run("no such run"), flush=True)
if not os.fork():
    signal.alarm(30)
    try:
        if called == "embedded":
            embedded().__enter__()
        print((durable() if called == "child" else mine).get_run("no such run"), flush=True)
    except RuntimeError as error:
        print(error, flush=True)
    finally:
        os._exit(0)
os.wait()
"""


def said(*arguments: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


@pytest.mark.parametrize("made", ["awaited", "connected"])
def test_a_call_in_a_fork_says_how_to_start_a_process(server: str, made: str) -> None:
    [error] = said(server, made, "made")

    assert 'start method "spawn"' in error


def test_so_does_one_behind_a_call_of_the_parent(server: str) -> None:
    answer, error = said(server, "awaited", "both")

    assert (answer, "forked from one that has a client" in error) == ("None", True)


def test_so_does_a_runtime_of_its_own(server: str) -> None:
    [error] = said(server, "awaited", "embedded")

    assert 'start method "spawn"' in error


@pytest.mark.parametrize("made", ["awaited", "connected"])
def test_a_fork_that_makes_the_first_client_can_call(server: str, made: str) -> None:
    assert said(server, made, "child") == ["None"]
