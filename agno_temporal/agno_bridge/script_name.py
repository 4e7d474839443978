"""The name under which other processes import the script that this one runs.

Python calls the script that it was started with `__main__`, in each process its own. A payload that named a class of a
script so would name nothing to any other process, or another class. But a script is a file, and who serves it imports
it under that file's name. So that is the name which is written, and by which the process of the script itself finds it.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

MAIN = "__main__"


def script_name() -> str | None:
    """The module's name. None where there is no file that could be imported, as in an interactive session; and where
    that module is loaded beside the script: then the two have classes of the same names."""
    main = vars(sys.modules[MAIN])
    spec, file = main.get("__spec__"), main.get("__file__")
    name: str | None = None
    if spec is not None:  # python -m
        name = spec.name
    elif isinstance(file, str) and file.endswith(".py"):
        name = _name_of(file)
    return None if name in sys.modules else name


def root_and_name(path: Path) -> tuple[Path, str]:
    """The directory that a file is imported from, and the module's name: from the root of its package."""
    root, name = path.parent, path.stem
    while (root / "__init__.py").is_file():
        root, name = root.parent, f"{root.name}.{name}"
    return root, name


@functools.cache
def _name_of(file: str) -> str:
    return root_and_name(Path(file).resolve())[1]
