"""A PostgreSQL server that is thrown away: for a benchmark, and for the tests.

It is made from the programs on the PATH, or where Debian puts them, listens on a socket of its own, and syncs nothing
to the disk: what is measured is the engine, and not the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

DEBIAN = Path("/usr/lib/postgresql")

PATIENCE = 60.0


def programs() -> Path | None:
    """The directory that has `initdb` and `postgres`, where there is one."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server for the length of the block.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    found = programs()
    if found is None:
        raise FileNotFoundError(
            "This benchmark needs PostgreSQL's initdb and postgres on the PATH. Install its server, or choose other "
            "benchmarks (make bench ONLY=...)."
        )
    server = PostgresServer(found)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


class PostgresServer:
    """A server on a socket of its own. It can be stopped, as by a power cut, and started again with what it has."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
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


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
