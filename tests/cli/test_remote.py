"""Commands against an API: the same words, the same JSON and the same exit codes as straight against Temporal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agno_temporal.api.settings import settings_from
from tests.cli import scenes
from tests.cli.conftest import Cli, Remote
from tests.support import Bench


def steady(said: str) -> list[str]:
    """What does not depend on the moment."""
    return [line for line in said.splitlines() if "started" not in line and "seconds_left" not in line]


@pytest.mark.parametrize("command", ["show", "events"])
async def test_a_run_looks_the_same_from_both_sides(cli: Cli, bench: Bench, remote: Remote, command: str):
    workflow = scenes.release()
    async with remote.of(workflow) as far:
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
        assert steady(await far.ok(command, run_id)) == steady(await cli.ok(command, run_id))
        near_json, far_json = await cli.ok(command, run_id, "--json"), await far.ok(command, run_id, "--json")
    if command == "events":
        assert far_json == near_json
    else:
        near, away = json.loads(near_json), json.loads(far_json)
        assert {key: value for key, value in away.items() if key not in ("source", "pending")}.items() <= near.items()


async def test_a_run_is_started_asked_and_decided(bench: Bench, remote: Remote):
    async with remote.of(scenes.gated()) as far:
        said = await far.ok("run", "gated", "--input", "v2", "--run-id", bench.task_queue)
        assert said.splitlines()[0] == bench.task_queue
        assert "ship waits for confirmation\n  Ship it?" in said
        assert (await far.ok("confirm", bench.task_queue)).endswith(": step 'ship' confirmed by anonymous.\n")
        assert "Content:\ndid v2\n" in await far.ok("watch", bench.task_queue)
        assert "waits for nothing" not in await far.refused(5, "reject", bench.task_queue, "ship")


async def test_asking_works_too(bench: Bench, remote: Remote):
    async with remote.of(scenes.reviewed()) as far:
        result = await far("run", "reviewed", "--ask", "--input", "v2", stdin="reject\nshorter\nedit\nmine\n")
    assert "It was rejected before: shorter" in result.stdout
    assert result.stdout.endswith("Content:\nmine\n")


async def test_what_waits_is_listed_from_the_database(bench: Bench, remote: Remote):
    later, sooner = scenes.release(), scenes.gated(timeout=7200.0)
    async with remote.of(later, sooner) as far:
        for workflow in (later, sooner):
            await bench.paused(await bench.start(workflow, "v2"))
        said = await far.ok("pending")
        waiting = (await far.json("pending", "--step", "ship"))["pending"]
    assert "ship of gated waits for confirmation, 1 h 59 min left\n  message      Ship it?\n" in said
    assert "2 decisions in 2 runs" in said
    assert [one["workflow_id"] for one in waiting] == ["gated", "release"]
    async with remote.of(later, sooner, worker=False) as far:
        assert (await far.json("pending", "--workflow", "gated"))["pending"][0]["step_name"] == "ship"


WRONG = [
    (4, "There is no run 'nope'", ["show", "nope"]),
    (4, "There is no run 'nope'", ["confirm", "nope"]),
    (4, "There is no workflow 'nope'", ["run", "nope"]),
    (2, "--by is not for an API", ["confirm", "RUN", "--by", "ben"]),
    (2, "takes confirm, reject, not edit", ["edit", "RUN", "--text", "mine"]),
    (4, "has no requirement 'build'", ["confirm", "RUN", "build"]),
    (2, "with another request", ["run", "gated", "--run-id", "RUN", "--input", "v3"]),
    (4, "There is no run 'nope'", ["terminate", "nope", "--yes"]),
    (4, "Nothing of run", ["unblock", "RUN"]),
    (2, "rebuild works on Temporal itself", ["rebuild", "RUN", "app.py"]),
    (2, "is one place", ["show", "RUN", "--api", "http://127.0.0.1:1", "--address", "127.0.0.1:1"]),
    (3, "No API answers at http://127.0.0.1:1/v1", ["show", "RUN", "--api", "http://127.0.0.1:1"]),
    (2, "is no URL of an API", ["show", "RUN", "--api", "127.0.0.1:8000"]),
]


async def test_what_goes_wrong_has_the_code_of_its_kind(bench: Bench, remote: Remote):
    async with remote.of(scenes.gated()) as far:
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        for code, said, command in WRONG:
            assert said in await far.refused(code, *(run_id if part == "RUN" else part for part in command))


class Version(BaseModel):
    major: int
    minor: int


async def test_of_an_input_that_does_not_fit_every_field_is_named(bench: Bench, remote: Remote):
    workflow = scenes.simple()
    workflow.input_schema = Version
    async with remote.of(workflow) as far:
        said = await far.refused(2, "run", "simple", "--input-json", '{"major": "two"}')
    assert "\n  major: Input should be a valid integer" in said
    assert "\n  minor: Field required\n" in said


async def test_of_an_answer_that_does_not_fit_each_fault_is_said_once(bench: Bench, remote: Remote):
    async with remote.of(scenes.form()) as far:
        run_id = await bench.start(scenes.form(), "v2")
        await bench.paused(run_id)
        said = await far.refused(2, "input", run_id, "--value", "share=1")
    assert said == "Error: Step 'route': percent: is required; share: is not a field of this form.\n"


async def test_a_decision_is_left_for_a_run_without_a_worker(bench: Bench, remote: Remote):
    workflow = scenes.form()
    async with remote.of(workflow):
        run_id = await bench.start(workflow, "v2")
        [asked] = await bench.paused(run_id)
    async with remote.of(workflow, worker=False) as far:
        said = await far.ok("input", run_id, asked.requirement.id, "--value", "percent=10", "--signal")
    assert said.startswith(f"Left for run {run_id}: input of step 'route'.")
    async with remote.of(workflow):
        run = await bench.ended(run_id)
    assert run.asked[0].resolution.decision.values == {"percent": 10}


async def test_without_a_worker_a_run_is_what_the_database_knows(bench: Bench, remote: Remote):
    workflow = scenes.gated()
    async with remote.of(workflow):
        run_id = await bench.start(workflow, "v2")
        await bench.paused(run_id)
    async with remote.of(workflow, worker=False) as far:
        result = await far("show", run_id)
        watched = await far.ok("watch", run_id)
    assert "ship waits for confirmation" in result.stdout
    assert "ship waits for confirmation" in watched
    assert "No worker answers for it: this is what the database knew at" in result.stderr


async def test_a_cancelled_run_ends(bench: Bench, remote: Remote):
    async with remote.of(scenes.gated()) as far:
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        await far.ok("cancel", run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"
        assert "had ended before" in await far.refused(5, "cancel", run_id)


class Unlucky:
    """A server whose answers are lost: what it is asked is done, and somebody on the way says that nobody answered."""

    def __init__(self, app: ASGIApp, lost: int) -> None:
        self._app = app
        self._lost = lost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not self._lost:
            await self._app(scope, receive, send)
            return
        self._lost -= 1
        await self._app(scope, receive, _nowhere)
        problem = {"type": "outcome-unknown", "detail": "No worker answered in time."}
        headers = {"Retry-After": "0"}
        answer = JSONResponse(problem, 503, headers, "application/problem+json")
        await answer(scope, receive, send)


async def _nowhere(message: object) -> None:
    pass


async def test_an_answer_that_was_lost_is_asked_for_again_and_the_decision_is_taken_once(bench: Bench, remote: Remote):
    async with remote.of(scenes.two_gates(), through=lambda app: Unlucky(app, lost=2)) as far:
        run_id = await bench.start(scenes.two_gates(), "v2")
        await bench.paused(run_id)
        assert (await far.ok("confirm", run_id, "eu")).endswith("step 'eu' confirmed by anonymous.\n")
        assert [one.requirement.step_name for one in await bench.paused(run_id)] == ["us"]


async def test_a_decision_of_which_nobody_says_whether_it_was_taken_can_be_repeated(bench: Bench, remote: Remote):
    async with remote.of(scenes.two_gates(), through=lambda app: Unlucky(app, lost=3)) as far:
        run_id = await bench.start(scenes.two_gates(), "v2")
        await bench.paused(run_id)
        command = ("confirm", run_id, "eu", "--decision-id", "d-1")
        assert "Repeat the command with --decision-id d-1" in await far.refused(3, *command)
        await far.ok(*command)


async def test_a_key_is_needed_where_the_api_takes_keys(bench: Bench, remote: Remote, tmp_path: Path):
    made = await Cli("127.0.0.1:1", "nowhere").ok("keys", "create", "ana", "--scope", "read", "--store", str(tmp_path))
    access = settings_from({"AGNO_TEMPORAL_API_KEY_STORE": str(tmp_path)}).access(None)
    async with remote.of(scenes.gated(), access=access) as far:
        said = await far.refused(2, "workflows")
        assert "Its key is in AGNO_TEMPORAL_API_KEY." in said
        far.environment["AGNO_TEMPORAL_API_KEY"] = made.strip()
        assert (await far.json("workflows"))["workflows"][0]["id"] == "gated"
        assert "Its key is in" in await far.refused(2, "run", "gated")
        findings = (await far.json("doctor"))["findings"]
    assert [(one["what"], one["ok"]) for one in findings] == [
        ("API", True),
        *(("Temporal", True), ("Database", True), ("Workers", True)),
    ]


async def test_a_key_may_have_the_line_end_of_the_file_that_it_was_in(bench: Bench, remote: Remote, tmp_path: Path):
    made = await Cli("127.0.0.1:1", "nowhere").ok("keys", "create", "ana", "--scope", "read", "--store", str(tmp_path))
    access = settings_from({"AGNO_TEMPORAL_API_KEY_STORE": str(tmp_path)}).access(None)
    async with remote.of(scenes.gated(), access=access) as far:
        far.environment["AGNO_TEMPORAL_API_KEY"] = f"{made.strip()}\r\n"
        assert (await far.json("workflows"))["workflows"][0]["id"] == "gated"


@pytest.mark.parametrize("key", ["ak_SECRET\nX", "ak_SECRET_é", "ak_SECRET\x7f"])
async def test_what_cannot_be_a_key_is_refused_and_not_shown(cli: Cli, key: str):
    cli.environment["AGNO_TEMPORAL_API_KEY"] = key
    said = await cli.refused(2, "workflows", "--api", "http://127.0.0.1:1")
    assert "AGNO_TEMPORAL_API_KEY is no key" in said
    assert "SECRET" not in said


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://h:port", "http://h:99999", "http://127.0.0.1:1\n", "http://xn--"]
)
async def test_what_is_no_url_ends_with_2(cli: Cli, url: str):
    assert "is no URL of an API" in await cli.refused(2, "runs", "--api", url)


@pytest.mark.parametrize("command", ["show", "watch", "events", "cancel", "confirm"])
async def test_of_an_id_with_a_slash_it_says_where_it_can_be_asked_for(remote: Remote, command: str):
    async with remote.of(scenes.gated(), worker=False) as far:
        said = await far.refused(2, command, "team/1")
    assert "'team/1' has a slash, and no API can reach that: ask Temporal itself" in said


async def test_a_session_whose_id_has_a_slash_is_deleted(bench: Bench, remote: Remote):
    async with remote.of(scenes.simple()) as far:
        run_id = await bench.start(scenes.simple(), "v2", session_id="team/42")
        await bench.ended(run_id)
        deleted = await far.ok("delete-session", "team/42", "--workflow", "simple", "--yes")
    assert deleted == "Session team/42 is deleted, with 1 run.\n"
