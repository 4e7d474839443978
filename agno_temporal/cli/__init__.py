"""The command line: `agno-temporal`.

Scripts read two things of a command, its exit code and its ``--json``, so both are a contract. What a person should
know and what went wrong go to stderr, in a line or two.

====  =====================================================================================================
code  meaning
====  =====================================================================================================
0     done; of `run`: the run completed, or waits for a person
1     the run ended as ERROR or CANCELLED (`run --wait`, `run --ask`, `watch`)
2     wrong usage or input: mend the command, the values or the workflow, and repeat it
3     no server, no worker or no database answered: start it, and repeat the command
4     there is no such run, or nothing in it that could be decided
5     nothing is changed: decided before, expired, of an earlier attempt, or the run has ended
70    a bug of ours; AGNO_TEMPORAL_DEBUG=1 shows where
74    not all that it said could be written (a full disk?): see what it did before you repeat it
130   interrupted: Ctrl-C, or Ctrl-D where a yes is asked for
141   who read what it said had gone, such as `| head -1`
====  =====================================================================================================

Help and completion must be quick, and agno and temporalio take most of a second to load. So the modules of the commands
import neither, nor what needs them, outside of functions.
"""

from __future__ import annotations

from typing import NoReturn

from agno_temporal.cli.app import app
from agno_temporal.cli.exits import ExitCode, NotWritten, tell
from agno_temporal.cli.streams import code_with, open_streams
from agno_temporal.connect.first_process import end_at_signals
from agno_temporal.connect.leaving import leave

__all__ = ["app", "main"]


def main() -> NoReturn:
    """Run the command that this process was started with, and end the process."""
    end_at_signals()
    outputs = open_streams()
    code: int = ExitCode.OK
    try:
        app()
    except SystemExit as end:
        code = _code_of(end)
    except NotWritten:
        pass  # The output knows it.
    leave(code_with(outputs, code))


def _code_of(end: SystemExit) -> int:
    """As of any script: code that a command calls may end it with words, `sys.exit("no key")`, which are no success."""
    if isinstance(end.code, int):
        return end.code
    if end.code is None:
        return ExitCode.OK
    tell(str(end.code))
    return 1
