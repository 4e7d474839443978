"""The file that AGNO_TEMPORAL_WEBHOOKS names: what a worker process reads, and what stops it from starting."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from agno_temporal.contract.notices import Lead
from agno_temporal.webhooks import FILE_VARIABLE, WebhookError, Webhooks, webhooks_from_environment
from tests.webhooks.receiver import new_secret

CLI = "from agno_temporal.cli import main; main()"

URL = "https://hooks.example.org/agno"


def read(directory: Path, content: str, **environment: str) -> Webhooks | None:
    file = directory / "webhooks.toml"
    file.write_text(content)
    return webhooks_from_environment({FILE_VARIABLE: str(file), **environment})


def test_without_the_variable_there_are_none() -> None:
    assert webhooks_from_environment({}) is None


def test_secrets_may_stand_elsewhere(tmp_path: Path) -> None:
    one, two, three = new_secret(), new_secret(), new_secret()
    (tmp_path / "old").write_text(two + "\n")
    webhooks = read(
        tmp_path,
        f"""
        remind_before = [3600, 0.1]
        retry_for = 86400

        [endpoints.ops]
        url = "{URL}"
        secret = ["env:OPS_SECRET", "file:{tmp_path}/old", "{three}"]
        events = ["run.finished"]
        """,
        OPS_SECRET=one,
    )
    assert webhooks is not None
    [ops] = webhooks.endpoints
    assert (ops.name, ops.url, ops.secrets, list(ops.events)) == ("ops", URL, (one, two, three), ["run.finished"])
    assert webhooks.leads == (Lead(seconds=3600), Lead(share=0.1))
    assert webhooks.retry_for == timedelta(days=1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[endpoints", "it cannot be read"),
        ("remind = 1", "there is no field 'remind'"),
        ("endpoints = 3", "a table for each webhook"),
        ("retry_for = 'a day'", "retry_for='a day' is no number of seconds"),
        ("[endpoints.ops]\nsecret = 'env:NOT_SET'", "its secret is to be in NOT_SET, which is not set"),
        ("[endpoints.ops]\nsecret = 'file:/no/such/file'", "its secret cannot be read"),
        ('[endpoints.ops]\nsecret = "file:\\u0000"', "its secret cannot be read"),
        ("[endpoints.ops]\nurl = 'https://x.example.org'", "Webhook 'ops': it has no secret"),
        ("[endpoints.ops]\nsecret = 'S'", "Webhook 'ops': it has no url"),
        ("[endpoints.ops]\nurl = 'https://x.example.org'\nsecret = 'S'\nevent = []", "there is no field 'event'"),
        ("[endpoints.ops]\nurl = 3\nsecret = 'S'", "Webhook 'ops': "),
        ("[endpoints.ops]\nname = 'other'", "there is no field 'name'"),
        ("delays = 5", "delays has to be one or more numbers"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(WebhookError, match=r"webhooks\.toml: ") as refused:
        read(tmp_path, content)
    assert says in str(refused.value)


@pytest.mark.parametrize("file", ["/no/such/file.toml", "\0"])
def test_a_file_that_is_not_there_is_no_silence(file: str) -> None:
    with pytest.raises(WebhookError, match="cannot be read"):
        webhooks_from_environment({FILE_VARIABLE: file})


@pytest.mark.parametrize("command", [["-m", "agno_temporal.worker"], ["-c", CLI, "worker"]])
def test_a_worker_does_not_start_with_them(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "app.py").write_text(
        "from agno.workflow import Step, Workflow\nflow = Workflow(name='f', steps=[Step(name='a', executor=len)])\n"
    )
    ended = subprocess.run(
        [sys.executable, *command, str(tmp_path / "app.py")],
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), FILE_VARIABLE: "/no/such/file.toml"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2, ended.stderr
    assert "AGNO_TEMPORAL_WEBHOOKS=/no/such/file.toml" in ended.stderr
