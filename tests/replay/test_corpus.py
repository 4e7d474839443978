"""Runs that were started with an earlier version go on with this one.

A gate may be open for ninety days, and its run is replayed by whatever version is deployed then. Each file of the
corpus stands for such a run. One that no longer replays is a run of a user's that this version would break: mend the
code, and do not record the history anew.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.workflow import NondeterminismError

from agno_temporal.contract import names
from tests.replay.corpus import NAMES, NEWEST, history_of, recorded_result, replay, text_of
from tests.replay.groups import HISTORIES, files, versions
from tests.replay.record import anonymous

ROOT = Path(__file__).parents[2]

TELLTALE = re.compile(r"\d+@|stackTrace|/(?:home|root|tmp|work|Users)/")


def test_the_corpus_has_every_activity_as_it_is_written() -> None:
    """Regular ones by their type; those that answer locally leave a marker that names it."""
    regular, local = set(), set()
    for name in NEWEST.values():
        for event in history_of(name).events:
            regular.add(event.activity_task_scheduled_event_attributes.activity_type.name)
            about = event.marker_recorded_event_attributes.details
            local.update(json.loads(payload.data)["activity_type"] for payload in about["data"].payloads)
    assert regular - {""} == {
        names.OPEN_RUN,
        names.RUN_STEP,
        names.CONTINUE_EXECUTOR,
        names.EVALUATE,
        names.PROJECT,
        names.EVENT_TIME,
        names.NOTIFY,
        names.DELIVER,
        names.KEEP,
        names.CARRY,
    }
    assert local == {names.OPEN_RUN, names.RUN_STEP, names.EVALUATE, names.PROJECT, names.RECORD, names.NOTIFY}


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_run_is_replayed_to_the_same_end(name: str) -> None:
    """To the same commands, which Temporal checks, and to the same result, as far as it was recorded."""
    history = history_of(name)
    returned = await replay(history)
    recorded = recorded_result(history)
    assert bool(returned) == (recorded is not None)
    if recorded is not None:
        assert {key: returned[0].get(key) for key in recorded} == recorded


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_order_of_sets_has_no_part_in_a_replay(seed: str) -> None:
    """Texts hash differently in each process, so that anything that iterates a set would give other commands."""
    replayed = subprocess.run(
        [sys.executable, "-m", "tests.replay.corpus"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"{len(NAMES)} histories of {', '.join(versions())} replayed" in replayed.stdout, replayed.stderr


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        pytest.param('"activityId":"1#1"', '"activityId":"1#2"', id="another-activity-id"),
        pytest.param('"name":"agno.run_step"', '"name":"agno.step"', id="another-activity-type"),
    ],
)
async def test_a_step_under_another_name_would_be_noticed(recorded: str, now: str) -> None:
    """Without this, a corpus that replays would prove little."""
    changed = text_of(NEWEST["step"]).replace(recorded, now)
    assert changed != text_of(NEWEST["step"])
    with pytest.raises(NondeterminismError):
        await replay(history_of(NEWEST["step"], changed))


def test_the_histories_tell_nothing_of_the_machine_that_recorded_them():
    assert [name for name in NAMES if any(map(TELLTALE.search, _texts(name)))] == []


def _texts(name: str) -> list[str]:
    """The history, and what its payloads say."""
    text = text_of(name)
    payloads = re.findall(r'"data":"([^"]+)"', text)
    return [text, *(base64.b64decode(data).decode(errors="replace") for data in payloads)]


@pytest.mark.parametrize("version", versions())
def test_the_histories_of_one_version_stay_small(version: str) -> None:
    assert sum(file.stat().st_size for file in files(HISTORIES / version)) < 5_000_000


def test_a_history_is_made_anonymous_in_every_depth():
    history = {"events": [{"identity": "7@box", "failure": {"stackTrace": "/home/x", "cause": {"stackTrace": "y"}}}]}
    assert anonymous(history) == {"events": [{"identity": "worker", "failure": {"cause": {}}}]}
