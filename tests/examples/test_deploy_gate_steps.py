"""The deployment gate's steps one by one: what each does when it runs twice, is cut short, or finds things changed."""

import json
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agno.workflow import StepInput, StepOutput

from examples import deploy_gate
from examples.deploy_gate import DeployError, check, compare, is_kept, move_live, roll_back, switch, verify
from examples.site_server import LiveHandler, server_for, serving, url_of

Release = Callable[[str], Path]
Executor = Callable[[StepInput], StepOutput]


def content(output: StepOutput) -> dict[str, Any]:
    assert isinstance(output.content, dict)
    return output.content


class Run:
    """Runs steps in order on one input, as a workflow would."""

    def __init__(self, release: Path, site: Path, url: str, verify_seconds: float = 15.0) -> None:
        self.input = {"release": str(release), "site": str(site), "url": url, "verify_seconds": verify_seconds}
        self.outputs: dict[str, StepOutput] = {}

    def step_input(self) -> StepInput:
        return StepInput(input=self.input, previous_step_outputs=dict(self.outputs))

    def step(self, executor: Executor) -> StepOutput:
        output = executor(self.step_input())
        self.outputs[executor.__name__] = output
        return output

    def steps(self, *executors: Executor) -> StepOutput:
        return [self.step(executor) for executor in executors][-1]


def tree(site: Path) -> dict[str, str]:
    """Everything below the site directory, except the lock."""
    links = {str(path.relative_to(site)): os.readlink(path) for path in site.iterdir() if path.is_symlink()}
    files = {str(path.relative_to(site)): path.read_text() for path in site.glob("releases/**/*") if path.is_file()}
    others = {path.name: "" for path in [*site.iterdir(), *site.glob("releases/*")] if path.name != ".deploy.lock"}
    return others | files | links


@pytest.mark.parametrize("name", ["check", "compare", "switch", "verify", "roll_back"])
def test_a_step_that_runs_twice_does_and_says_the_same(name: str, release: Release, site: Path, url: str) -> None:
    Run(release("v1"), site, url).steps(check, compare, switch)
    run = Run(release("v2"), site, url)
    for executor in (check, compare, switch, verify, roll_back):
        first = run.step(executor)
        if executor.__name__ == name:
            break
    after_first = tree(site)

    second = executor(run.step_input())

    assert (second.content, second.success) == (first.content, first.success)
    assert tree(site) == after_first


