"""Parts of a page that are written by a command: between ``<!-- NAME -->`` and ``<!-- /NAME -->``.

Whatever stands there is replaced, so that a figure on the page is one that was measured, and never one that was copied.
"""

from __future__ import annotations


def replaced(page: str, name: str, text: str) -> str:
    """The page with this text between its marks.

    Raises:
        ValueError: The marks are not there, once each.

    >>> replaced("a <!-- x -->old<!-- /x --> b", "x", "new")
    'a <!-- x -->\\n\\nnew\\n\\n<!-- /x --> b'
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    if page.count(opening) != 1 or page.count(closing) != 1 or page.index(opening) > page.index(closing):
        raise ValueError(f"the page has no pair of marks {opening} and {closing}")
    before, _, rest = page.partition(opening)
    return f"{before}{opening}\n\n{text.strip()}\n\n{closing}{rest.partition(closing)[2]}"
