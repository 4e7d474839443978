"""Where nodes stand is worked out once for all runs of a plan, whose workflow tasks run side by side."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

from agno.workflow import Step, Workflow

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.plan import Plan
from agno_temporal.workflows.places import places_of


def test_workflow_tasks_side_by_side_see_a_whole_table_or_none() -> None:
    steps = [Step(name=f"s{number}", executor=lambda _: "ran") for number in range(60)]
    plan = compile_workflow(Workflow(name="wide", steps=steps)).plan
    seen: list[int] = []
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for number in range(50):
            another, together = replace(plan, digest=f"plan {number}"), threading.Barrier(4)

            def look(plan: Plan = another, together: threading.Barrier = together) -> None:
                together.wait()
                seen.append(len(list(places_of(plan))))

            threads = [threading.Thread(target=look) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(before)
    assert set(seen) == {60}
