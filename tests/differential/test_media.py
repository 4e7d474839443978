"""Media: from the input and from steps, through steps and containers, to the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.media import Audio, File, Image, Video
from agno.workflow import Condition, Loop, Parallel, Router, Steps

from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

MEDIA: dict[str, dict[str, Any]] = {
    "images": {"images": [Image(id="i", url="https://example.org/i.png", alt_text="i")]},
    "videos": {"videos": [Video(id="v", content=b"\x00\x01")]},
    "audio": {"audio": [Audio(id="a", url="https://example.org/a.mp3", transcript="said")]},
    "files": {"files": [File(id="f", content=b"plain", mime_type="text/plain", filename="f.txt")]},
    "images and files": {
        "images": [Image(id="i", url="https://example.org/i.png"), Image(id="j", content=b"\x89PNG\xff")],
        "files": [File(id="f", url="https://example.org/f.pdf")],
    },
}


def draws(name: str) -> Any:
    return says(name, images=[Image(id=f"{name}-image", url=f"https://example.org/{name}.png")])


CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "Steps": lambda steps: Steps(name="c", steps=steps),
    "Loop": lambda steps: Loop(name="c", steps=steps, max_iterations=2),
    "forwarding Loop": lambda steps: Loop(name="c", steps=steps[:1], max_iterations=2, forward_iteration_output=True),
    "Condition": lambda steps: Condition(name="c", evaluator=True, steps=steps),
    "Router": lambda steps: Router(name="c", choices=steps, selector=lambda step_input, step_choices: step_choices),
    "Parallel": lambda steps: Parallel(*steps, name="c"),
    "Parallel in Steps": lambda steps: Steps(name="c", steps=[Parallel(*steps, name="d"), tells("e")]),
    "Steps in Parallel": lambda steps: Parallel(Steps(name="d", steps=steps), tells("e"), name="c"),
}


@pytest.mark.parametrize("media", MEDIA.values(), ids=MEDIA)
async def test_media_of_the_input(oracle: Oracle, media: dict[str, Any]) -> None:
    await oracle.agrees(lambda: flow(tells("a"), agent("Ann"), tells("b")), "look", **media)


@pytest.mark.parametrize("media", MEDIA.values(), ids=MEDIA)
async def test_media_of_a_step(oracle: Oracle, media: dict[str, Any]) -> None:
    await oracle.agrees(lambda: flow(says("a", **media), tells("b"), says("c"), tells("d")))


@pytest.mark.parametrize("given", [True, False], ids=["with media in the input", "without"])
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_media_of_steps_in_a_container(oracle: Oracle, container: Any, given: bool) -> None:
    await oracle.agrees(
        lambda: flow(draws("x"), container([draws("a"), tells("b"), draws("d")]), tells("e")),
        **MEDIA["images"] if given else {},
    )


async def test_media_of_two_steps_stand_in_order(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(draws("a"), draws("b"), tells("c")), **MEDIA["images"])


async def test_media_of_a_step_that_stops(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(says("a", images=[Image(id="i", url="https://example.org/i.png")], stop=True), says("b"))
    )


@pytest.mark.parametrize("empty", [[], None], ids=repr)
async def test_no_media_in_the_input(oracle: Oracle, empty: Any) -> None:
    await oracle.agrees(lambda: flow(tells("a"), draws("b"), tells("c")), images=empty, files=empty)
