"""What comes from elsewhere is printed so that it reads as it is."""

from __future__ import annotations

import json

import pytest

from agno_temporal.cli.console import status_text
from agno_temporal.views.text import escaped, printable

CONTROLS = "\x1b\x7f\x9b"
TURNS = "\u061c\u200e\u200f\u202e\u2066"
UNSEEN = "\u00ad\u200b\u2060\u2062\ufeff\u115f\u1160\u3164\uffa0\U000e0001\U000e0041\U000e007f"
BREAKS = "\x0b\x0c\x85\u2028\u2029"


@pytest.mark.parametrize("sly", CONTROLS + TURNS + UNSEEN + BREAKS, ids=lambda sly: f"U+{ord(sly):04X}")
def test_a_character_that_misleads_is_shown_as_one_that_is_missing(sly: str):
    assert printable(f"drop{sly}users") == "drop\ufffdusers"
    assert escaped(f'"{sly}"').isascii()
    assert escaped(f'"{sly}"').isprintable()
    assert json.loads(escaped(f'"{sly}"')) == sly


@pytest.mark.parametrize(
    "text",
    [
        "one\n\ttwo",
        "\U0001f469\u200d\U0001f4bb",
        "\u0645\u06cc\u200c\u062e\u0648",
        "\u0600\u0661",
        "für ☕",
    ],
    ids=["lines", "an emoji of parts", "Persian", "an Arabic number", "letters"],
)
def test_what_is_part_of_a_text_stays(text: str):
    assert printable(text) == text
    assert escaped(text) == text


def test_the_status_that_an_api_tells_is_no_exception():
    assert status_text("PAUSED\x1b[2J").plain == "PAUSED\ufffd[2J"
