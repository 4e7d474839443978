"""The example that drives agno's own loop over durable workflows: what it prints is what its reader sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agno_temporal import embedded
from agno_temporal.runtime import Embedded
from examples.content_pipeline import content_review, data_pipeline, parameter_form
from examples.durable_pipelines import drive


@pytest.fixture(scope="module")
def runtime() -> Iterator[Embedded]:
    with embedded() as runtime:
        yield runtime


def test_a_confirmed_step_of_the_data_pipeline_runs(runtime: Embedded) -> None:
    run = drive(runtime.durable(data_pipeline), "bees")
    assert run.content == "Saved: Process (Fetch (bees))"


def test_the_form_reaches_the_step_in_its_own_order(runtime: Embedded) -> None:
    run = drive(runtime.durable(parameter_form), "bees")
    assert run.content.endswith("with threshold: 0.8, mode: accurate, batch_size: 50)")


def test_the_draft_is_sent_back_once_and_then_edited(runtime: Embedded) -> None:
    run = drive(runtime.durable(content_review), "bees")
    assert run.content == "Published: Draft (Research (bees)), revised: shorter, please (checked by the editor)"
