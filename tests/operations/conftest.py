"""An app of the test's own on the session's Temporal server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import cli
from tests.operations.app import App

__all__ = ["app", "cli"]


@pytest.fixture
def app(tmp_path: Path, server: str) -> Iterator[App]:
    app = App(tmp_path, server)
    yield app
    app.kill()
