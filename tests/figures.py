"""What a sweep has seen, printed at the end: how much was tried, and how long it took.

Green alone does not say that a hundred kills were survived. So tests note figures, and the session adds them up, over
all of its processes.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median

import pytest

_COUNT, _SECONDS = "figure: count", "figure: seconds"


class Figures:
    """The figures of one test."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def count(self, what: str, number: int = 1) -> None:
        """So many more."""
        self._item.user_properties.append((_COUNT, (what, number)))

    def seconds(self, what: str, length: float) -> None:
        """How long it took once."""
        self._item.user_properties.append((_SECONDS, (what, length)))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    return Figures(request.node)


class Sums:
    """The figures of a session, of its tests that passed."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for kind, figure in report.user_properties:
            if kind == _COUNT:
                self._counts[figure[0]] += figure[1]
            elif kind == _SECONDS:
                self._seconds[figure[0]].append(figure[1])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._counts and not self._seconds:
            return
        terminalreporter.section("figures")
        for what, number in sorted(self._counts.items()):
            terminalreporter.write_line(f"{what}: {number}")
        for what, lengths in sorted(self._seconds.items()):
            terminalreporter.write_line(
                f"{what}: median {median(lengths):.2f} s, max {max(lengths):.2f} s, of {len(lengths)}"
            )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # With xdist, the processes report to this one.
        config.pluginmanager.register(Sums(), "figures-sums")
