"""The corpus by version: one directory of histories for each version that was released, and one for the next.

A run of an old version is open somewhere for as long as a gate may be, so that its group is never changed again: what
it held when it was released stands beside it as checksums (`seal`), in the form of ``sha256sum``. Only the group of the
version in pyproject.toml is written to, until the changelog has that version.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

HISTORIES = Path(__file__).parent / "histories"

SUMS = "SHA256SUMS"


def versions() -> list[str]:
    """Of which there are histories, the oldest first."""
    return sorted((group.name for group in HISTORIES.iterdir() if group.is_dir()), key=_numbers)


def own_version() -> str:
    """The version that this code is, or is to be."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def released() -> list[str]:
    """The versions that the changelog has, the oldest first."""
    return sorted(re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE), key=_numbers)


def files(group: Path) -> list[Path]:
    return sorted(group.glob("*.json"))


def seal(group: Path) -> None:
    """Write down what a group holds, once and for all.

    Raises:
        ValueError: It is sealed.
    """
    if is_sealed(group):
        raise ValueError(f"The histories of {group.name} are sealed: they stand for runs that are open somewhere.")
    (group / SUMS).write_text("".join(f"{_sum(file)}  {file.name}\n" for file in files(group)))


def is_sealed(group: Path) -> bool:
    return (group / SUMS).exists()


def changed(group: Path) -> list[str]:
    """The files of a sealed group that are not what they were, or gone, or new."""
    then = dict(reversed(line.split("  ", 1)) for line in (group / SUMS).read_text().splitlines())
    now = {file.name: _sum(file) for file in files(group)}
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
