"""A PostgreSQL server for the tests, thrown away afterwards.

What only PostgreSQL refuses (a NUL in jsonb, a NaN) and what only a server can do (go away in the middle) cannot be
seen on SQLite. So the tests start one of their own, from the programs on the PATH or where Debian puts them. Where
there are none, the tests that need it are skipped by name, unless `AGNO_TEMPORAL_REQUIRE_POSTGRES` is set, as CI does:
then they fail.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

REQUIRED = "AGNO_TEMPORAL_REQUIRE_POSTGRES"

DEBIAN = Path("/usr/lib/postgresql")

PATIENCE = 60.0


def programs() -> Path:
    """The directory that has `initdb` and `postgres`. Skips, or fails, the test that asks where there is none."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(DEBIAN.glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    if os.environ.get(REQUIRED):
        pytest.fail(f"PostgreSQL server not found, and {REQUIRED} is set", pytrace=False)
    pytest.skip("PostgreSQL server not found")


class PostgresServer:
    """A server on a socket of its own. It can be stopped, as by a power cut, and started again with what it has."""

    def __init__(self) -> None:
        self._programs = programs()
        self._home = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user = _unprivileged()
        if self._user is not None:
            shutil.chown(self._home, self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--pgdata", str(self._data), "--username", "postgres", "--auth", "trust", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self._home}"

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with open(self._home / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self._home, "-c", "listen_addresses=", "-F"],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        engine = create_engine(self.url)
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                try:
                    with engine.connect() as connection:
                        connection.execute(text("select 1"))
                    return
                except OperationalError:
                    if time.monotonic() > deadline or self._process.poll() is not None:
                        raise AssertionError((self._home / "log").read_text()) from None
                    time.sleep(0.05)
        finally:
            engine.dispose()

    def stop(self) -> None:
        """Stop it at once, in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE)
        self._process = None

    def remove(self) -> None:
        if self._process is not None:
            self.stop()
        shutil.rmtree(self._home)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, *arguments], capture_output=True, text=True, **self._as_user())
        assert done.returncode == 0, done.stderr

    def _as_user(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root."""
        own: dict[str, Any] = {"cwd": self._home}
        if self._user is not None:
            own |= {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}
        return own


def new_schema() -> str:
    """A schema of the test's own, so that tests share a server and never meet."""
    return f"t_{uuid.uuid4().hex}"


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
