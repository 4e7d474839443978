"""The tables and the flame graph of docs/performance.md, from what was measured."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.flame.stacks import LOOP, OTHERS, STEPS, WORKFLOWS, owner, parsed, shares
from benchmarks.flame.table import flame_table
from benchmarks.growth.samples import Curve, Sample, add_to_json, read
from benchmarks.pictures import flame
from benchmarks.pictures.markers import replaced
from benchmarks.pictures.sizing import Figures, figures, sizing_table
from benchmarks.pictures.table import DRAFT, bench_table

MACHINE = {
    "at": "2030-01-02T03:04:05Z",
    "processor": "A processor",
    "cores": 2,
    "memory_gb": 16,
    "million_additions_ms": 61.2,
    "python": "3.12.1",
    "versions": {"agno-temporal": "0.1.0", "temporalio": "1.35.0"},
}


def compared(**other: Any) -> dict[str, Any]:
    estimate = {"value": 1.2345, "low": 1.1, "high": 1.3}
    row = {"kind": "compared", "what": "ours", "unit": "runs/s", "against": "by hand", "comparison": "ratio"}
    return row | {"compared": estimate, "noise": estimate, "sides": [30.0, 37.035], "pairs": 10} | other


def test_what_stands_between_the_marks_is_replaced() -> None:
    page = "before\n<!-- x -->\nold\n<!-- /x -->\nafter"
    assert replaced(page, "x", "new") == "before\n<!-- x -->\n\nnew\n\n<!-- /x -->\nafter"
    assert replaced(replaced(page, "x", "new"), "x", "new") == replaced(page, "x", "new")


@pytest.mark.parametrize("page", ["none", "<!-- /x --> <!-- x -->", "<!-- x --> <!-- x --> <!-- /x -->"])
def test_a_page_without_its_marks_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="no pair of marks"):
        replaced(page, "x", "new")


def test_a_comparison_is_a_row_with_its_interval_and_whether_it_meets_its_target() -> None:
    rows = [compared(target=">= 1", met=True), compared(target=">= 2", met=False, comparison="difference", unit="ms")]
    table = bench_table({"five_steps": {"title": "five steps", "machine": MACHINE, "small": False, "rows": rows}})
    interval = "1.23 (1.10 to 1.30)"
    assert f"| ours, against by hand | 30 runs/s | 37 runs/s | {interval} | {interval} | 10 | ≥ 1 | yes |" in table
    assert f"| {interval} ms | {interval} ms | 10 | ≥ 2 | **no** |" in table
    assert "Measured on 2030-01-02: A processor, 2 cores" in table
    assert "a million additions took 61 ms" in table
    assert DRAFT not in table


def test_they_stand_in_the_catalogues_order_whichever_was_measured_first() -> None:
    rows = [compared(target=None, met=None)]
    found = {
        name: {"title": name, "machine": MACHINE, "small": False, "rows": rows}
        for name in ("loop", "pause", "five_steps")
    }
    titles = [line for line in bench_table(found).splitlines() if line.startswith("| **")]
    assert [line.split("**")[1] for line in titles] == ["five_steps", "pause", "loop"]


def test_small_sizes_are_called_so() -> None:
    table = bench_table(
        {"five_steps": {"title": "", "machine": MACHINE, "small": True, "rows": [compared(target=None, met=None)]}}
    )
    assert table.startswith(DRAFT)


STACKS = f"""\
thread (1);<module> (run.py:1);BaseLoop.run_forever (events.py:2);RunStep.run (agno_temporal/a.py:3) 6
thread (2);_worker (thread.py);_WorkItem.run (x.py);Run.activate (temporalio/w.py);dumps (json/a.py) 3
thread (3);_worker (thread.py);run (x.py);execute (agno/workflow/step.py) 1
thread (1);_find_and_load (importlib/_bootstrap.py);BaseLoop.run_forever (asyncio/base_events.py) 50
thread (4);wait ({OTHERS}.py) 50
"""


def test_samples_are_told_by_their_thread_and_by_whose_code_runs() -> None:
    found = shares(parsed(STACKS.splitlines()))
    assert found[LOOP]["agno_temporal"] == 0.6
    assert found[WORKFLOWS]["temporalio"] == 0.3
    assert found[STEPS]["agno"] == 0.1
    assert owner(("dumps (json/a.py)",)) == OTHERS


def test_a_flame_graph_is_an_image_without_a_script(tmp_path: Path) -> None:
    flame.draw(parsed(STACKS.splitlines()), tmp_path / "flame.svg")
    names = {element.tag.rpartition("}")[2] for element in ElementTree.parse(tmp_path / "flame.svg").iter()}
    assert names == {"svg", "rect", "text", "title", "g"}


def test_what_the_core_takes_is_no_share_of_the_samples() -> None:
    stacks = [[*stack, count] for stack, count in Counter({(LOOP, "run (agno_temporal/a.py)"): 4}).items()]
    table = flame_table({"runs": 10, "worker_ms": 5.0, "threads_ms": {"python3": 2.0, "tokio": 3.0}, "stacks": stacks})
    assert "2.0 ms are Python's and 3.0 ms the SDK's core's" in table
    assert f"| {LOOP} | 2.00 | 0.00 | 0.00 | 0.00 |" in table


def growth() -> dict[str, Curve]:
    """A run that takes 4 ms and a step that takes 2 ms, and the server three times as much."""

    def length(steps: int) -> Sample:
        worker = (4 + 2 * steps) / steps
        return Sample("ours", steps, {"worker CPU, ms per step": worker, "server CPU, ms per step": 3 * worker})

    waits = {
        "worker CPU, ms to come to wait": 5,
        "worker CPU, ms per decision": 3,
        "memory, KiB per paused run": 64,
    }
    return {
        "steps": Curve("A step", "steps", [length(5), length(100)], MACHINE),
        "pauses": Curve("A run that waits", "open pauses", [Sample("ours", 2_000, waits)], MACHINE),
    }


def test_what_a_longer_run_takes_more_is_its_steps() -> None:
    own = figures(growth())
    assert (own.run, own.step, own.pause) == pytest.approx((4, 2, 2))
    assert (own.server_run, own.server_step, own.memory) == pytest.approx((12, 6, 64))


def test_workers_add_up_and_so_does_what_the_server_takes() -> None:
    own = Figures(run=4, step=2, pause=2, server_run=12, server_step=6, memory=64)
    assert own.runs_a_second(1, 5) == pytest.approx(50)
    assert own.runs_a_second(10, 5) == pytest.approx(500)
    assert own.server_cores(50, 5) == pytest.approx(2.1)
    assert "| 10 | 500 | 2,500 | 3,500 | 6,000 | 21 | 160,000 |" in sizing_table(growth())


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    for name, curve in growth().items():
        add_to_json(tmp_path / "growth.json", name, curve)
    assert read(tmp_path / "growth.json") == growth()
