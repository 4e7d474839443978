"""`api`: the API in a process of its own, which a signal ends cleanly."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx

from tests.cli.conftest import Cli
from tests.cli.dev import APP, free_port
from tests.cli.processes import Process


async def test_it_says_who_may_call_serves_and_ends_with_0_at_a_signal(cli: Cli, tmp_path: Path):
    (tmp_path / "app.py").write_text(APP)
    port = free_port()
    api = Process.command("api", "app.py", "--port", str(port), directory=tmp_path, environment=cli.environment)
    await api.says(f"The API is at http://127.0.0.1:{port}/v1")
    assert "only this machine can call the API" in api.said
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/v1/workflows")
    assert [one["id"] for one in answer.json()["workflows"]] == ["gated", "held"]
    taken = Process.command("api", "app.py", "--port", str(port), directory=tmp_path, environment=cli.environment)
    assert await taken.ended() == 2
    assert "(--port)" in taken.said
    api.signal(signal.SIGTERM)
    assert await api.ended() == 0
    assert "Traceback" not in api.said + taken.said


async def test_without_credentials_it_does_not_listen_to_others(cli: Cli, tmp_path: Path, monkeypatch):
    (tmp_path / "app_for_others.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    said = await cli.refused(2, "api", "app_for_others.py", "--host", "0.0.0.0")
    assert "listens on this machine only" in said
