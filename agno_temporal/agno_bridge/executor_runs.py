"""The runs of agents and teams, as agno itself stores them, with what its storage form loses put back.

agno's `to_dict` and `from_dict` are what its databases hold, so they stay readable over its versions. They lose four
things that a run has before it is stored, and that a workflow's caller compares or uses (agno/run/agent.py, team.py):
the types of its input and content, the difference between None and an empty list, the enum that a team's status is, and
much of the media that its model is given: of audio the format, of an image its detail, of a text file that it is text.
After a pause the model is given them again.

What else they lose stays lost (docs/differences.md, "What is shown"): what a model made, in the message that brought it
(`image_output`, `video_output`, `file_output`; the run itself has it), and the difference between None and what is
empty in a message or an input (`tool_args`, media, an input without content).

The dicts that agno makes have no order that anybody asked for. They are sorted, because only a sorted dict stays a
plain object in the history (see `values`), half as large and readable; so is `model_provider_data`. What is the user's
own keeps its order.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, Final, TypeAlias

from agno.run.agent import RunOutput
from agno.run.base import RunStatus
from agno.run.team import TeamRunOutput

from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode
from agno_temporal.plan.data import Json

ExecutorRun: TypeAlias = RunOutput | TeamRunOutput

_CLASSES: Final[dict[str, type[RunOutput] | type[TeamRunOutput]]] = {"agent": RunOutput, "team": TeamRunOutput}

_USERS: Final = ("metadata", "session_state", "tool_args")

_OF_INPUT: Final = ("images", "videos", "audios", "files")
_OF_MESSAGE: Final = ("images", "videos", "audio", "files")


def write_run(run: ExecutorRun, where: str) -> Json:
    """The run of an agent, or of a team and its members, as JSON.

    Raises:
        NotSerialisable: Something in it would not come back.
    """
    bare = copy.copy(run)
    bare.content = None
    written: dict[str, Json] = {"kind": "agent"}
    if isinstance(run, TeamRunOutput) and isinstance(bare, TeamRunOutput):
        bare.member_responses = []
        members = [write_run(member, f"{where}.member_responses[{i}]") for i, member in enumerate(run.member_responses)]
        written = {"kind": "team", "members": members}
    try:
        data = in_key_order(bare.to_dict())
    except Exception as error:
        remedy = f"agno cannot write it: {error}. Keep plain data in the run's metadata."
        raise NotSerialisable(where, type(run).__name__, remedy) from error
    if run.input is not None and not isinstance(run.input.input_content, str):
        written["input"] = encode(run.input.input_content, f"{where}.input")
    if given := _given(run, data, where):
        written["given"] = given
    return {**written, "run": encode(data, where), "content": encode(run.content, f"{where}.content")}


def _given(run: ExecutorRun, data: Json, where: str) -> dict[str, Json]:
    """The media that the run was given, by where they are, which are taken out of what agno has written of it."""
    given: dict[str, Json] = {}
    if run.input is not None:
        given["input"] = _media(run.input, data["input"], _OF_INPUT, f"{where}.input")
    for index, message in enumerate(run.messages or ()):
        given[str(index)] = _media(message, data["messages"][index], _OF_MESSAGE, f"{where}.messages[{index}]")
    return {place: media for place, media in given.items() if media}


def _media(holder: Any, data: Json, fields: tuple[str, ...], where: str) -> dict[str, Json]:
    media = {field: getattr(holder, field) for field in fields if getattr(holder, field)}
    for field in media:
        data.pop(field, None)
    return {field: encode(list(items), f"{where}.{field}") for field, items in media.items()}


def in_key_order(data: Any) -> Any:
    """agno's own dicts, down to the first value that is not one of them."""
    if type(data) is dict and all(type(key) is str for key in data):
        return {key: data[key] if key in _USERS else in_key_order(data[key]) for key in sorted(data)}
    return [in_key_order(item) for item in data] if type(data) is list else data


def read_run(written: Json, lenient: bool = False) -> ExecutorRun:
    """The run that `write_run` wrote."""
    cls = _CLASSES[written["kind"]]
    data: Any = decode(written["run"], lenient)
    present = {name: value == [] for name, value in data.items()}
    run = cls.from_dict(data)
    for field in dataclasses.fields(run):
        if field.default is None and field.name not in present and getattr(run, field.name) == []:
            setattr(run, field.name, None)
        elif field.default is None and present.get(field.name):
            setattr(run, field.name, [])
    if isinstance(run, TeamRunOutput):
        run.member_responses = [read_run(member, lenient) for member in written.get("members", ())]
    if run.input is not None and "input" in written:
        content: Any = decode(written["input"], lenient)
        run.input.input_content = content
    for place, media in written.get("given", {}).items():
        holder = run.input if place == "input" else (run.messages or [])[int(place)]
        for field, items in media.items():
            setattr(holder, field, decode(items, lenient))
    run.status = RunStatus(run.status)
    run.content = decode(written["content"], lenient)
    return run
