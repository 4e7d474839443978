"""Which files a running app consists of, and whether one of them has changed.

The app's own process knows what it has loaded, and a process whose app does not load knows nothing. So the app's
process notes the directories of the user's modules in a file, as far as it came, and the one above it looks at the
Python files in them: also at one that was broken, and at one that is new.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final, TypeAlias

from agno_temporal.connect.loading import here, is_users

LOOK_EVERY: Final = 0.4
"""Seconds between two looks. What two of them see alike has been written to its end."""

Seen: TypeAlias = dict[Path, int]


def note_loaded(file: Path) -> None:
    """Write the directories of the user's modules that this process has loaded."""
    loaded = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    directories = {os.path.dirname(os.path.abspath(one)) for one in loaded if one and is_users(os.path.abspath(one))}
    file.write_text("\n".join(sorted(directories)), encoding="utf-8")


class Files:
    """The Python files of an app.

    Args:
        references: What the command line names.
        loaded: The file that `note_loaded` writes.

    Raises:
        CannotLoad: The directory that this was started in is gone.
    """

    def __init__(self, references: list[str], loaded: Path) -> None:
        self.loaded = loaded
        directory = here()
        named = [Path(one.rpartition(".py")[0] or ".").parent.resolve() for one in references]
        self._known = {directory, *named}

    async def changed(self) -> list[str]:
        """The names of files that are others than when this was called, once they are written."""
        first: Seen = {}
        known: set[Path] = set()
        before: Seen = {}
        while True:
            directories = self._directories()
            now = _seen(directories)
            for path, at in now.items():
                if path.parent not in known:
                    first[path] = at
            known |= directories
            different = {path for path in first.keys() | now.keys() if first.get(path) != now.get(path)}
            if different and now == before:
                return sorted(path.name for path in different)
            before = now
            await asyncio.sleep(LOOK_EVERY)

    def _directories(self) -> set[Path]:
        if self.loaded.exists():
            self._known |= {Path(line) for line in self.loaded.read_text(encoding="utf-8").splitlines() if line}
        return set(self._known)


def _seen(directories: set[Path]) -> Seen:
    found: Seen = {}
    for directory in directories:
        try:
            with os.scandir(directory) as entries:
                found |= {Path(one.path): one.stat().st_mtime_ns for one in entries if one.name.endswith(".py")}
        except OSError:
            continue  # It is being replaced, or is gone: then so are its files.
    return found
