"""A deployment gate, as a plain agno workflow with real effects.

The hazard of a gate is what may happen between the question and the act. Somebody confirms hours after the
question was asked: in between, the files may have been edited, or another run may have changed the live site. And a
step may run twice, because the machine was lost after its effect and before its result was kept.

So nothing is acted on by name alone. ``compare`` copies the release to ``releases/<version>-<digest>``, which no
later step writes to; ``switch`` refuses if those files, or the live link, are not the ones that were shown; and the
link moves only from the one target to the other, under a lock, in one rename. Every step looks at what is there before
it acts, so that a second run finds its work done.

    check     runs the release's own checks; a failure ends the run
    compare   stages the files; its output is what the reviewer sees: added, changed, removed
    switch    [confirmation]   moves the live link; rejected, or not answered in time: the run is cancelled
    verify    [output review]  asks the served site for every file; the review is asked for only if all is well
    outcome   verified and kept -> done, anything else -> roll_back

A run that is *cancelled* while the review is open leaves the new release live: only a rejection rolls back.

The site directory holds ``releases/`` and the symlink ``live``, which a web server serves (``site_server.py``); a
release directory holds ``release.json`` and the folder to publish (``sample_release/``). Symlinks and the lock need a
POSIX system.
"""

import fcntl
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from agno.db.base import BaseDb
from agno.workflow import Condition, HumanReview, OnError, OnReject, OnTimeout, Step, StepInput, StepOutput, Workflow
from pydantic import BaseModel, ConfigDict, Field

MARKER = "version.txt"
"""The published file that names the release, so that one request tells which release is being served."""

OUTPUT_TAIL_BYTES = 2_000
POLL_SECONDS = 0.2
REQUEST_SECONDS = 5.0

Manifest = dict[str, str]
"""Path below the published folder, with ``/``, to the sha256 of the file."""


class DeployError(Exception):
    """The deployment cannot go on; the message says what is wrong and what to do."""


class Deployment(BaseModel):
    """What to deploy, and where: the input of a run. Plain JSON values only, since it is stored with the run."""

    model_config = ConfigDict(extra="forbid")

    release: str = Field(description="The release directory, which holds release.json.")
    site: str = Field(description="The site directory, which holds releases/ and the symlink live.")
    url: str = Field(pattern=r"^https?://", description="Where the live folder is served.")
    verify_seconds: float = Field(default=15.0, gt=0, le=600, description="Bound of the whole check over HTTP.")


class ReleaseFile(BaseModel):
    """The file release.json."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")
    public: str = Field(default="site", description="The folder to publish, below the release directory.")
    check: list[str] = Field(min_length=1, description='A command, no shell; a leading "python" is this interpreter.')
    check_seconds: float = Field(default=60.0, gt=0, le=3_600)


class Checked(BaseModel):
    """Output of ``check``."""

    version: str
    digest: str = Field(description="Of all published files, taken after the checks had passed.")
    output: str


class Plan(BaseModel):
    """Output of ``compare``: what the reviewer is asked to confirm, and all that the later steps go by."""

    summary: str
    version: str
    release: str = Field(description="Target of the live link once switched.")
    live: str | None = Field(description="Target of the live link now; None if there is none yet.")
    added: list[str]
    changed: list[str]
    removed: list[str]
    manifest: Manifest


class Report(BaseModel):
    """Output of ``verify``."""

    summary: str
    url: str
    files: int
    problems: dict[str, str] = Field(description="What is wrong, by file; empty if all is well.")


# What a run is about


def deployment(step_input: StepInput) -> Deployment:
    """The run's input; after agno reloaded a run from its database, the model has become a dict."""
    given = step_input.input
    if isinstance(given, str):
        return Deployment.model_validate_json(given)
    return Deployment.model_validate(given)


def plan_of(step_input: StepInput) -> Plan:
    return Plan.model_validate(step_input.get_step_content("compare"))


