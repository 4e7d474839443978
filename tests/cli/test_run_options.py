"""What `run` gives a run beside its input: straight to Temporal and over an API, the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from agno.workflow import Workflow

from tests.cli.conftest import Cli, Remote
from tests.differential.blocks import agent, flow, tells_all
from tests.support import Bench


def subject() -> Workflow:
    """It says what it was given; and what an agent says of it."""
    return flow(tells_all(), agent("Ann"))


@pytest.fixture(params=["Temporal", "an API"])
async def side(request: pytest.FixtureRequest, cli: Cli, bench: Bench, remote: Remote) -> AsyncIterator[Cli]:
    if request.param == "Temporal":
        async with bench.worker(subject()):
            yield cli
    else:
        async with remote.of(subject()) as far:
            yield far


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        ("--session-state", '{"mood": ["calm"]}', "'state': {'mood': ['calm']}"),
        ("--additional-data", '{"b": 1, "a": null}', "'additional': {'b': 1, 'a': None}"),
        ("--dependencies", '{"rate": 0.5}', "({'rate': 0.5}, "),
        ("--metadata", '{"ticket": 7}', ", {'ticket': 7}, "),
        ("--metadata", '{"$type": "date", "value": "2024-05-01"}', "{'$type': 'date', 'value': '2024-05-01'}"),
    ],
)
async def test_a_step_is_given_it(side: Cli, option: str, given: str, said: str) -> None:
    run = await side.json("run", "subject", "--input", "go", option, given)

    assert said in run["content"]


async def test_a_streamed_run_has_what_its_agents_say_among_its_events(side: Cli, bench: Bench) -> None:
    for run_id, options in ((f"{bench.task_queue}-1", []), (f"{bench.task_queue}-2", ["--stream"])):
        await side.ok("run", "subject", "--run-id", run_id, *options)
        events = (await side.ok("events", run_id, "--json")).splitlines()
        assert ("RunContent" in {json.loads(event)["event"] for event in events}) == bool(options)


async def test_a_start_can_be_repeated_from_the_other_side(cli: Cli, bench: Bench, remote: Remote) -> None:
    marks = '{"b": {"$type": "date", "value": "2024-05-01"}, "a": 1}'
    given = ["--input-json", marks, "--session-state", marks, "--metadata", marks, "--dependencies", marks]
    command = ["run", "subject", "--run-id", f"{bench.task_queue}-1", *given, "--additional-data", marks]
    async with remote.of(subject()) as far:
        assert (await cli.json(*command))["content"] == (await far.json(*command))["content"]


@pytest.mark.parametrize("option", ["--session-state", "--metadata", "--additional-data", "--dependencies"])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "cannot be parsed"),
        ('{"a": NaN}', "cannot be parsed"),
        ('{"a": "\\ud800"}', "cannot be parsed"),
        ("[1]", "is a JSON object, such as '{\"ticket\": 7}', and not '[1]'"),
        ("null", "is a JSON object"),
        ("ticket=7", "cannot be parsed"),
        ("", "It is empty"),
    ],
)
async def test_what_is_no_object_is_wrong_usage_and_starts_nothing(
    cli: Cli, bench: Bench, option: str, given: str, said: str
) -> None:
    run_id = f"{bench.task_queue}-1"
    refusal = await cli.refused(2, "run", "subject", "--run-id", run_id, option, given)

    assert option in refusal
    assert said in refusal
    assert "There is no run" in await cli.refused(4, "show", run_id)


async def test_what_is_nested_too_deeply_is_wrong_usage(cli: Cli) -> None:
    deep = '{"a": ' * 250 + "1" + "}" * 250
    assert "nested more than 200 levels deep. Pass a flat list" in await cli.refused(2, "run", "x", "--metadata", deep)
