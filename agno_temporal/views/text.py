"""Times and contents as text for people.

What a step returned is somebody else's text, a model's perhaps: its control characters could rewrite what a reviewer
sees on the terminal, so none of them is printed, nor what turns the direction of writing, nor what nobody sees.
"""

from __future__ import annotations

import json
import unicodedata

PREVIEW_LINES = 12
PREVIEW_CHARACTERS = 900

_MISLEADING = ("Cc", "Cf", "Zl", "Zp")
"""Unicode's categories of characters that move the cursor, turn the direction of writing, break lines where only some
break them, or are not seen at all, so that a text reads other than it is."""

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Of Hangul: letters by their category, and blank."""

_MEANT = frozenset(
    "\t\n\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Of those categories, but part of what a reader sees: tabs and line ends, what joins the parts of an emoji or keeps
Persian letters apart, and the signs that are drawn around numbers (Unicode's `Prepended_Concatenation_Mark`)."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def span(seconds: float) -> str:
    """A duration in its two largest units.

    >>> span(93_599), span(61), span(0.42)
    ('1 d 1 h', '1 min 1 s', '0.4 s')
    """
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    left, parts = int(seconds), list[str]()
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])


def times(count: int) -> str:
    """
    >>> times(1), times(3)
    ('once', '3 times')
    """
    return "once" if count == 1 else f"{count} times"


def tried(count: int, reason: str) -> str:
    """Why something is blocked, and how often it was tried.

    >>> tried(2, "It is gone."), tried(0, "Nobody takes it.")
    ('tried 2 times: It is gone.', 'Nobody takes it.')
    """
    return f"tried {times(count)}: {reason}" if count else reason


def printable(text: str) -> str:
    """The text without what misleads; line ends and tabs stay.

    >>> printable("safe\\x1b[2Jand sound")
    'safe�[2Jand sound'
    """
    return text.translate({ord(one): "\ufffd" for one in _misleading(text)})


def escaped(json_text: str) -> str:
    """JSON whose strings hold what misleads as escapes alone: `json` leaves all above ASCII as it is.

    >>> escaped('"safe\x9b2J"')
    '"safe\\\\u009b2J"'
    """
    return json_text.translate({ord(one): _escape(one) for one in _misleading(json_text)})


def content_text(content: object) -> str:
    """A document's content as a person reads it: text as it is, everything else as indented JSON."""
    if isinstance(content, str):
        return content
    return json.dumps(content, indent=2, ensure_ascii=False)


def preview(content: object) -> str:
    """The beginning of a content, and how much is left out."""
    text = printable(content_text(content)).strip()
    lines = text[:PREVIEW_CHARACTERS].splitlines()[:PREVIEW_LINES]
    shown = "\n".join(lines)
    left = len(text) - len(shown)
    return shown if left <= 0 else f"{shown}\n... ({left} more characters; --json has all)"


def one_line(content: object, width: int = 100) -> str:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    text = " ".join(printable(text).split())
    return text if len(text) <= width else text[: width - 3] + "..."


def _misleading(text: str) -> set[str]:
    """Those characters of a text that mislead. Each is looked at once: a text may have millions."""
    return {one for one in set(text) - _MEANT if unicodedata.category(one) in _MISLEADING or one in _FILLERS}


def _escape(one: str) -> str:
    """As JSON has it: of two parts beyond U+FFFF."""
    return "\\u" + one.encode("utf-16-be").hex("u", 2).replace("u", "\\u")
