"""A runtime for all blocks, and a person who types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from agno.agent import Agent
from agno.db.sqlite import SqliteDb

from agno_temporal import embedded
from agno_temporal.runtime import Embedded
from examples.scripted_model import ScriptedModel


@pytest.fixture(scope="session")
def runtime() -> Iterator[Embedded]:
    with embedded() as runtime:
        yield runtime


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGNO_TELEMETRY", "false")


@pytest.fixture
def db(tmp_path: Path) -> SqliteDb:
    return SqliteDb(db_file=str(tmp_path / "workflow.db"))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the person types, one answer for each `input()`."""

    def types(*answers: str) -> None:
        left = iter(answers)
        monkeypatch.setattr("builtins.input", lambda prompt="": next(left))

    return types


def agent(task: str) -> Agent:
    """An agent that names its task and what it was given."""
    return Agent(name=task.lower(), model=ScriptedModel(task=task), telemetry=False)
