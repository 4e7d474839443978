"""Edits in ``$EDITOR``: the output under review is opened, and what is saved takes its place.

A text of twenty lines is not typed into an option. Saved unchanged, it is no edit, so that whoever only wanted to look
decides nothing.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import tempfile
from typing import Any

import typer

from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.cli.json_texts import from_json_text
from agno_temporal.cli.scratch import scratch
from agno_temporal.views.text import content_text


async def edited_output(content: object) -> Any:
    """The content as somebody has changed it: text as text, everything else as JSON. None where it was left alone.

    Raises:
        Failed: There is no editor, or what it left is no JSON.
    """
    return await asyncio.to_thread(_edited, content)


def _edited(content: object) -> Any:
    is_text = content is None or isinstance(content, str)
    before = content_text(content) if content is not None else ""
    shown = before
    while True:
        after = _saved(shown, ".txt" if is_text else ".json")
        if after.rstrip("\n") == before.rstrip("\n"):
            return None
        if is_text:
            return after if before.endswith("\n") else after.removesuffix("\n")
        try:
            return from_json_text(after)
        except ValueError as error:
            tell(f"This is no JSON: {error}.")
            if not typer.confirm("Open it again?", default=True, err=True):
                return None
            shown = after


def _saved(text: str, extension: str) -> str:
    """What an editor leaves of a text: VISUAL, EDITOR, or vi, with the file as its last argument."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with scratch() as directory:
        file = directory / f"output{extension}"
        file.write_text(text, encoding="utf-8")
        try:
            ended = subprocess.run([*shlex.split(editor), str(file)], check=False).returncode
        except (OSError, ValueError) as error:
            raise Failed(f"The editor {editor!r} cannot be started: {error}. {_REMEDY}", ExitCode.USAGE) from error
        if ended:
            raise Failed(f"The editor {editor!r} ended with {ended}: nothing is decided. {_REMEDY}", ExitCode.USAGE)
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            kept = shutil.move(file, tempfile.mkdtemp())
            raise Failed(
                f"The editor {editor!r} saved no UTF-8: nothing is decided, and the text is in {kept}. {_REMEDY}",
                ExitCode.USAGE,
            ) from error


_REMEDY = "Set EDITOR, or give --text, --json or --file."
