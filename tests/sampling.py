"""What runs with every change, and what only a sweep runs whole.

A test with a table of cases that starts a worker for each of them is a sweep: two hundred such tables are ten minutes.
Every change runs the first row of each; the others are marked `sweep`, as whole cross products are
by hand. A check that has time for a share of the sweep draws it: which tests belong to it follows from the seed and
each test's name alone, so that every process of one session chooses the same, and whoever has the seed runs them again.
Where one case takes seconds, `sweep(share=0.3)` gives it three tenths of the chance of the others.

A whole sweep takes hours. So it can be dealt out to machines (`--shard`), and be broken off: with `--finished` the
tests that pass are noted in a file, and those that stand there are not run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pytest

OTHER_MARKS = ("slow", "sweep", "explore")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sampling")
    group.addoption("--sample", type=int, default=100, metavar="PERCENT", help="run this share of the chosen tests")
    group.addoption("--seed", default="", help="another seed, another share")
    group.addoption("--shard", type=_shard, default=(1, 1), metavar="I/N", help="run the I-th of N parts")
    group.addoption("--finished", type=Path, metavar="FILE", help="note what has passed, and leave it out")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--finished") and not hasattr(config, "workerinput"):  # With xdist, the others report here.
        config.pluginmanager.register(Noting(config.getoption("--finished")), "sampling-noting")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Rows are marked before marks choose the tests, and the share is drawn of what was chosen."""
    for row in _inner_rows(items):
        row.add_marker("sweep")
    yield
    seed, finished = config.getoption("--seed"), _noted(config.getoption("--finished"))
    sampled, own = _sampled(config.getoption("--sample"), seed), _own(*config.getoption("--shard"))
    chosen, left_out = [], []
    for item in items:
        is_chosen = sampled(item) and own(item) and item.nodeid not in finished
        (chosen if is_chosen else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


def _inner_rows(items: Iterable[pytest.Item]) -> Iterable[pytest.Item]:
    """The rows of each table but the first, where each row has a client, and so a worker, of its own."""
    own = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and "client" in item.fixturenames
        and not any(item.get_closest_marker(mark) for mark in OTHER_MARKS)
    ]
    for _, rows in groupby(own, key=lambda item: (item.path, item.originalname)):
        yield from list(rows)[1:]


class Noting:
    """Writes down what has passed, at once: who is broken off has it on the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            with self._file.open("a") as noted:
                noted.write(f"{report.nodeid}\n")


def _noted(file: Path | None) -> set[str]:
    return set(file.read_text().splitlines()) if file is not None and file.exists() else set()


def _sampled(percent: int, seed: str) -> Callable[[pytest.Item], bool]:
    def is_in(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("sweep")
        share = marker.kwargs.get("share", 1.0) if marker else 1.0
        return percent >= 100 or _lot(seed, item.nodeid, 100.0) < percent * share

    return is_in


def _own(number: int, of: int) -> Callable[[pytest.Item], bool]:
    return lambda item: int(_lot("shard", item.nodeid, of)) == number - 1


def _lot(seed: str, name: str, below: float) -> float:
    """From 0 on, the same for the same two."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:6]) / 2**48 * below


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise ValueError(f"{text!r} is not I/N, such as 1/4")
    return int(number), int(of)