def read_release(release: Path) -> tuple[ReleaseFile, Path]:
    """Returns release.json, and the folder that is published."""
    path = release / "release.json"
    if not path.is_file():
        raise DeployError(f"{path} does not exist: a release directory holds release.json and the folder to publish.")
    described = ReleaseFile.model_validate_json(path.read_text())
    public = release / described.public
    if not public.resolve().is_relative_to(release.resolve()) or not public.is_dir():
        raise DeployError(f"{path}: public={described.public!r} is not a folder in the release directory.")
    return described, public


def manifest_of(folder: Path) -> Manifest:
    """Digests of all files below the folder.

    A symlink is refused: its digest would be that of a file outside, which can change after the review.
    """
    manifest: Manifest = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise DeployError(f"{path} is neither a file nor a folder. Publish plain files only.")
        if path.is_file():
            with path.open("rb") as file:
                manifest[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return manifest


def digest_of(manifest: Manifest) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


# check


def run_command(command: list[str], cwd: Path, seconds: float) -> str:
    """Runs the command and returns the tail of what it printed.

    It gets a process group of its own, so that a timeout ends what it started too, and prints to a file: a pipe would
    be held open by a child that survives, and would have to be kept in memory.
    """
    program = [sys.executable, *command[1:]] if command[0] == "python" else command
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            program, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            code: int | None = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = None
        output.seek(max(0, output.seek(0, os.SEEK_END) - OUTPUT_TAIL_BYTES))
        tail = output.read().decode(errors="replace").strip()
    if code is None:
        raise DeployError(f"The release's checks did not end within {seconds:g} s: {command}\n{tail}")
    if code != 0:
        raise DeployError(f"The release's checks failed with exit status {code}: {command}\n{tail}")
    return tail


def check(step_input: StepInput) -> StepOutput:
    """Runs the release's own checks."""
    release = Path(deployment(step_input).release)
    described, public = read_release(release)
    output = run_command(described.check, cwd=release, seconds=described.check_seconds)
    checked = Checked(version=described.version, digest=digest_of(manifest_of(public)), output=output)
    return StepOutput(content=checked.model_dump())


# compare


def stage(public: Path, releases: Path, version: str) -> tuple[str, Manifest]:
    """Copies the folder to ``releases/<version>-<digest>`` and returns that name, with the copy's manifest.

    The name follows from the content, and the copy appears under it in one rename, so that a second copy of the same
    files finds the first. A crash while copying leaves a ``.staging-*`` folder behind, which nothing reads.
    """
    releases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=releases) as scratch:
        copy = Path(scratch, "copy")
        shutil.copytree(public, copy, symlinks=True)
        manifest = manifest_of(copy)
        name = f"{version}-{digest_of(manifest)[:12]}"
        if not (releases / name).exists():
            try:
                copy.rename(releases / name)
            except OSError:
                if not (releases / name).exists():  # otherwise: the same copy, made at the same time, came first
                    raise
    return name, manifest


def compare(step_input: StepInput) -> StepOutput:
    """Stages the release and says what it would change on the live site."""
    given = deployment(step_input)
    checked = Checked.model_validate(step_input.get_step_content("check"))
    _, public = read_release(Path(given.release))
    site = Path(given.site)
    name, new = stage(public, site / "releases", checked.version)
    if digest_of(new) != checked.digest:
        raise DeployError(f"{public} has changed since its checks ran. Start a new run.")
    if MARKER not in new or (public / MARKER).read_text().strip() != checked.version:
        raise DeployError(f"{public / MARKER} must hold the version that release.json names: {checked.version}.")

    live = read_live(site)
    old = manifest_of((site / "live").resolve()) if (site / "live").is_dir() else {}
    added = sorted(new.keys() - old.keys())
    changed = sorted(path for path in new.keys() & old.keys() if new[path] != old[path])
    removed = sorted(old.keys() - new.keys())
    plan = Plan(
        summary=f"Release {name} instead of {live or 'nothing'}: "
        f"{len(added)} added, {len(changed)} changed, {len(removed)} removed.",
        version=checked.version,
        release=f"releases/{name}",
        live=live,
        added=added,
        changed=changed,
        removed=removed,
        manifest=new,
    )
    return StepOutput(content=plan.model_dump())


