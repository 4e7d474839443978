"""Where Temporal's own program is.

An environment that was never activated has its programs all the same: who starts its Python by path would be told to
install what lies beside it. So the PATH comes first, and then the place where this Python's packages put programs.
"""

from __future__ import annotations

import shutil
import sysconfig


def temporal() -> str | None:
    """The path of `temporal`, or None."""
    return shutil.which("temporal") or shutil.which("temporal", path=sysconfig.get_path("scripts"))
