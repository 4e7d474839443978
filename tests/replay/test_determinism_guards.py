"""What a replay would do otherwise, found where it is written.

The workflow code runs without Temporal's sandbox, so that nothing stops it from reading a clock, drawing an id, or
going through a set. The imports of such modules are refused elsewhere (tests/test_imports.py); here are the calls that
their good neighbours bring along, and the sets. Floor 0 counts too, since workflow code calls it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "agno_temporal"

ROOMS = ("workflows", "plan", "hitl", "contract")

BANNED = {
    "datetime": {"now", "utcnow", "today", "fromtimestamp"},
    "date": {"today"},
    "uuid": {"uuid1", "uuid4", "getnode"},
    "asyncio": {"wait", "as_completed", "to_thread", "create_subprocess_exec", "get_event_loop"},
}
"""By the name before the dot. `asyncio.wait` and `as_completed` answer with sets: use `workflow.wait`."""

BANNED_NAMES = {"open", "input", "print", "id", "hash", "eval", "exec", "uuid1", "uuid4", "vars", "globals"}

CONSUMERS = {"list", "tuple", "enumerate", "map", "filter", "zip", "iter", "next", "dict", "reversed"}
"""What turns a set's order into the order of something."""


def hazards(source: str) -> list[tuple[int, str]]:
    """Line and reason of everything in `source` that may differ on replay."""
    tree = ast.parse(source)
    sets = _names_of_sets(tree)
    return sorted(set(_hazards(tree, sets)))


def _hazards(tree: ast.AST, sets: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attr)):
                if attr in BANNED.get(owner, ()):
                    yield node.lineno, f"{owner}.{attr}"
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_NAMES:
                yield node.lineno, name
        for iterated in _iterated(node):
            if _is_set(iterated, sets):
                yield iterated.lineno, "a set in its order"


def _iterated(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.For(iter=over) | ast.AsyncFor(iter=over) | ast.comprehension(iter=over) | ast.Starred(value=over):
            yield over
        case ast.Call(func=ast.Name(id=name), args=args) if name in CONSUMERS:
            yield from args
        case ast.Call(func=ast.Attribute(attr="join"), args=args):
            yield from args
        case ast.Call(func=ast.Attribute(value=owner, attr="pop"), args=[]):
            yield owner


def _is_set(node: ast.expr, sets: set[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in sets
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
            return _is_set(left, sets) or _is_set(right, sets)
    return False


def _names_of_sets(tree: ast.AST) -> set[str]:
    """What is assigned a set anywhere, or annotated as one."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value) if _is_set(value, set()):
                names.update(_name(target) for target in targets)
            case ast.AnnAssign(target=target, annotation=annotation) | ast.arg(arg=target, annotation=annotation):
                if annotation is not None and ast.unparse(annotation).startswith(("set", "frozenset", "Set[")):
                    names.add(target if isinstance(target, str) else _name(target))
    return names


def _name(target: ast.expr) -> str:
    return target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)


FILES = [file for room in ROOMS for file in sorted((PACKAGE / room).rglob("*.py"))]


def test_there_is_something_to_look_at():
    assert len(FILES) > 15


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_workflow_code_does_what_a_replay_would_do_otherwise(file: Path) -> None:
    assert hazards(file.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now()",
        "datetime.datetime.utcnow()",
        "x = uuid.uuid4()",
        "from uuid import uuid4\nuuid4()",
        "for x in {1, 2}: pass",
        "[x for x in set(names)]",
        "seen: set[str] = set()\nlist(seen)",
        "', '.join({a for a in b})",
        "done, pending = await asyncio.wait(tasks)",
        "f(*{1, 2})",
        "self._open = set()\nself._open.pop()",
        "def f(names: frozenset[str]):\n    return tuple(names)",
        "[x for x in set(a) - set(b)]",
        "key = id(step)",
    ],
)
def test_a_hazard_is_found(source: str) -> None:
    assert hazards(source)


@pytest.mark.parametrize(
    "source",
    [
        "uuid.uuid5(uuid.NAMESPACE_OID, 'x')",
        "workflow.now()",
        "sorted({1, 2})",
        "x in {1, 2}",
        "done, pending = await workflow.wait(tasks)",
        "timedelta(seconds=1)",
    ],
)
def test_what_is_the_same_on_every_replay_passes(source: str) -> None:
    assert hazards(source) == []
