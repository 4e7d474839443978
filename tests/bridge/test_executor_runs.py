"""The runs of agents and teams come back as they were before agno stored them."""

import json
import threading
from datetime import date

import pytest
from agno.agent import Agent
from agno.media import Audio, File, Image
from agno.models.message import Message
from agno.run.agent import RunInput, RunOutput
from agno.run.base import RunStatus
from agno.run.team import TeamRunOutput
from agno.team import Team
from pydantic import BaseModel

from agno_temporal.agno_bridge.executor_runs import read_run, write_run
from agno_temporal.agno_bridge.values import NotSerialisable
from examples.scripted_model import ScriptedModel
from tests.bridge.shapes import shape


class Draft(BaseModel):
    title: str
    due: date


def through_history(run):
    return read_run(json.loads(json.dumps(write_run(run, "run"), allow_nan=False, sort_keys=True)))


def writer() -> Agent:
    return Agent(name="Writer", model=ScriptedModel(task="Draft"), telemetry=False)


async def test_an_agents_run_comes_back_field_by_field():
    run = await writer().arun("bees", session_state={"b": 1, "a": date(2024, 5, 1)})
    assert shape(through_history(run)) == shape(run)


async def test_a_teams_run_comes_back_with_its_members():
    team = Team(name="Desk", members=[writer()], model=ScriptedModel(task="Lead"), telemetry=False)
    run = await team.arun("bees")
    run.member_responses = [await writer().arun("wasps")]
    assert shape(through_history(run)) == shape(run)


def test_content_keeps_its_type():
    run = RunOutput(content=Draft(title="Bees", due=date(2024, 5, 1)))
    assert through_history(run).content == run.content


@pytest.mark.parametrize("cls", [RunOutput, TeamRunOutput])
def test_none_and_an_empty_list_are_told_apart(cls):
    assert through_history(cls(images=None, tools=None, events=None)).events is None
    assert through_history(cls(images=[], tools=[], events=[])).images == []


@pytest.mark.parametrize("cls", [RunOutput, TeamRunOutput])
def test_the_status_is_agnos_enum(cls):
    assert through_history(cls(status=RunStatus.error)).status is RunStatus.error


def test_media_that_a_model_is_given_come_back_whole():
    text = File(id="f", content="a text", mime_type="text/plain")
    sound, image = (
        Audio(id="a", content=b"x", format="mp3"),
        Image(id="i", content=b"x", detail="high", alt_text="a bee"),
    )
    told = Message(role="user", content="look", audio=[sound], images=[image], files=[text])
    run = RunOutput(messages=[Message(role="system"), told], input=RunInput("bees", audios=[sound], files=[text]))
    again = through_history(run)
    assert again.messages[1] == told
    assert (again.input.audios, again.input.files) == ([sound], [text])


def test_what_agnos_storage_form_leaves_out_stays_left_out():
    """docs/differences.md, "What is shown"."""
    made = {"image_output": Image(id="i", content=b"x"), "file_output": File(id="f", content=b"x")}
    messages = [Message(role="assistant", **made), Message(role="tool", tool_args={})]
    run = through_history(RunOutput(messages=messages, input=RunInput("bees", images=[])))
    assert (run.messages[0].image_output, run.messages[0].file_output) == (None, None)
    assert run.messages[1].tool_args is None
    assert run.input.images is None
    assert through_history(RunOutput(input=RunInput(input_content=None))).input is None


def test_what_cannot_be_kept_is_refused_with_its_place():
    with pytest.raises(NotSerialisable) as refused:
        write_run(RunOutput(metadata={"lock": threading.Lock()}), "step '2' executor run 0")
    assert refused.value.where == "step '2' executor run 0.metadata.lock"
