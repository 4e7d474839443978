"""The streams of a command: closed, full, given up by whoever read them, or unable to show a character.

Python has None for a stream that a script has closed, and every command would end with a traceback. A character that
stdout cannot encode, half an emoji in a model's answer or anything beyond ASCII where the locale is C, would make a run
unshowable. And what is printed is written later, when nobody sees any more that it fails: a key that was printed on a
full disk was lost, and its command had ended well.

So what is closed leads nowhere; such a character is written as its escape, which JSON reads as well; and an output
remembers what went wrong with it, which decides about the exit code in the end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

from agno_temporal.cli.exits import ExitCode, NotWritten, tell


class Output(TextIOWrapper):
    """What a command writes to. `broken` is why it could not."""

    broken: OSError | None = None

    def write(self, text: str) -> int:
        with self._noted():
            return super().write(text)

    def flush(self) -> None:
        with self._noted():
            super().flush()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError as error:
            self.broken = error
            raise
        except OSError as error:
            self.broken = NotWritten(*error.args)
            raise self.broken from error


def open_streams() -> Sequence[Output]:
    """Make the three streams of this process fit for whatever a command reads and writes: the two that it writes to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, mode)  # noqa: SIM115 It stays to the end.
            setattr(sys, name, nowhere)
            setattr(sys, f"__{name}__", nowhere)
    sys.stdout, sys.stderr = outputs = _output(sys.stdout), _output(sys.stderr)
    return outputs


def code_with(outputs: Sequence[Output], code: int) -> int:
    """The exit code of a command that ended with another, once all is written that it said."""
    for one in outputs:
        with suppress(OSError):
            one.flush()
    broken = [one.broken for one in outputs if one.broken is not None]
    if any(isinstance(one, BrokenPipeError) for one in broken):
        return ExitCode.NOBODY_READS
    if not broken or code != ExitCode.OK:
        return code
    with suppress(OSError):
        tell(f"Error: not all of this could be written: {broken[0].strerror}.")
    return ExitCode.NOT_WRITTEN


def _output(stream: TextIO) -> Output:
    """Beside the stream that Python made, which has nothing in it yet, and stays open as ``sys.__stdout__`` does."""
    by_line, at_once = getattr(stream, "line_buffering", False), getattr(stream, "write_through", False)
    binary = open(stream.fileno(), "wb", 0 if at_once else -1, closefd=False)  # noqa: SIM115 It stays to the end.
    return Output(binary, stream.encoding, "backslashreplace", line_buffering=by_line, write_through=at_once)
