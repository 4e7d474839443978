"""A share of the tests, for sweeps that are too long for every change.

Which tests belong to it follows from the seed and each test's name alone: every process of one session chooses the
same, and whoever has the seed runs them again.
"""

from __future__ import annotations

import hashlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sampling")
    group.addoption("--sample", type=int, default=100, metavar="PERCENT", help="run this share of the chosen tests")
    group.addoption("--seed", default="", help="another seed, another share")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    percent, seed = config.getoption("--sample"), config.getoption("--seed")
    if percent >= 100:
        return
    left_out = [item for item in items if _lot(seed, item.nodeid) >= percent]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _lot(seed, item.nodeid) < percent]


def _lot(seed: str, name: str) -> int:
    """0 to 99, the same for the same two."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4]) % 100
