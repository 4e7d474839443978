"""Each benchmark still runs. What it measures here means nothing: one pair, of the smallest size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio.client import Client

from benchmarks.catalogue import WHERE, load
from benchmarks.harness import interval, report
from benchmarks.harness.interval import difference, estimate, ratio
from benchmarks.harness.rows import Counted, at_least, at_most
from benchmarks.harness.scene import Scene

AT_ONCE = ("counters", "earlier_outputs")
"""Those that count take no time, and what they count is a gate."""


def scene(client: Client, directory: Path) -> Scene:
    return Scene(client, client.service_client.config.target_host, 1, False, None, directory)


@pytest.mark.parametrize("name", AT_ONCE)
async def test_what_is_counted_keeps_within_its_bounds(client: Client, tmp_path: Path, name: str) -> None:
    rows = await load(name).rows(scene(client, tmp_path))
    counts = [row for row in rows if isinstance(row, Counted)]
    assert [row for row in counts if row.met is False] == []
    assert any(row.met for row in counts)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WHERE if name not in AT_ONCE])
async def test_a_benchmark_runs_and_is_reported(
    client: Client, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interval, "DRAWS", 10)
    rows = await load(name).rows(scene(client, tmp_path))
    report.print_table(name, rows)
    report.add_to_json(tmp_path / "found.json", name, "its title", {}, rows)
    assert len(json.loads((tmp_path / "found.json").read_text())[name]["rows"]) == len(rows) > 0


def test_a_target_is_met_where_the_interval_reaches_it() -> None:
    ours, baseline = ((9.0,), (11.0,), (10.0,)), ((10.0,), (10.0,), (10.0,))
    found = estimate(ratio, ours, baseline)
    assert (found.low, found.value, found.high) == (0.9, 1.0, 1.1)
    assert at_least(1.05).met_by(found)
    assert not at_least(1.2).met_by(found)
    assert at_most(0.95).met_by(found)
    assert not at_most(0.8).met_by(found)


def test_pairs_are_compared_and_not_series() -> None:
    """The machine became twice as slow meanwhile, for both."""
    ours, baseline = ((1.0,), (2.0,)), ((1.0,), (2.0,))
    assert estimate(ratio, ours, baseline).low == estimate(ratio, ours, baseline).high == 1.0
    assert estimate(difference, ours, baseline).value == 0.0
