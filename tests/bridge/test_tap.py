"""How much of what an executor says is kept: all of it first, then pieces joined, and at last only how it ended."""

from __future__ import annotations

import json

import pytest
from agno.models.message import Citations
from agno.run.agent import ModelRequestStartedEvent, RunCompletedEvent, RunContentEvent
from agno.workflow.types import StepProgress

from agno_temporal.agno_bridge import tap as taps
from agno_temporal.agno_bridge.executor_events import Reader
from agno_temporal.agno_bridge.tap import Tap


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taps, "FREELY", 1_000)
    monkeypatch.setattr(taps, "AT_MOST", 2_000)


def kept(tap: Tap) -> list[tuple[str, object]]:
    reader = Reader()
    return [(event.event, event.content) for event in map(reader.read, tap.close())]


def test_pieces_are_kept_one_by_one_and_then_joined() -> None:
    tap = Tap("step '0'", stream_events=True)
    for index in range(60):
        tap.take(RunContentEvent(run_id="r", content=f"{index:03} ", created_at=1))
    events = kept(tap)
    assert "".join(str(content) for _, content in events) == "".join(f"{index:03} " for index in range(60))
    assert len(events) < 60
    assert len(str(events[-1][1])) > 4


def test_what_comes_between_pieces_keeps_its_place() -> None:
    tap = Tap("step '0'", stream_events=True)
    tap.take(RunContentEvent(run_id="r", content="x" * 1_000))
    for text in ("a", "b"):
        tap.take(RunContentEvent(run_id="r", content=text))
    tap.take(ModelRequestStartedEvent(run_id="r", model="m"))
    tap.take(RunContentEvent(run_id="r", content="c"))
    assert [(name, content) for name, content in kept(tap)][1:] == [
        ("RunContent", "ab"),
        ("ModelRequestStarted", None),
        ("RunContent", "c"),
    ]


def test_pieces_of_two_runs_are_not_joined() -> None:
    tap = Tap("step '0'", stream_events=True)
    tap.take(RunContentEvent(run_id="r", content="x" * 1_000))
    tap.take(RunContentEvent(run_id="r", content="a"))
    tap.take(RunContentEvent(run_id="other", content="b"))
    assert [content for _, content in kept(tap)][1:] == ["a", "b"]


def test_what_a_piece_brings_beside_its_text_is_kept() -> None:
    tap = Tap("step '0'", stream_events=True)
    tap.take(RunContentEvent(run_id="r", content="x" * 1_000))
    for index in range(2):
        tap.take(RunContentEvent(run_id="r", content="", reasoning_content=f"because {index} "))
    for content, source in (("a", None), ("b", None), ("c", "ants.org"), ("d", None)):
        citations = Citations(raw=source) if source else None
        tap.take(RunContentEvent(run_id="r", content=content, citations=citations))
    events = list(map(Reader().read, tap.close()))[1:]
    assert [(one.content, one.reasoning_content, one.citations and one.citations.raw) for one in events] == [
        ("", "because 0 because 1 ", None),
        ("ab", None, None),
        ("c", None, "ants.org"),
        ("d", None, None),
    ]


def test_a_text_without_end_is_cut_at_the_bound() -> None:
    tap = Tap("step '0'", stream_events=True)
    for _ in range(1_000):
        tap.take(RunContentEvent(run_id="r", content="é" * 10))
    tap.take(RunCompletedEvent(run_id="r", content="done"))
    assert kept(tap)[-1] == ("RunCompleted", "done")
    assert len(json.dumps(tap.events)) < 3_000


def test_beyond_the_bound_only_the_end_is_kept() -> None:
    tap = Tap("step '0'", stream_events=True)
    for letter in "xyz":
        tap.take(RunContentEvent(run_id="r", content=letter * 1_000))
        tap.take(ModelRequestStartedEvent(run_id="r", model="m"))
    tap.take(RunCompletedEvent(run_id="r", content="done"))
    events = kept(tap)
    assert events[-1] == ("RunCompleted", "done")
    assert len(events) < 7
    assert len(json.dumps(tap.events)) < 4_000


def test_ends_only_keeps_how_runs_ended() -> None:
    tap = Tap("step '0'", stream_events=True, ends_only=True)
    tap.take(RunContentEvent(run_id="r", content="x"))
    tap.take(RunCompletedEvent(run_id="r", content="done"))
    assert [name for name, _ in kept(tap)] == ["RunCompleted"]


@pytest.mark.parametrize("stream_events", [True, False])
def test_progress_is_an_event_where_all_are_wanted(stream_events: bool) -> None:
    tap = Tap("step '0'", stream_events=stream_events)
    tap.take(StepProgress(content="half"))
    assert [name for name, _ in kept(tap)] == (["StepProgress"] if stream_events else [])


def test_what_is_no_event_is_not_noted() -> None:
    tap = Tap("step '0'", stream_events=True)
    tap.take("a piece of a generator's text")
    assert kept(tap) == []
