"""`doctor` says how this process writes data, which every other process has to do as well."""

from __future__ import annotations

from pathlib import Path

from temporalio.client import Client

from agno_temporal.cli.doctor import _data
from tests.data.scenes import NEW, OLD, converter


def with_converter(client: Client, keys: dict[str, bytes], directory: Path | None = None) -> Client:
    return Client(**{**client.config(), "data_converter": converter(keys, directory)})


async def test_it_names_the_keys_and_the_storage_and_shows_no_key(client: Client, tmp_path: Path) -> None:
    found = _data(with_converter(client, {**NEW, **OLD}, tmp_path))
    assert found.ok
    assert (
        found.said
        == f"It is encrypted with key 'new'; 'old' opens what is older. What is large is stored in {tmp_path}."
    )


async def test_where_there_is_no_key_it_says_that_data_is_written_in_plain(client: Client, tmp_path: Path) -> None:
    plain = _data(client)
    assert (plain.ok, plain.said) == (True, "It is written in plain: AGNO_TEMPORAL_ENCRYPTION_KEYS is not set.")
    assert "in plain" in _data(with_converter(client, {}, tmp_path)).said


async def test_a_storage_that_is_no_directory_is_no_storage(client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = _data(with_converter(client, {}, tmp_path / "file" / "blobs"))
    assert not found.ok
    assert "is no directory" in found.said
