"""What stands in `.env` reaches the worker and the API. One that is passed over is not missed: runs are in plain, then,
and webhooks tell nobody."""

from __future__ import annotations

import re

import pytest

from agno_temporal.api.settings import ApiSettings, settings_from
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.versioning import deployment_from
from agno_temporal.webhooks.environment import webhooks_from_environment
from tests.deployment.compose import FILE, PASSWORDS, services
from tests.docs_blocks.pages import ROOT

OURS = ("worker", "api")

OF_A_CALLER = {"AGNO_TEMPORAL_API_URL", "AGNO_TEMPORAL_API_KEY"}

CELLS = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE)
SETTINGS = sorted({name for cell in CELLS for name in re.findall(r"`(AGNO_TEMPORAL_\w+)`", cell)} - OF_A_CALLER)


@pytest.mark.parametrize("name", OURS)
def test_all_of_the_file_reaches_it_where_there_is_one(name: str) -> None:
    assert services()[name]["env_file"] == [{"path": ".env", "required": False}]


@pytest.mark.parametrize("name", OURS)
def test_no_setting_of_the_file_is_overruled_but_those_of_a_caller(name: str) -> None:
    given = services({**PASSWORDS, **dict.fromkeys(SETTINGS, "as given")})[name]["environment"]
    ours = {variable: value for variable, value in given.items() if variable.startswith("AGNO_TEMPORAL_")}
    assert {variable for variable, value in ours.items() if value != "as given"} == OF_A_CALLER
    assert ours["AGNO_TEMPORAL_ENCRYPTION_KEYS"] == "as given"


@pytest.mark.parametrize("name", OURS)
def test_passwords_of_others_and_what_a_caller_of_the_api_needs_do_not_reach_it(name: str) -> None:
    environment = services()[name]["environment"]
    assert {environment[variable] for variable in (*PASSWORDS, *OF_A_CALLER)} == {""}


def test_a_setting_that_is_empty_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = dict.fromkeys((*SETTINGS, "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"), "")
    for variable in empty:
        monkeypatch.setenv(variable, "")
    assert settings_from(empty) == ApiSettings()
    assert (webhooks_from_environment(empty), deployment_from()) == (None, None)
    converter = data_converter_from_environment(environment=empty)
    assert (converter.payload_codec, converter.external_storage) == (None, None)


def test_the_image_has_what_the_settings_need() -> None:
    [default] = re.findall(r"^ARG EXTRAS=(.+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert {"api", "encryption", "postgres", "webhooks"} <= set(default.split(","))
    assert f"EXTRAS: ${{EXTRAS:-{default}}}" in FILE.read_text()
    assert f"#EXTRAS={default}\n" in (ROOT / ".env.example").read_text()
