"""Media in a start: agno's own objects for the steps, and no file of a worker's machine."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from agno.media import Audio, File, Image, Video
from agno.workflow import Step, StepInput, Workflow

from tests.api.served import Served, problem, served, some_id
from tests.support import Bench

PIXELS = b"\x89PNG\xff\x00"
GIVEN: dict[str, list[dict[str, Any]]] = {
    "images": [
        {"url": "https://example.org/a.png", "id": "a", "detail": "low", "alt_text": "A cat", "metadata": {"page": 1}},
        {"content": b64encode(PIXELS).decode(), "id": "b", "mime_type": "image/png", "format": "png"},
    ],
    "videos": [{"content": b64encode(PIXELS).decode(), "id": "v", "duration": 1.5, "width": 640, "height": 480}],
    "audio": [{"content": b64encode(PIXELS).decode(), "id": "s", "format": "wav", "duration": 2, "sample_rate": 8000}],
    "files": [
        {"content": b64encode(b"# v2\n").decode(), "id": "f", "mime_type": "text/markdown", "filename": "notes.md"},
        {"url": "https://example.org/f.pdf", "id": "g", "name": "plan", "size": 12, "citations": True},
    ],
}
MADE: dict[str, list[Any]] = {
    "images": [
        Image(url="https://example.org/a.png", id="a", detail="low", alt_text="A cat", metadata={"page": 1}),
        Image(content=PIXELS, id="b", mime_type="image/png", format="png"),
    ],
    "videos": [Video(content=PIXELS, id="v", duration=1.5, width=640, height=480)],
    "audio": [Audio(content=PIXELS, id="s", format="wav", duration=2, sample_rate=8000)],
    "files": [
        File(content=b"# v2\n", id="f", mime_type="text/markdown", filename="notes.md"),
        File(url="https://example.org/f.pdf", id="g", name="plan", size=12, citations=True),
    ],
}


class Looker:
    """A workflow, and the media that its only step was given."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.workflow = Workflow(name="look", steps=[Step(name="look", executor=self._look)])

    def _look(self, step_input: StepInput) -> str:
        self.seen = {kind: getattr(step_input, kind) for kind in GIVEN}
        return "seen"


@pytest.fixture
def looker() -> Looker:
    return Looker()


@pytest.fixture
async def api(bench: Bench, looker: Looker) -> AsyncIterator[Served]:
    async with served(bench, looker.workflow) as one:
        yield one


async def test_a_step_is_given_agnos_own_objects(api: Served, looker: Looker) -> None:
    await api.start("look", **GIVEN)

    assert looker.seen == MADE


async def test_the_run_has_its_media(api: Served) -> None:
    run_id = await api.start("look", **GIVEN)
    output = await api.get(f"/v1/runs/{run_id}/output")

    assert [one["id"] for one in output["images"]] == ["a", "b"]


async def test_the_same_media_again_are_the_same_request(api: Served) -> None:
    body = {"workflow_id": "look", "images": [{"content": b64encode(PIXELS).decode()}], "run_id": some_id("run")}
    first = await api.http.post("/v1/runs", json=body)
    again = await api.http.post("/v1/runs", json=body)

    assert (first.status_code, again.status_code) == (201, 200)


async def test_other_media_are_another_request(api: Served) -> None:
    key = {"Idempotency-Key": some_id("key")}
    body = {"workflow_id": "look", "images": [{"url": "https://example.org/a.png"}]}
    other = {"workflow_id": "look", "images": [{"url": "https://example.org/b.png"}]}
    assert (await api.http.post("/v1/runs", json=body, headers=key)).status_code == 201

    problem(await api.http.post("/v1/runs", json=other, headers=key), 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("media", "field", "says"),
    [
        ({"images": [{"filepath": "/etc/passwd"}]}, "images.0", "a file of the worker's machine"),
        ({"files": [{"url": "file:///etc/passwd"}]}, "files.0.url", "begins with one of http:, https:, data:"),
        ({"files": [{"url": "<URL:file:///etc/passwd>"}]}, "files.0.url", "begins with one of"),
        ({"images": [{"url": "https://[x"}]}, "images.0.url", "Invalid IPv6 URL"),
        ({"images": [{"media_reference": {"storage_key": "k"}}]}, "images.0.media_reference", "not permitted"),
        ({"files": [{"id": "f", "external": {}}]}, "files.0.external", "not permitted"),
        ({"audio": [{"id": "s"}]}, "audio.0", "one of url and content"),
        ({"videos": [{"url": "https://example.org/v", "content": "AA=="}]}, "videos.0", "not both"),
        ({"images": [{"content": "data:image/png;base64,AA=="}]}, "images.0.content", "no base64"),
        ({"images": [{"content": "AAA"}]}, "images.0.content", "no base64"),
        ({"images": [{"content": "é"}]}, "images.0.content", "no base64"),
        ({"images": [{"content": ""}]}, "images.0.content", "at least 1 character"),
        ({"images": [{"content": 7}]}, "images.0.content", "valid string"),
        ({"files": [{"content": "AA==", "mime_type": "image/png"}]}, "files.0.mime_type", "agno's File has no such"),
        ({"images": {"url": "https://example.org/a.png"}}, "images", "valid list"),
        ({"images": ["https://example.org/a.png"]}, "images.0", "valid dictionary"),
        ({"images": [{"url": "https://example.org/a.png"}] * 1_001}, "images", "at most 1000 items"),
    ],
)
async def test_what_is_no_medium_is_refused_with_its_place_and_starts_nothing(
    api: Served, media: dict[str, Any], field: str, says: str
) -> None:
    run_id = some_id("run")
    answer = await api.http.post("/v1/runs", json={"workflow_id": "look", "run_id": run_id, **media})

    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert (error["in"], error["field"]) == ("body", field)
    assert says in error["message"]
    problem(await api.http.get(f"/v1/runs/{run_id}"), 404, "run-not-found")


@pytest.mark.parametrize(
    ("size", "says"),
    [(1_500_000, "with its additional data and media, has 2.0 MB"), (2_000_000, "larger than 2500000 bytes")],
    ids=["for Temporal", "for the server"],
)
async def test_media_that_are_too_large_are_told_so(api: Served, size: int, says: str) -> None:
    run_id = some_id("run")
    body = {"workflow_id": "look", "run_id": run_id, "videos": [{"content": b64encode(bytes(size)).decode()}]}

    assert says in problem(await api.http.post("/v1/runs", json=body), 413, "request-too-large")["detail"]
    problem(await api.http.get(f"/v1/runs/{run_id}"), 404, "run-not-found")


async def test_media_that_just_fit_reach_the_step_and_the_reader(api: Served, looker: Looker) -> None:
    video = bytes(1_400_000)
    run_id = await api.start("look", videos=[{"content": b64encode(video).decode()}])

    assert looker.seen["videos"][0].content == video
    assert (await api.get(f"/v1/runs/{run_id}/output"))["status"] == "COMPLETED"
