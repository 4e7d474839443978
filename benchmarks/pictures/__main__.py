"""The command: ``python -m benchmarks.pictures``. It needs matplotlib (the extra ``bench``), and measures nothing.

Of what was not measured, the page keeps what it has.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.flame.table import flame_table, stacks_of
from benchmarks.growth.samples import read
from benchmarks.pictures import flame, lines
from benchmarks.pictures.markers import replaced
from benchmarks.pictures.sizing import USED, sizing_table
from benchmarks.pictures.table import bench_table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description="Draw what was measured.")
    for name in ("bench", "growth", "flame"):
        parser.add_argument(f"--{name}", type=Path, help="its JSON")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where performance.md and pictures/ are")
    given = parser.parse_args()
    pictures, page = given.docs / "pictures", given.docs / "performance.md"
    text = page.read_text()
    pictures.mkdir(exist_ok=True)
    if given.bench and given.bench.exists():
        text = replaced(text, "bench", bench_table(json.loads(given.bench.read_text())))
    if given.growth and given.growth.exists():
        curves = read(given.growth)
        for name, curve in curves.items():
            lines.draw(curve, pictures / f"growth-{name}.svg")
        if all(name in curves for name in USED):
            text = replaced(text, "sizing", sizing_table(curves))
    if given.flame and given.flame.exists():
        found = json.loads(given.flame.read_text())
        flame.draw(stacks_of(found), pictures / "flame.svg")
        text = replaced(text, "flame", flame_table(found))
    page.write_text(text)


if __name__ == "__main__":
    main()
