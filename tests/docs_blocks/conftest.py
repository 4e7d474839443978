"""What the pages share: a command that has its imports, and a runtime."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agno_temporal import embedded
from agno_temporal.runtime import Embedded
from tests.docs_blocks.warm import warm_command


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_command(tmp_path_factory.mktemp("warm")) as directory:
        yield directory


@pytest.fixture(scope="session")
def runtime() -> Iterator[Embedded]:
    with embedded() as runtime:
        yield runtime
