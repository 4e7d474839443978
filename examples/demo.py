"""The deployment gate, end to end, with nothing to type: ``python -m examples.demo``.

It does what a person would, in the same commands: starts Temporal's development server and a worker, deploys a first
release, starts the second one, looks at what waits, kills the worker with ``kill -9`` while the gate is open, starts
another, and decides. Then it shows the run, and that the site serves the new release.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agno_temporal.connect.dev_server import start_dev_server
from agno_temporal.connect.loops import LoopThread
from examples.site_server import serving

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / "examples" / "sample_release"
COMMAND = Path(sys.executable).with_name("agno-temporal")


def main() -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agno-temporal-demo-")))
        site = folder / "site"
        url = stack.enter_context(serving(site))
        say("A Temporal development server, and a site to deploy to")
        os.environ["TEMPORAL_ADDRESS"] = stack.enter_context(temporal_server(folder / "temporal.db"))
        print(f"Temporal: {os.environ['TEMPORAL_ADDRESS']}   site: {url}")

        say("A worker, with the deployment gate: examples/deploy_gate.py, plain agno")
        worker = start_worker(folder / "worker-1.log")
        stack.callback(lambda: worker.kill())

        say("The first release: a person confirms the switch, then the check of the live site")
        deploy("deploy-v1", "v1", site, url)
        decide("confirm", "deploy-v1", "switch")
        decide("confirm", "deploy-v1", "verify")
        print("live now:", version(url))

        say("The second release: the gate shows what would change, and waits")
        deploy("deploy-v2", "v2", site, url)
        agno_temporal("pending")
        agno_temporal("show", "deploy-v2")

        say(f"kill -9 {worker.pid}: the worker is gone, the gate is still open")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        print("live still:", version(url))

        say("Another worker. The run goes on where it was; the decision is made once")
        worker = start_worker(folder / "worker-2.log")
        decide("confirm", "deploy-v2", "switch")
        decide("confirm", "deploy-v2", "verify")
        print("live now:", version(url))
        agno_temporal("show", "deploy-v2")

        run = json.loads(agno_temporal("show", "deploy-v2", "--json", quiet=True))
        ok = run["status"] == "COMPLETED" and version(url) == "2.0.0"
        say("Done: release 2.0.0 is live" if ok else "The demo did not end as it should")
        worker.terminate()
        worker.wait(timeout=30)
        return 0 if ok else 1


def deploy(run_id: str, release: str, site: Path, url: str) -> None:
    given = {"release": str(RELEASES / release), "site": str(site), "url": url}
    agno_temporal("run", "deploy-gate", "--run-id", run_id, "--input-json", json.dumps(given))


def decide(action: str, run_id: str, step: str) -> None:
    """Decide as a person would, once the step asks."""
    deadline = time.monotonic() + 60
    while step not in agno_temporal("pending", "--json", quiet=True):
        if time.monotonic() > deadline:
            raise SystemExit(f"{run_id} never asked about {step!r}")
        time.sleep(0.2)
    agno_temporal(action, run_id, step, "--by", "ana@example.org")


def agno_temporal(*arguments: str, quiet: bool = False) -> str:
    """Run a command, show it as it would be typed, and give back what it printed."""
    if not quiet:
        shown = " ".join(f"'{word}'" if "{" in word or " " in word else word for word in arguments)
        print(f"\n$ agno-temporal {shown}")
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, check=False)
    if not quiet:
        print(done.stdout + done.stderr, end="")
    if done.returncode:
        raise SystemExit(f"agno-temporal {arguments[0]} failed ({done.returncode}): {done.stderr}")
    return done.stdout


def start_worker(log: Path) -> subprocess.Popen[bytes]:
    """Start a worker in the background, and wait until it says that it is ready."""
    print("\n$ agno-temporal worker examples.deploy_gate:workflow &")
    with log.open("wb") as file:
        worker = subprocess.Popen([COMMAND, "worker", "examples.deploy_gate:workflow"], cwd=ROOT, stderr=file)
    deadline = time.monotonic() + 60
    while "ready: " not in (said := log.read_text()):
        if worker.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"The worker did not start:\n{said}")
        time.sleep(0.1)
    print(said, end="")
    return worker


@contextmanager
def temporal_server(database: Path) -> Iterator[str]:
    """A development server on a free port, for the length of the block."""
    thread = LoopThread("demo-server")
    server = thread.call(start_dev_server(database=database))
    try:
        yield server.client.service_client.config.target_host
    finally:
        thread.call(server.shutdown())
        thread.stop()


def version(url: str) -> str:
    with urllib.request.urlopen(f"{url}/version.txt", timeout=10) as answer:
        return str(answer.read().decode().strip())


def say(text: str) -> None:
    width = min(shutil.get_terminal_size().columns, 100)
    print(f"\n{'=' * width}\n{text}\n{'=' * width}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