def test_a_switch_that_died_before_the_rename_is_done_by_the_next_attempt(
    release: Release, site: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(release("v1"), site, url)
    run.steps(check, compare)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            run.step(switch)
    assert not (site / "live").exists()

    assert content(run.step(switch))["live"] == os.readlink(site / "live")
    assert {path.name for path in site.iterdir()} == {"releases", "live", ".deploy.lock"}


def test_a_reader_never_finds_the_site_missing_while_the_link_moves(site: Path) -> None:
    for name in ("a", "b"):
        (site / name).mkdir()
        (site / name / "version.txt").write_text(name)
    move_live(site, before=None, after="a")
    seen: set[str] = set()
    failures: list[OSError] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add((site / "live" / "version.txt").read_text())
            except OSError as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    deadline = time.monotonic() + 10
    turns = 0
    while (turns < 500 or seen != {"a", "b"}) and time.monotonic() < deadline:
        move_live(site, before="a", after="b")
        move_live(site, before="b", after="a")
        turns += 1
    stop.set()
    for reader in readers:
        reader.join(timeout=10)

    assert not failures
    assert seen == {"a", "b"}


def test_of_two_deployments_that_compared_with_the_same_site_only_one_moves_the_link(site: Path) -> None:
    refused: list[DeployError] = []
    together = threading.Barrier(2)

    def deploy(target: str) -> None:
        together.wait(timeout=10)
        try:
            move_live(site, before=None, after=target)
        except DeployError as error:
            refused.append(error)

    threads = [threading.Thread(target=deploy, args=(target,)) for target in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert len(refused) == 1
    assert f"points at {os.readlink(site / 'live')}" in str(refused[0])


def test_a_roll_back_leaves_a_third_release_alone(release: Release, site: Path, url: str) -> None:
    run = Run(release("v1"), site, url)
    run.steps(check, compare, switch)
    (site / "live").unlink()
    (site / "live").symlink_to("releases/hotfix")

    with pytest.raises(DeployError, match="another deployment"):
        run.step(roll_back)
    assert os.readlink(site / "live") == "releases/hotfix"


def test_the_check_over_http_waits_for_a_site_that_answers_a_moment_later(
    release: Release, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy_gate, "POLL_SECONDS", 0.01)
    refusals = iter([503, 503])

    class Starting(LiveHandler):
        def do_GET(self) -> None:
            if code := next(refusals, None):
                return self.send_error(code)
            return super().do_GET()

    with serving(site, handler=Starting) as url:
        output = Run(release("v1"), site, url).steps(check, compare, switch, verify)

    assert output.success
    assert content(output)["problems"] == {}
    assert next(refusals, None) is None


def test_a_file_that_is_served_differently_is_named(release: Release, site: Path, url: str) -> None:
    run = Run(release("v1"), site, url, verify_seconds=0.3)
    run.steps(check, compare, switch)
    (site / "live" / "style.css").write_text("body { display: none }")
    (site / "live" / "about.html").unlink()

    output = run.step(verify)

    assert not output.success
    assert not is_kept(run.step_input())
    assert content(output)["problems"] == {"about.html": "status 404", "style.css": "another content is served"}


def test_a_site_that_does_not_answer_is_a_failed_check_within_its_bound(release: Release, site: Path) -> None:
    with server_for(site) as silent:  # listens, and answers nobody
        run = Run(release("v1"), site, url_of(silent), verify_seconds=0.3)
        run.steps(check, compare, switch)
        output = run.step(verify)

    assert list(content(output)["problems"]) == ["version.txt"]
    assert "no answer" in content(output)["problems"]["version.txt"]


def test_a_release_without_a_green_check_is_not_kept() -> None:
    green, red = StepOutput(content="", success=True), StepOutput(content="", success=False)

    assert is_kept(StepInput(previous_step_outputs={"verify": green}))
    assert not is_kept(StepInput(previous_step_outputs={"verify": red}))
    assert not is_kept(StepInput(previous_step_outputs={}))


def test_checks_that_hang_are_ended_with_everything_they_started(
    release: Release, site: Path, url: str, tmp_path: Path
) -> None:
    hanging = release("v1")
    os.mkfifo(tmp_path / "held")
    described = json.loads((hanging / "release.json").read_text())
    script = f"exec 3> {tmp_path / 'held'}; echo started; sleep 60 & wait"
    described |= {"check": ["sh", "-c", script], "check_seconds": 1}
    (hanging / "release.json").write_text(json.dumps(described))
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)

    with pytest.raises(DeployError, match=r"did not end within 1 s(.|\n)*started"):
        Run(hanging, site, url).step(check)

    assert select.select([held], [], [], 10)[0], "what the checks started still holds its end of the pipe after 10 s"
    assert os.read(held, 1) == b""
    os.close(held)


def test_files_that_changed_after_their_checks_are_not_staged_as_checked(
    release: Release, site: Path, url: str
) -> None:
    v1 = release("v1")
    run = Run(v1, site, url)
    run.step(check)
    (v1 / "site" / "index.html").write_text("unchecked")

    with pytest.raises(DeployError, match="changed since its checks ran"):
        run.step(compare)


def test_a_symlink_in_a_release_is_refused(release: Release, site: Path, url: str) -> None:
    v1 = release("v1")
    (v1 / "site" / "secret.txt").symlink_to("/etc/hostname")

    with pytest.raises(DeployError, match=r"secret\.txt is neither a file nor a folder"):
        Run(v1, site, url).step(check)


def test_a_published_folder_outside_the_release_is_refused(release: Release, site: Path, url: str) -> None:
    v1 = release("v1")
    (v1 / "release.json").write_text(json.dumps({"version": "1.0.0", "check": ["true"], "public": "../.."}))

    with pytest.raises(DeployError, match="is not a folder in the release directory"):
        Run(v1, site, url).step(check)


def test_a_live_folder_that_is_no_link_is_left_alone(release: Release, site: Path, url: str) -> None:
    (site / "live").mkdir()

    with pytest.raises(DeployError, match="is not a symlink"):
        Run(release("v1"), site, url).steps(check, compare)
