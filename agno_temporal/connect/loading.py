"""Finding the workflows that a command line names: ``module:object``, ``app.py:object``, or ``app.py`` for all in it.

A step's result names its class by module (``shop.orders:Order``) and is only rebuilt where that module is loaded. So a
file is imported under the name that other processes import it by, from the root of its package, and never as a
nameless script.

An app may run an event loop of its own while it is loaded, `asyncio.run`, which is refused where one runs already. So a
process loads its app before it begins its own; and a command that has one loads it on another thread. An app may also
ask for its thread's loop, without running it, which only the main thread makes by itself.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from agno.workflow import Workflow

from agno_temporal.agno_bridge.primitives import made_of
from agno_temporal.agno_bridge.refusals import PlanError
from agno_temporal.agno_bridge.script_name import root_and_name
from agno_temporal.connect.settings import CannotConnect

_NOT_THE_USERS = ("site-packages", sysconfig.get_path("stdlib"), str(Path(__file__).parents[1]))


_EXTRAS = {"sqlalchemy": ("sqlite", "postgres"), "aiosqlite": ("sqlite",), "psycopg": ("postgres",)}
"""Which extras of ours bring what agno's databases import. What its models need, agno says itself."""


class CannotLoad(ValueError):
    """A reference leads to no workflow. The message says how far it led."""


def load_workflows(references: Sequence[str]) -> list[Workflow]:
    """The workflows behind references, each once, in their order.

    Args:
        references: ``module``, ``module:object``, ``path/app.py`` or ``path/app.py:object``. The object is a workflow,
            a list or tuple of workflows, or a function without arguments that returns one of these. Without an object,
            every workflow at the module's top level is meant. A `DurableWorkflow` stands for the workflow in it.

    Raises:
        CannotLoad: There is no such module or object, it is no workflow, or importing or making it fails.
    """
    _make_importable(here())
    _have_a_loop()
    found: dict[int, Workflow] = {}
    for reference in references:
        for workflow in _referenced(reference):
            found.setdefault(id(workflow), workflow)
    return list(found.values())


def here() -> Path:
    """The directory that this process was started in, from which an app is named.

    Raises:
        CannotLoad: It is gone.
    """
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise CannotLoad("The directory that this was started in is gone. Start it in one that is there.") from error


def _have_a_loop() -> None:
    if threading.current_thread() is threading.main_thread():
        return
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def is_users(filename: str) -> bool:
    """Whether a file is of the user's own code, by the name that its frames have. Code that a library makes is in none:
    SQLAlchemy's is called `<sqlalchemy generated ...>`, and Python's own `<frozen ...>`."""
    return not filename.startswith("<") and not any(part in filename for part in _NOT_THE_USERS)


def _referenced(reference: str) -> Iterable[Workflow]:
    place, _, name = (reference, "", "") if reference.endswith(".py") else reference.rpartition(":")
    if not place:
        place, name = name, ""
    module = _from_file(Path(place)) if place.endswith(".py") else _imported(place)
    if name:
        return _workflows_of(_attribute(module, name), f"{place}:{name}")
    everything = list(_at_top_level(module))
    if not everything:
        named = next(_lists_of_workflows(module), "make_workflow")
        raise CannotLoad(f"{place} has no workflow at its top level. Name an object of it: {place}:{named}.")
    return everything


def _from_file(path: Path) -> ModuleType:
    path = path.resolve()
    if not path.is_file():
        raise CannotLoad(f"There is no file {path}.")
    root, name = root_and_name(path)
    _make_importable(root)
    module = _imported(name)
    if module.__file__ is None or Path(module.__file__).resolve() != path:
        raise CannotLoad(
            f"{path} cannot be imported: the module name {name!r} is taken by {module.__file__ or 'Python'}."
        )
    return module


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (PlanError, CannotConnect, CannotLoad):
        raise
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise CannotLoad(f"There is no module {error.name!r}, neither in {Path.cwd()} nor installed.") from error
        raise CannotLoad(f"Module {name!r} cannot be imported: {_where(error)}{_brought_by(error.name)}") from error
    except (Exception, SystemExit) as error:
        raise CannotLoad(f"Module {name!r} cannot be imported: {_where(error)}") from error


def _brought_by(missing: str | None) -> str:
    extras = _EXTRAS.get((missing or "").partition(".")[0], ())
    commands = [f"pip install 'agno-temporal[{extra}]'" for extra in extras]
    return f". It comes with {' or '.join(commands)}." if commands else ""


def _attribute(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            there = ", ".join(key for key, value in vars(module).items() if isinstance(value, Workflow)) or "none"
            raise CannotLoad(f"Module {module.__name__!r} has no {name!r}. Its workflows are: {there}.") from error
        except (PlanError, CannotConnect):
            raise
        except (Exception, SystemExit) as error:
            raise CannotLoad(f"{name!r} of module {module.__name__!r} cannot be had: {_where(error)}") from error
    return found


def _workflows_of(found: Any, place: str) -> list[Workflow]:
    if inspect.isfunction(found) or inspect.ismethod(found):
        found = _called(found, place)
    many = found if isinstance(found, list | tuple) else [found]
    for one in many:
        if not isinstance(one, Workflow):
            raise CannotLoad(
                f"{place} is {_kind(one)}. It should be an agno Workflow, a list of them, or a function without "
                "arguments that returns one of these."
            )
    if not many:
        raise CannotLoad(f"{place} is an empty list of workflows.")
    return [made_of(one) for one in many]


def _called(factory: Any, place: str) -> Any:
    try:
        inspect.signature(factory).bind()
    except TypeError as error:
        raise CannotLoad(f"{place} is a function that needs arguments: {error}.") from error
    try:
        return factory()
    except (PlanError, CannotConnect):
        raise
    except (Exception, SystemExit) as error:
        raise CannotLoad(f"{place}() fails: {_where(error)}") from error


def _at_top_level(module: ModuleType) -> Iterator[Workflow]:
    return (made_of(value) for value in vars(module).values() if isinstance(value, Workflow))


def _lists_of_workflows(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if isinstance(value, list | tuple) and value and all(isinstance(one, Workflow) for one in value):
            yield name


def _make_importable(directory: Path) -> None:
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))


def _kind(value: Any) -> str:
    if inspect.iscoroutine(value):
        value.close()
        return "an async function"
    return f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"


def _where(error: BaseException) -> str:
    """The error with its place: a traceback is much, and the text alone too little."""
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, SyntaxError):
        return text
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users(frame.filename):
            return f"{text} ({frame.filename}, line {frame.lineno})"
    return text
