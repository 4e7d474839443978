"""What comes from elsewhere is printed so that it reads as it is."""

from __future__ import annotations

import pytest

from agno_temporal.cli.console import status_text
from agno_temporal.views.text import escaped, printable


@pytest.mark.parametrize("sly", ["\x1b", "\x9b", "\u061c", "\u200b", "\u200e", "\u200f", "\u202e", "\u2066"])
def test_a_character_that_misleads_is_shown_as_one_that_is_missing(sly: str):
    assert printable(f"drop{sly}users") == "drop\ufffdusers"
    assert escaped(f'"{sly}"') == f'"\\u{ord(sly):04x}"'


def test_the_status_that_an_api_tells_is_no_exception():
    assert status_text("PAUSED\x1b[2J").plain == "PAUSED\ufffd[2J"
