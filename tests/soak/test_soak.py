"""The short form of the soak (`make soak`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.figures import Figures
from tests.soak.soaking import soak


@pytest.mark.slow
async def test_nothing_is_lost_while_workers_are_killed(tmp_path: Path, figures: Figures) -> None:
    soaked = await soak(tmp_path, pauses=120, seconds=20, kill_every=5)
    assert soaked.lost == []
    assert (soaked.opened, soaked.decided) == (240, 120)
    assert soaked.kills >= 2
    figures.count("decisions in the soak", soaked.decided)
    figures.count("workers killed in the soak", soaked.kills)
