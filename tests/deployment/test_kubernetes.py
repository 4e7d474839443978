"""The manifest of docs/deployment.md: its probes are answered, its commands are ours, and its grace is long enough."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from temporalio.client import Client

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import GRACE as API_GRACE
from agno_temporal.cli import app
from agno_temporal.worker import GRACE as WORKER_GRACE
from tests.api.served import over
from tests.cli.processes import COMMAND
from tests.docs_blocks.pages import ROOT, blocks
from tests.operations.app import App

[BLOCK] = [one for one in blocks(ROOT / "docs" / "deployment.md") if one.language == "yaml"]
DEPLOYMENTS = {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in yaml.safe_load_all(BLOCK.text)}


def container(name: str) -> dict[str, Any]:
    [one] = DEPLOYMENTS[name]["containers"]
    return one


@pytest.fixture
def native(tmp_path: Path, server: str) -> Iterator[App]:
    """The worker's app, without its container."""
    native = App(tmp_path, server)
    yield native
    native.kill()


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_it_begins_a_command_of_ours_with_options_that_it_has(name: str) -> None:
    command, *rest = container(name)["args"]
    known = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    options = {one for parameter in known.params for one in parameter.opts}
    assert {one for one in rest if one.startswith("--")} <= options


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_no_service_of_the_namespace_is_in_its_environment(name: str) -> None:
    assert DEPLOYMENTS[name]["enableServiceLinks"] is False


def test_it_waits_for_what_is_under_way() -> None:
    drain = float(container("agno-api")["args"][-1])
    assert DEPLOYMENTS["agno-api"]["terminationGracePeriodSeconds"] >= API_GRACE + drain + 5
    assert DEPLOYMENTS["agno-worker"]["terminationGracePeriodSeconds"] >= WORKER_GRACE.total_seconds() + 5


async def test_its_probes_are_answered(server: str) -> None:
    api = container("agno-api")
    lives, ready = (api[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe"))
    async with over(create_app(new_service([], await Client.connect(server)))) as http:
        assert (await http.get(lives)).json() == {"status": "alive"}
        assert (await http.get(ready)).json()["type"] == "not-ready"


def test_no_probe_kills_a_worker() -> None:
    assert not {"livenessProbe", "startupProbe"} & container("agno-worker").keys()


async def test_a_worker_is_ready_when_it_polls_and_another_one_is_not_ready_by_it(native: App, tmp_path: Path) -> None:
    [shell, option, command] = container("agno-worker")["readinessProbe"]["exec"]["command"]
    (tmp_path / "agno-temporal").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{COMMAND}' \"$@\"\n")
    (tmp_path / "agno-temporal").chmod(0o755)

    async def probed(hostname: str) -> int:
        path = f"{tmp_path}:{os.environ['PATH']}"
        environment = {**os.environ, **native.environment, "PATH": path, "HOSTNAME": hostname}
        probe = await asyncio.create_subprocess_exec(shell, option, command, env=environment)
        return await probe.wait()

    before = await probed(socket.gethostname())
    await native.worker()
    after = [await probed(hostname) for hostname in (socket.gethostname(), f"{socket.gethostname()}-2")]

    assert (before, after) == (1, [0, 1])
