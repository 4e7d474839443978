"""A misspelt setting of encryption or external storage is refused: else runs are in plain, and nothing shows it."""

from __future__ import annotations

import base64
import os

import pytest

from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.settings import Settings

KEY = f"one={base64.b64encode(os.urandom(32)).decode()}"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AGNO_TEMPORAL_ENCRYPTION_KEY", "AGNO_TEMPORAL_ENCRYPTION_KEYS"),
        ("AGNO_TEMPORAL_ENCRYPT_KEYS", "AGNO_TEMPORAL_ENCRYPTION_KEYS"),
        ("AGNO_TEMPORAL_EXTERNAL_STORE", "AGNO_TEMPORAL_EXTERNAL_STORAGE, "),
        ("AGNO_TEMPORAL_EXTERNAL_STORAGE_TRESHOLD", "AGNO_TEMPORAL_EXTERNAL_STORAGE_THRESHOLD"),
    ],
)
def test_a_misspelt_name_is_refused_with_those_that_there_are_and_without_its_value(name: str, meant: str) -> None:
    with pytest.raises(BadSetting, match=f"{name} is no setting. Those there are: .*{meant}") as refused:
        data_converter_from_environment(environment={name: KEY})
    assert KEY not in str(refused.value)


def test_a_service_of_kubernetes_of_such_a_name_is_none() -> None:
    link = {"AGNO_TEMPORAL_EXTERNAL_SERVICE_HOST": "10.0.0.1", "AGNO_TEMPORAL_EXTERNAL_PORT": "tcp://10.0.0.1:80"}
    assert data_converter_from_environment(environment=link).external_storage is None


def test_one_that_is_empty_is_as_good_as_none() -> None:
    names = ("ENCRYPTION_KEYS", "EXTERNAL_STORAGE", "EXTERNAL_STORAGE_THRESHOLD")
    empty = data_converter_from_environment(environment={f"AGNO_TEMPORAL_{name}": "" for name in names})
    assert (empty.payload_codec, empty.external_storage) == (None, None)


async def test_nobody_connects_with_a_misspelt_one(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGNO_TEMPORAL_ENCRYPTION_KEY", KEY)
    with pytest.raises(BadSetting, match="AGNO_TEMPORAL_ENCRYPTION_KEY is no setting"):
        await Settings(address=server).connect()
