"""The lowest versions that are allowed are the ones that tests run with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOT_THERE = {"bench", "dev", "gcs", "mcp", "s3", "test"}
"""Extras that `make test-lowest` does not install, and its own tools."""


def lowest() -> dict[str, str]:
    """What pyproject.toml allows."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    named = [*project["dependencies"], *(one for extra in sorted(extras.keys() - NOT_THERE) for one in extras[extra])]
    found = (re.match(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)", one) for one in named)
    return {match[1].lower(): match[2] for match in found if match is not None}


def installed() -> dict[str, str]:
    """What constraints-lowest.txt has."""
    lines = (ROOT / "constraints-lowest.txt").read_text().splitlines()
    return dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)


def padded(version: str) -> list[str]:
    return [*version.split("."), "0", "0"][:3]


def test_the_lowest_versions_that_are_allowed_are_tried():
    have = installed()
    assert {name: padded(version) for name, version in lowest().items()} == {
        name: padded(have[name]) for name in lowest()
    }
