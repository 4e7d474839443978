"""Two API servers over one database: a key made beside them opens both, and a revoked one neither, within seconds."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Cli
from tests.cli.processes import Process
from tests.cli.test_keys import APP
from tests.support import eventually


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.slow
async def test_every_server_learns_of_a_revoked_key(cli: Cli, tmp_path: Path):
    app = tmp_path / f"live_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place=str(tmp_path / "agno.db")))
    ports = [free_port(), free_port()]
    store = ("--key-store", "database")
    servers = [
        Process.command("api", str(app), "--port", str(port), *store, directory=tmp_path, environment=cli.environment)
        for port in ports
    ]
    try:
        for server in servers:
            await server.says("The API takes API keys.")
            await server.says("The API is at")
        made = json.loads(await cli.ok("keys", "create", "ci", "--scope", "read", "--app", str(app), "--json"))
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {made['key']}"}) as http:

            async def answers() -> list[int]:
                return [(await http.get(f"http://127.0.0.1:{port}/v1/workflows")).status_code for port in ports]

            assert await answers() == [200, 200]
            await cli.ok("keys", "revoke", made["id"], "--app", str(app))

            async def are_shut() -> bool:
                return await answers() == [401, 401]

            await eventually("both servers to refuse the key", are_shut, patience=10)
        listed = await cli.json("keys", "list", "--app", str(app))
        assert listed["keys"][0]["last_used_at"] is not None
    finally:
        for server in servers:
            server.kill()
