"""What runs with every change, and what only a sweep runs whole.

A test with a table of cases that starts a worker for each of them is a sweep: two hundred such tables are ten minutes.
Every change runs two rows of each, the first and the last; the others are marked `sweep`, as whole cross products are
by hand. A check that has time for a share of the sweep draws it: which tests belong to it follows from the seed and
each test's name alone, so that every process of one session chooses the same, and whoever has the seed runs them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby

import pytest

OTHER_MARKS = ("slow", "sweep", "explore")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sampling")
    group.addoption("--sample", type=int, default=100, metavar="PERCENT", help="run this share of the chosen tests")
    group.addoption("--seed", default="", help="another seed, another share")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Rows are marked before marks choose the tests, and the share is drawn of what was chosen."""
    for row in _inner_rows(items):
        row.add_marker("sweep")
    yield
    percent, seed = config.getoption("--sample"), config.getoption("--seed")
    if percent < 100:
        left_out = [item for item in items if _lot(seed, item.nodeid) >= percent]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _lot(seed, item.nodeid) < percent]


def _inner_rows(items: Iterable[pytest.Item]) -> Iterable[pytest.Item]:
    """The rows of each table but the first and the last, where each row has a client, and so a worker, of its own."""
    own = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and "client" in item.fixturenames
        and not any(item.get_closest_marker(mark) for mark in OTHER_MARKS)
    ]
    for _, rows in groupby(own, key=lambda item: (item.path, item.originalname)):
        yield from list(rows)[1:-1]


def _lot(seed: str, name: str) -> int:
    """0 to 99, the same for the same two."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4]) % 100
