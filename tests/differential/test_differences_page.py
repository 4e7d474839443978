"""docs/differences.md and the tests keep to each other: no claim without a test, no difference without an entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.differential.known import KNOWN

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "differences.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| | agno")]
NAMED = [name for row in ROWS for name in re.findall(r"`(\w+)`", row.rpartition(" | ")[2])]
WRITTEN = [
    name
    for file in sorted(HERE.glob("test_differences_*.py"))
    if file != Path(__file__)
    for name in re.findall(r"^(?:async )?def test_(\w+)", file.read_text(), flags=re.MULTILINE)
]


@pytest.mark.parametrize("row", ROWS)
def test_every_entry_names_a_test(row: str) -> None:
    assert re.search(r"`\w+`", row.rpartition(" | ")[2])


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_is_there(name: str) -> None:
    assert name in WRITTEN


@pytest.mark.parametrize("name", WRITTEN)
def test_every_difference_that_is_tested_is_on_the_page(name: str) -> None:
    assert name in NAMED


@pytest.mark.parametrize("entry", sorted({known.entry for known in KNOWN}))
def test_every_difference_that_is_let_pass_is_on_the_page(entry: str) -> None:
    assert entry in NAMED
