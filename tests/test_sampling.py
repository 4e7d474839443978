"""A sweep is dealt out without a rest, and sampled by its cases' cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sampling import Noting, _noted, _own, _sampled

NAMES = [f"test_kills[{number}]" for number in range(2000)]


class Case(pytest.Item):
    """One that has a name."""

    def runtest(self) -> None: ...


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> list[pytest.Item]:
    return [Case.from_parent(request.session, name=name, nodeid=name) for name in NAMES]


def test_every_case_is_in_one_part(cases: list[pytest.Item]) -> None:
    parts = [[case.name for case in cases if _own(number, 3)(case)] for number in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert min(map(len, parts)) > 600


def test_a_costly_case_is_drawn_more_rarely(cases: list[pytest.Item]) -> None:
    cheap = sum(map(_sampled(20, "seed"), cases))
    for case in cases:
        case.add_marker(pytest.mark.sweep(share=0.1))
    costly = sum(map(_sampled(20, "seed"), cases))
    assert 340 < cheap < 460
    assert 20 < costly < 60


def test_a_whole_sweep_has_costly_cases_too(cases: list[pytest.Item]) -> None:
    cases[0].add_marker(pytest.mark.sweep(share=0.1))
    assert all(map(_sampled(100, ""), cases))


def test_only_what_has_passed_is_noted(tmp_path: Path) -> None:
    noting = Noting(tmp_path / "finished")
    for name, when, outcome in (("a", "setup", "passed"), ("a", "call", "passed"), ("b", "call", "failed")):
        noting.pytest_runtest_logreport(pytest.TestReport(name, ("", 0, ""), {}, outcome, None, when))
    assert _noted(tmp_path / "finished") == {"a"}
    assert _noted(None) == set()
