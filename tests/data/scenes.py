"""Benches whose clients and workers encrypt, or store large payloads elsewhere, and workflows for them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from agno.workflow import HumanReview, Step, Workflow
from temporalio.client import Client
from temporalio.converter import DataConverter, ExternalStorage

from agno_temporal.connect.blobs import FileStorage
from agno_temporal.connect.encryption import Keys
from agno_temporal.connect.opening import encrypted, heedful
from tests.support import Bench

OLD, NEW, OTHER = ({name: os.urandom(32)} for name in ("old", "new", "other"))


def converter(keys: dict[str, bytes], directory: Path | None = None, threshold: int = 256 * 1024) -> DataConverter:
    """One that encrypts with the first key, if there is any, and stores in files, if there is a directory."""
    made = encrypted(DataConverter.default, Keys(keys)) if keys else heedful(DataConverter.default)
    if directory is None:
        return made
    storage = ExternalStorage(drivers=[FileStorage(directory)], payload_size_threshold=threshold)
    return dataclasses.replace(made, external_storage=storage)


def converting(bench: Bench, made: DataConverter) -> Bench:
    """The same queue, seen through a data converter."""
    return Bench(Client(**{**bench.client.config(), "data_converter": made}), bench.task_queue)


def having(bench: Bench, keys: dict[str, bytes]) -> Bench:
    """The same queue, with these keys."""
    return converting(bench, converter(keys))


GATE = HumanReview(requires_confirmation=True)


def gated(**options: Any) -> Workflow:
    """Something is done, somebody is asked, and something else is done."""
    steps = [
        Step(name="first", executor=lambda _: "done first"),
        Step(name="gate", executor=lambda step_input: f"after {step_input.previous_step_content}", human_review=GATE),
    ]
    return Workflow(name="gated", steps=steps, **options)
