"""docs/operations.md, and what a test sees of it.

A page for somebody whose night is bad must say what is on the screen, to the letter. So a test that brings a situation
about takes what it expects to see from the page's own section: `Section.shows` looks for the words in both.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs_blocks.pages import ROOT

PAGE = ROOT / "docs" / "operations.md"


def sections(page: Path = PAGE) -> dict[str, str]:
    """The text of each situation, by its heading."""
    parts = re.split(r"^### (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = (re.split(r"^## ", text, flags=re.MULTILINE)[0] for text in parts[2::2])
    return dict(zip(parts[1::2], texts, strict=True))


class Section:
    """What the page says of one situation."""

    def __init__(self, heading: str) -> None:
        self._heading = heading
        self._text = " ".join(sections()[heading].split())

    def shows(self, words: str, seen: str) -> None:
        """Fail unless these words were seen, and the page says so."""
        assert words in seen, f"{words!r} was not seen in {seen!r}"
        assert words in self._text, f"docs/operations.md, {self._heading!r}, does not say {words!r}"
