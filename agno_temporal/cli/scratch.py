"""A directory for what a command keeps while it works.

A container may be read-only, and a disk may be full: then there is none, which its owner can mend and we cannot.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agno_temporal.cli.exits import ExitCode, Failed


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for the length of a block.

    Raises:
        Failed: None can be made.
    """
    try:
        directory = tempfile.TemporaryDirectory()
    except OSError as error:
        why = f"No temporary directory can be made ({error.strerror})."
        raise Failed(f"{why} Set TMPDIR to a directory that can be written.", ExitCode.USAGE) from error
    with directory as path:
        yield Path(path)
