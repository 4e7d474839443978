"""The Dockerfile: small, pinned, nobody's root, and made of what it names alone."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch

import pytest

from tests.docs_blocks.pages import ROOT

TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]


def said(instruction: str) -> list[str]:
    return [rest for name, rest in LINES if name == instruction]


def test_it_is_built_in_two_stages_of_one_pinned_base() -> None:
    bases = [one.split()[0] for one in said("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[123]\.\d+-slim-\w+", bases[0])


def test_it_runs_as_nobody_in_particular() -> None:
    [user] = said("USER")
    assert re.fullmatch(r"(\d+):(\d+)", user)
    assert int(user.partition(":")[0]) >= 10_000


def test_signals_come_to_the_program_itself() -> None:
    """A shell in between would keep them."""
    assert json.loads(said("ENTRYPOINT")[0]) == ["agno-temporal"]
    assert isinstance(json.loads(said("CMD")[0]), list)


def test_versions_are_those_of_the_constraints() -> None:
    [install] = [one for one in said("RUN") if "pip install" in one]
    assert "PIP_CONSTRAINT=constraints.txt" in install
    assert "--no-cache-dir" in install


def test_the_last_stage_has_no_sources() -> None:
    last = TEXT[TEXT.rindex("FROM") :]
    assert re.findall(r"^COPY (.+)$", last, flags=re.MULTILINE) == ["--from=build /venv /venv"]


def test_it_holds_no_secret() -> None:
    assert not re.search(r"password|secret|token|api_key", TEXT, flags=re.IGNORECASE)


@pytest.mark.parametrize("source", ["pyproject.toml", "constraints.txt", "README.md", "LICENSE", "agno_temporal"])
def test_what_is_copied_is_there_and_let_in(source: str) -> None:
    assert any(source in one.split() for one in said("COPY"))
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("kept_out", [".env", ".git", "tests", "agno.db", "keys"])
def test_what_is_nobodys_is_kept_out(kept_out: str) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    assert not any(fnmatch(kept_out, rule[1:]) for rule in rules if rule.startswith("!"))
