"""Many runs that wait, ten thousand in full: the memory that each takes, and how fast they come to wait and go on.

Each side has a worker in a process of its own that keeps all of its runs in memory. In each pair each side gets a share
of its runs more, and then each decides a share, so that the first pairs see few runs and the last ones many. Memory is
what the process has grown by. A run has come to wait when it has told what it asks, by a query on either side.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import ExitStack
from subprocess import Popen

from benchmarks.engine.pause import confirm_by_hand, confirm_ours, gated, paused_by_hand, paused_ours
from benchmarks.engine.pause_by_hand import Gate
from benchmarks.harness.clock import per_second
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.processes import line, resident, running
from benchmarks.harness.rows import Measured, Row, at_least, at_most, compare
from benchmarks.harness.scene import ByHand, Ours, Scene

TITLE = "paused runs: memory and rates"

AT_ONCE = 50

KIB = 1024


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    total = scene.size or scene.of(10_000, 10)
    share = -(-total // (scene.pairs + 1))
    sides = ("by hand", "by hand, unsandboxed", "ours")
    queues = {name: f"{name}-{uuid.uuid4()}" for name in sides}
    hands = {name: ByHand(scene.client, queues[name], Gate) for name in sides[:2]}
    side = Ours(scene.client, queues["ours"])
    waiting: dict[str, list[tuple[str, str]]] = {name: [] for name in sides}
    workflow = gated()

    async def open_ours() -> None:
        waiting["ours"].append(await paused_ours(side, workflow))

    async def open_by_hand(name: str) -> None:
        waiting[name].append(await paused_by_hand(hands[name]))

    async def decide(name: str) -> None:
        run_id, requirement_id = waiting[name].pop()
        if name == "ours":
            await confirm_ours(scene.client, run_id, requirement_id)
        else:
            await confirm_by_hand(scene.client, run_id)
        await scene.client.get_workflow_handle(run_id).result()

    def opening(name: str) -> Round:
        async def round() -> list[float]:
            work = open_ours if name == "ours" else lambda: open_by_hand(name)
            return [await per_second(work, share, AT_ONCE)]

        return round

    def deciding(name: str) -> Round:
        async def round() -> list[float]:
            return [await per_second(lambda: decide(name), share, AT_ONCE)]

        return round

    with ExitStack() as stack:
        workers = {name: await _ready(stack, scene, queues[name], name, cached=2 * total + AT_ONCE) for name in sides}
        await asyncio.gather(open_ours(), *(open_by_hand(name) for name in hands))
        before = {name: resident(worker) for name, worker in workers.items()}
        already = {name: len(one) for name, one in waiting.items()}
        opened = await interleaved(scene.pairs, {name: opening(name) for name in sides}, ["by hand"])
        grown = {
            name: (resident(worker) - before[name]) / (len(waiting[name]) - already[name]) / KIB
            for name, worker in workers.items()
        }
        decided = await interleaved(scene.pairs, {name: deciding(name) for name in sides}, ["by hand"])
    return [
        *(Measured(f"memory for each of {total:,} cached runs, {name}", "KiB", (grown[name],)) for name in hands),
        Measured(f"memory for each of {total:,} cached runs, ours", "KiB", (grown["ours"],), at_most(80)),
        compare("start to paused", "runs/s", opened, "ours", "by hand", at_least(0.95)),
        compare("decide to end", "runs/s", decided, "ours", "by hand", at_least(0.95)),
    ]


async def _ready(stack: ExitStack, scene: Scene, queue: str, name: str, *, cached: int) -> Popen[str]:
    """A worker process that has begun to work."""
    if name == "ours":
        module, arguments = "benchmarks.engine.worker_of_ours", [str(cached)]
    else:
        sandbox = "unsandboxed" if "unsandboxed" in name else "sandboxed"
        module, arguments = "benchmarks.engine.worker_by_hand", [sandbox, str(cached)]
    process = stack.enter_context(running(module, scene.address, queue, *arguments))
    assert await asyncio.to_thread(line, process) == "ready"
    return process
