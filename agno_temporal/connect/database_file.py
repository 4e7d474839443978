"""The file that a development server keeps its data in: one server at a time.

SQLite lets two servers open one file, and Temporal does not expect it: each moves the other's shards on, decisions get
lost, and both report errors by the thousand. So whoever starts a server locks a file beside the database, and the
server inherits the lock with the open file: it is held for as long as the server runs, also where whoever started it
was killed, and the system gives it back however the server ends.

The file stays: one that is removed while another process is about to lock it would be locked twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SUFFIX: Final = ".lock"

MAGIC: Final = b"SQLite format 3\0"
"""What every file begins with that SQLite has written (sqlite.org/fileformat.html)."""

OTHERWISE: Final = "choose another file (--db, in Python database=)"


class CannotUse(Exception):
    """No server can be started on this file. The message says why, and what to do."""


@contextmanager
def claimed(database: Path) -> Iterator[None]:
    """A block that starts a server on this file. A process that is started in it has the file until it ends.

    Raises:
        CannotUse: Another server has it, or it is none that a server could use.
    """
    path = database.resolve()
    _check(path, database)
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has none.
        yield
        return
    lock = path.with_name(path.name + SUFFIX)
    try:
        opened = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotUse(f"{lock} cannot be written ({error.strerror}): {OTHERWISE}.") from error
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotUse(_in_use(database, lock)) from error
        os.set_inheritable(opened, True)
        yield
    finally:
        os.close(opened)


def _check(path: Path, named: Path) -> None:
    if not path.parent.is_dir():
        raise CannotUse(f"There is no directory {path.parent} for the database {named}: make it, or {OTHERWISE}.")
    if path.is_dir():
        raise CannotUse(f"The database {named} is a directory: {OTHERWISE}.")
    if path.exists() and not path.is_file():  # Opening a pipe would wait for whoever writes into it.
        raise CannotUse(f"The database {named} is no file, but a pipe, a device or a socket: {OTHERWISE}.")
    try:
        with path.open("r+b") as file:
            begins = file.read(len(MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotUse(f"The database {named} cannot be written ({error.strerror}): {OTHERWISE}.") from error
    if begins not in (b"", MAGIC):
        raise CannotUse(f"{named} is no database of a Temporal server: {OTHERWISE}.")


def _in_use(database: Path, lock: Path) -> str:
    holders = _holders(lock)
    by = f" (process {', '.join(map(str, holders))})" if holders else ""
    return f"A Temporal server uses the database {database} already{by}. Stop it, or {OTHERWISE}."


def _holders(lock: Path) -> list[int]:
    """The other processes that have this file open, where the system tells (Linux), of those that may be looked at."""
    processes = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    return sorted(one for one in processes if one != os.getpid() and _has_open(one, str(lock)))


def _has_open(process: int, file: str) -> bool:
    directory = f"/proc/{process}/fd"
    try:
        return any(os.readlink(f"{directory}/{opened}") == file for opened in os.listdir(directory))
    except OSError:  # It has ended, has closed the file just now, or is another user's.
        return False