# switch and roll_back


def read_live(site: Path) -> str | None:
    """Where the live link points, as written in it."""
    live = site / "live"
    if live.is_symlink():
        return os.readlink(live)
    if live.exists():
        raise DeployError(f"{live} is not a symlink. Move it to releases/ and link to it.")
    return None


@contextmanager
def locked(site: Path) -> Iterator[None]:
    """One deployment at a time moves the link of this site; the lock goes with the process that holds it."""
    with (site / ".deploy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def move_live(site: Path, *, before: str | None, after: str | None) -> None:
    """Moves the live link from one target to the other; moved already, it does nothing.

    Args:
        site: The directory that holds the link.
        before: Where the link must point now. None: there must be no link.
        after: Where it shall point. None: there shall be no link.

    Raises:
        DeployError: the link points at a third target. It is left alone.
    """
    live = site / "live"
    with locked(site):
        found = read_live(site)
        if found == after:
            return
        if found != before:
            raise DeployError(
                f"{live} points at {found or 'nothing'}, not at {before or 'nothing'}: another deployment has changed "
                "it since this one looked. Nothing was changed. Start a new run."
            )
        if after is None:
            live.unlink()
            return
        following = site / ".live-next"
        following.unlink(missing_ok=True)
        following.symlink_to(after)
        os.replace(following, live)


def switch(step_input: StepInput) -> StepOutput:
    """Makes the release live, if both it and the live site are still what the reviewer saw."""
    site, plan = Path(deployment(step_input).site), plan_of(step_input)
    staged = site / plan.release
    if not staged.is_dir() or manifest_of(staged) != plan.manifest:
        raise DeployError(f"{staged} is no longer what was reviewed. Remove it and start a new run.")
    move_live(site, before=plan.live, after=plan.release)
    return StepOutput(content={"live": plan.release, "previous": plan.live})


def roll_back(step_input: StepInput) -> StepOutput:
    """Makes the previous release live again."""
    plan = plan_of(step_input)
    move_live(Path(deployment(step_input).site), before=plan.release, after=plan.live)
    verified = step_input.get_step_output("verify")
    reason = "rejected in review" if verified is None else _reason(verified)
    outcome = "rolled_back" if plan.live != plan.release else "unchanged"  # deployed again over itself
    return StepOutput(content={"outcome": outcome, "live": plan.live, "rejected": plan.release, "reason": reason})


def _reason(verified: StepOutput) -> str:
    content = verified.content
    return str(content["summary"] if isinstance(content, dict) else content)


# verify

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks the site itself: a proxy may answer from what it remembers of the previous release."""


def served_digest(url: str, path: str, deadline: float) -> str:
    """The sha256 of what the site answers for the path; raises ``OSError`` or ``HTTPException`` if it does not."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("out of time")
    request = urllib.request.Request(f"{url.rstrip('/')}/{quote(path)}", headers={"Cache-Control": "no-cache"})
    digest = hashlib.sha256()
    with _direct.open(request, timeout=min(seconds, REQUEST_SECONDS)) as answer:
        while chunk := answer.read(65_536):
            digest.update(chunk)
            if time.monotonic() > deadline:
                raise TimeoutError("out of time")
    return digest.hexdigest()


def problem_with(url: str, path: str, digest: str, deadline: float) -> str | None:
    try:
        served = served_digest(url, path, deadline)
    except urllib.error.HTTPError as error:
        error.close()
        return f"status {error.code}"
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"
    return None if served == digest else "another content is served"


def problems_of_site(url: str, manifest: Manifest, seconds: float) -> dict[str, str]:
    """What is wrong with the served site, asked again until nothing is or the time is up.

    The marker is asked first: while it shows another release, asking for the other files tells nothing.
    An attempt that has hardly any time would end in "timed out", and hide what the one before it has found.
    """
    deadline = time.monotonic() + seconds
    while True:
        problems: dict[str, str] = {}
        for path in sorted(manifest, key=lambda path: (path != MARKER, path)):
            if problem := problem_with(url, path, manifest[path], deadline):
                problems[path] = problem
                if path == MARKER:
                    break
        if not problems or time.monotonic() + 2 * POLL_SECONDS >= deadline:
            return problems
        time.sleep(POLL_SECONDS)


def verify(step_input: StepInput) -> StepOutput:
    """Asks the served site for every file of the release."""
    given, plan = deployment(step_input), plan_of(step_input)
    problems = problems_of_site(given.url, plan.manifest, given.verify_seconds)
    wrong = "; ".join(f"{path}: {problem}" for path, problem in list(problems.items())[:5])
    report = Report(
        summary=f"{given.url} does not serve {plan.version}: {wrong}"
        if problems
        else f"{given.url} serves {plan.version}: all {len(plan.manifest)} files are as released.",
        url=given.url,
        files=len(plan.manifest),
        problems=problems,
    )
    return StepOutput(content=report.model_dump(), success=not problems)


def is_green(output: StepOutput) -> bool:
    """Whether the review is asked for: a failed check is rolled back at once and waits for nobody."""
    return output.success


# outcome


def is_kept(step_input: StepInput) -> bool:
    """Whether the new release stays: verified, and not rejected, which removes ``verify`` from the outputs."""
    verified = step_input.get_step_output("verify")
    return verified is not None and verified.success


def done(step_input: StepInput) -> StepOutput:
    """Says what is live now."""
    plan = plan_of(step_input)
    return StepOutput(content={"outcome": "released", "live": plan.release, "previous": plan.live})


def deploy_gate(confirm_timeout: int = 24 * 3_600, review_timeout: int = 600, db: BaseDb | None = None) -> Workflow:
    """The workflow.

    A step that raises ends the run, because agno's default is to record it and go on to the next. ``verify`` is the
    exception: if it raises, that is a failed check like any other, and is rolled back. So is whatever else leaves
    ``outcome`` in doubt, for the roll-back is the condition's else branch.

    Args:
        confirm_timeout: Seconds until an unanswered confirmation counts as rejected, which cancels the run.
        review_timeout: Seconds until an unanswered review keeps the release, whose check was green.
        db: Where plain agno keeps a run that waits.
    """
    stop_on_error = HumanReview(on_error=OnError.fail)
    return Workflow(
        name="deploy_gate",
        description="Checks a release, asks, switches the live site to it, verifies it, and rolls back if need be.",
        input_schema=Deployment,
        db=db,
        telemetry=False,
        steps=[
            Step(name="check", executor=check, max_retries=0, human_review=stop_on_error),
            Step(name="compare", executor=compare, max_retries=0, human_review=stop_on_error),
            Step(
                name="switch",
                executor=switch,
                max_retries=0,
                human_review=HumanReview(
                    requires_confirmation=True,
                    confirmation_message="Make this release live? The output of 'compare' says what changes.",
                    on_reject=OnReject.cancel,
                    on_error=OnError.fail,
                    timeout=confirm_timeout,
                    on_timeout="reject",
                ),
            ),
            Step(
                name="verify",
                executor=verify,
                max_retries=0,
                human_review=HumanReview(
                    requires_output_review=is_green,
                    output_review_message="The release is live and every file checks out. Keep it? No: roll back.",
                    on_reject=OnReject.skip,
                    on_error=OnError.skip,
                    timeout=review_timeout,
                    on_timeout=OnTimeout.approve,
                ),
            ),
            Condition(
                name="outcome",
                evaluator=is_kept,
                steps=[Step(name="done", executor=done, max_retries=0)],
                else_steps=[Step(name="roll_back", executor=roll_back)],
                human_review=HumanReview(on_error=OnError.fail),
            ),
        ],
    )


workflow = deploy_gate()
