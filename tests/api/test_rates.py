"""Token buckets."""

from __future__ import annotations

import pytest

from agno_temporal.api import rates
from agno_temporal.api.rates import Buckets, Rate


def test_so_many_come_at_once_and_then_one_after_another():
    buckets = Buckets(Rate(per_second=2.0, burst=3))
    assert [buckets.take("a", 0.0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) == 0.5


def test_a_refused_one_costs_nothing():
    buckets = Buckets(Rate(per_second=1.0, burst=1))
    buckets.take("a", 0.0)
    for tenth in range(1, 10):
        assert buckets.take("a", tenth / 10) > 0
    assert buckets.take("a", 1.0) == 0


def test_a_bucket_is_never_more_than_full():
    buckets = Buckets(Rate(per_second=100.0, burst=2))
    buckets.take("a", 0.0)
    assert [buckets.take("a", 1e6) for _ in range(3)] == [0, 0, 0.01]


def test_one_takes_nothing_from_another():
    buckets = Buckets(Rate(per_second=1.0, burst=1))
    assert [buckets.take(name, 0.0) for name in ("a", "b", "a")] == [0, 0, 1]


def test_the_ones_not_used_for_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "MOST", 3)
    buckets = Buckets(Rate(per_second=0.001, burst=1))
    for name in ("a", "b", "c", "a", "d"):
        buckets.take(name, 0.0)
    assert list(buckets._levels) == ["c", "a", "d"]
    assert buckets.take("a", 0.0) > 0
