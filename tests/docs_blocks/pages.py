"""The pages of the documentation, read as what they are: blocks of code between prose.

A page that is not run says what was true once. So each block knows how it is run, from three things that a reader can
see or look up: its language, a title (```` ```python title="app.py" ```` is a file), and a comment before it:

    <!-- run: with=runtime -->   the namespace of the page's Python has this fixture (`namespace.FIXTURES`)
    <!-- run: stays -->          the command goes on in the background; the same one once more is a restart
    <!-- run: exit=5 -->         the last command ends with this exit code
    <!-- run: not=install -->    is not run, for a reason of the list in `test_what_is_not_run`

Markdown is read by markdown-it-py, which rich brings. Running is ours. sybil and mktestdocs take the blocks of a page
in order too; but sybil takes a whole info string for the language and has no evaluator of commands, mktestdocs does not
look at what commands print, neither awaits, and pytest-examples knows Python alone: what they would save is the loop
over the blocks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

LANGUAGES = ("python", "sh", "console", "json", "toml", "yaml", "text")
"""``console`` shows commands after ``$`` and what they print, ``sh`` commands alone, and ``text`` is no code."""

_MARK = re.compile(r"<!--\s*run:\s*(.*?)\s*-->", re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')
_WORDS = ("with", "stays", "exit", "not")


@dataclass(frozen=True)
class Block:
    """A fenced block. `mark` is the comment before it, ``{"exit": "5"}``."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str
    mark: dict[str, str]

    @property
    def place(self) -> str:
        return f"{name(self.page)}:{self.line}"

    @property
    def reason(self) -> str | None:
        """Why it is not run."""
        return self.mark.get("not")


def name(page: Path) -> str:
    return os.path.relpath(page, ROOT)


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


@cache
def blocks(page: Path) -> list[Block]:
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    mark: dict[str, str] = {}
    for token in tokens(page):
        if token.type == "html_block" and (written := _MARK.search(token.content)):
            mark = _read(written[1], page)
        elif token.type == "fence":
            language = (token.info.split() or [""])[0]
            title = _TITLE.search(token.info)
            line = (token.map or [0])[0] + 1
            yield Block(page, line, language, title[1] if title else None, token.content, mark)
            mark = {}
        elif mark and token.type == "inline":
            raise ValueError(f"{name(page)}: the comment run: {mark} is before no block of code.")


def _read(mark: str, page: Path) -> dict[str, str]:
    words = dict((*word.split("=", 1), "")[:2] for word in mark.split())
    if unknown := sorted(set(words) - set(_WORDS)):
        raise ValueError(f"{name(page)}: run: {unknown[0]!r} is none of {', '.join(_WORDS)}.")
    return words
