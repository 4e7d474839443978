"""The curves. Each point is a few rounds, all sides in turn in each of them, as in the comparison.

What is drawn is the cost of one more: of a step, of an iteration, of a byte. A level line is what grows in proportion.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from statistics import median

from benchmarks.callers.event_latency import telling
from benchmarks.growth import jobs
from benchmarks.growth.samples import Curve, Sample
from benchmarks.growth.sides import Side, Usage, sides
from benchmarks.growth.worker import OURS
from benchmarks.harness.clock import per_second, seconds
from benchmarks.harness.histories import written
from benchmarks.harness.processes import resident
from benchmarks.harness.scene import Scene

Point = Callable[[Side, int], Awaitable[Sample]]

AT_ONCE = 50

DECIDED = 50
"""How many pauses are decided at each point."""


async def runs(scene: Scene) -> Curve:
    """Runs of five steps, so many at once."""

    async def point(side: Side, at_once: int) -> Sample:
        count = scene.times(max(40, 2 * at_once), at_once)
        with Usage(side) as usage:
            await per_second(lambda: _ended(side, side.row(jobs.FEW, jobs.SHORT)), count, at_once)
        return Sample(side.name, at_once, {**usage.per(count, "run"), "runs/s": count / usage.wall})

    return await _curve(scene, "A run of 5 steps", "runs at once", jobs.RUNS_AT_ONCE, point)


async def steps(scene: Scene) -> Curve:
    """Runs of so many steps, one after the other."""

    async def point(side: Side, steps: int) -> Sample:
        return await _one_by_one(side, "step", steps, scene.times(120, 1), lambda: side.row(steps, jobs.SHORT))

    return await _curve(scene, "A step", "steps in a run", jobs.STEPS, point)


async def loop(scene: Scene) -> Curve:
    """Loops of so many iterations."""

    async def point(side: Side, iterations: int) -> Sample:
        work = lambda: side.loop(iterations)  # noqa: E731
        return await _one_by_one(side, "iteration", iterations, scene.times(120, 1), work)

    return await _curve(scene, "An iteration of a Loop", "iterations", jobs.ITERATIONS, point)


async def outputs(scene: Scene) -> Curve:
    """Five steps that return so many bytes, and are given the output before."""

    async def point(side: Side, size: int) -> Sample:
        count = scene.times(8, 1)
        run_ids = []
        with Usage(side) as usage:
            for _ in range(count):
                run_ids.append(await side.row(jobs.FEW, size))
                await side.result(run_ids[-1])
        figures = {
            **usage.per(count * jobs.FEW, "step"),
            "history by outputs": await written(side.client, run_ids[-1]) / (jobs.FEW * size),
        }
        return Sample(side.name, size, figures)

    return await _curve(scene, "A step that returns much", "bytes of an output", jobs.OUTPUTS, point)


async def pauses(scene: Scene) -> Curve:
    """So many runs that wait, all in their worker's memory."""
    waiting: dict[str, list[tuple[str, str]]] = {}
    before: dict[str, int] = {}

    async def point(side: Side, open: int) -> Sample:
        mine = waiting.setdefault(side.name, [])
        if not mine:
            mine.append(await side.paused())  # What is loaded once is no run's.
            before[side.name] = resident(side.worker)

        async def pause() -> None:
            mine.append(await side.paused())

        more = open - len(mine)
        with Usage(side) as opening:
            await per_second(pause, more, AT_ONCE)
        memory = (resident(side.worker) - before[side.name]) / 1024 / (open - 1)
        count = min(DECIDED, open // 2)
        with Usage(side) as deciding:
            took = [await seconds(side.decide(*mine.pop(0))) for _ in range(count)]
        figures = {
            "memory, KiB per paused run": memory,
            "worker CPU, ms to come to wait": 1_000 * opening.worker / more,
            "worker CPU, ms per decision": 1_000 * deciding.worker / count,
            "server CPU, ms per paused run": 1_000 * opening.server / more,
            "decision to the run's end, ms": 1_000 * median(took),
        }
        return Sample(side.name, open, figures)

    sizes = jobs.PAUSES if scene.full else jobs.FEW_PAUSES
    return await _curve(scene, "A run that waits", "open pauses", sizes, point, rounds=1)


async def subscribers(scene: Scene) -> Curve:
    """So many clients that follow one run over HTTP. The CPU is the API's."""
    found: list[Sample] = []
    async with telling(scene, "ours") as side:
        await side.latencies(1, 0.0)
        for count in jobs.SUBSCRIBERS if scene.full else jobs.SUBSCRIBERS[:2]:
            for _ in range(scene.pairs):
                took, cpu = await side.latencies(count, scene.of(2, 1))
                figures = {"CPU of waiting, ms per s": cpu, "a step's end to its event, ms": median(took)}
                found.append(Sample(OURS, count, figures))
    return Curve("Subscribers to one run's events", "subscribers", found)


CURVES: dict[str, Callable[[Scene], Awaitable[Curve]]] = {
    "runs": runs,
    "steps": steps,
    "loop": loop,
    "outputs": outputs,
    "pauses": pauses,
    "subscribers": subscribers,
}


async def _curve(
    scene: Scene, title: str, x: str, sizes: Sequence[int], point: Point, rounds: int | None = None
) -> Curve:
    found = []
    async with sides(scene) as contenders:
        for side in contenders:
            await _ended(side, side.row(jobs.FEW, jobs.SHORT))  # The warming up.
        for size in sizes if scene.full else sizes[:2]:
            for number in range(rounds or scene.pairs):
                for side in contenders[:: -1 if number % 2 else 1]:
                    found.append(await point(side, size))
    return Curve(title, x, found)


async def _one_by_one(side: Side, unit: str, size: int, units: int, start: Callable[[], Awaitable[str]]) -> Sample:
    """Runs of a size, so that about so many units come together: what is short is measured over several."""
    count = max(1, units // size)
    with Usage(side) as usage:
        for _ in range(count):
            run_id = await start()
            await side.result(run_id)
    figures = {
        **usage.per(count * size, unit),
        f"time, ms per {unit}": 1_000 * usage.wall / count / size,
        f"history, bytes per {unit}": await written(side.client, run_id) / size,
    }
    return Sample(side.name, size, figures)


async def _ended(side: Side, starting: Awaitable[str]) -> None:
    await side.result(await starting)
