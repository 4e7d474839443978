"""docker-compose.yml as it stands: its services with their variables filled in, in the order in which they start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import yaml

from tests.docs_blocks.pages import ROOT

FILE = ROOT / "docker-compose.yml"

NAMES = ("POSTGRES_PASSWORD", "TEMPORAL_DB_PASSWORD", "AGNO_DB_PASSWORD")
PASSWORDS = {name: f"secret{number}" for number, name in enumerate(NAMES)}

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Missing(KeyError):
    """A variable that has to be given."""


def services(given: Mapping[str, str] = PASSWORDS) -> dict[str, dict[str, Any]]:
    """All services, in the order in which they start."""
    written = filled(yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"], given)
    needs = {name: set(one.get("depends_on", ())) for name, one in written.items()}
    return {name: written[name] for name in TopologicalSorter(needs).static_order()}


def filled(value: Any, given: Mapping[str, str]) -> Any:
    """With its variables filled in, as compose does.

    Raises:
        Missing: One that has to be given is not.
    """
    match value:
        case str():
            return _VARIABLE.sub(lambda found: _value(found, given), value).replace("$$", "$")
        case dict():
            return {key: filled(item, given) for key, item in value.items()}
        case list():
            return [filled(item, given) for item in value]
    return value


def _value(found: re.Match[str], given: Mapping[str, str]) -> str:
    name, kind, rest = found.groups()
    if given.get(name):
        return given[name]
    if kind == "-":
        return str(rest)
    raise Missing(f"{name} {rest}")


def variables() -> Iterator[str]:
    """Every variable that the file names."""
    yield from (found[1] for found in _VARIABLE.finditer(FILE.read_text(encoding="utf-8")))
