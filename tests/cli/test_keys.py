"""Keys on the command line: shown once, listed without their secrets, ended for good."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

APP = """
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

db = SqliteDb(db_file={place!r})
release = Workflow(name="release", db=db, steps=[Step(name="ship", executor=lambda given: "shipped")])
"""


@pytest.fixture
def stored(cli: Cli, tmp_path: Path) -> Cli:
    (tmp_path / "keys").mkdir(mode=0o700)
    cli.environment["AGNO_TEMPORAL_API_KEY_STORE"] = str(tmp_path / "keys")
    return cli


async def test_a_key_stands_alone_on_stdout_and_is_never_seen_again(stored: Cli, tmp_path: Path):
    made = await stored("keys", "create", "ci", "--scope", "read", "--scope", "decide", "--user", "ana")
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"agt_[a-z2-7]{12}_[a-z2-7]{52}\n", made.stdout)
    assert "not shown again" in made.stderr
    secret = made.stdout.strip()[17:]
    for listed in (await stored.ok("keys", "list"), await stored.ok("keys", "list", "--json")):
        assert secret not in listed


async def test_the_list_fits_a_terminal(stored: Cli):
    for name in ("ci", "a-machine-with-a-name-of-many-letters"):
        await stored.ok("keys", "create", name, "--scope", "read run decide admin", "--user", "ana", "--expires", "90d")
    listed = await stored.ok("keys", "list")
    assert max(len(line) for line in listed.splitlines()) <= 80
    assert listed.count("live") == 2


async def test_a_key_as_json_has_all_but_its_digest(stored: Cli):
    made = await stored.json("keys", "create", "ci", "--scope", "run,read", "--expires", "12h")
    [listed] = (await stored.json("keys", "list"))["keys"]
    assert made == {"key": made["key"], **listed}
    assert (listed["name"], listed["scopes"], listed["state"]) == ("ci", ["read", "run"], "live")
    assert listed["expires_at"] > listed["created_at"]
    assert listed["last_used_at"] is None
    assert "digest" not in listed


async def test_a_key_is_revoked_and_stays_so(stored: Cli):
    made = await stored.json("keys", "create", "ci", "--scope", "read")
    assert (await stored.json("keys", "revoke", made["id"]))["state"] == "revoked"
    again = await stored.json("keys", "revoke", made["id"])
    assert "revoked" in await stored.ok("keys", "list")
    assert again["revoked_at"] is not None


async def test_keys_are_kept_in_the_database_of_an_app(cli: Cli, tmp_path: Path):
    app = tmp_path / f"app_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place=str(tmp_path / "agno.db")))
    made = await cli.json("keys", "create", "ci", "--scope", "read", "--app", str(app))
    assert [one["id"] for one in (await cli.json("keys", "list", "--app", str(app)))["keys"]] == [made["id"]]
    await cli.ok("keys", "revoke", made["id"], "--app", str(app))
    assert "revoked" in await cli.ok("keys", "list", "--app", str(app))


REFUSED = {
    ("create", "ci", "--scope", "everything"): "read, run, decide, admin",
    ("create", "a b", "--scope", "read"): "The name 'a b'",
    ("create", "ci", "--scope", "read", "--expires", "soon"): "30m, 12h or 90d",
    ("create", "ci", "--scope", "read", "--store", "database"): "--app",
}


@pytest.mark.parametrize("arguments", REFUSED)
async def test_a_key_that_makes_no_sense_is_not_made(stored: Cli, arguments: tuple[str, ...]):
    assert REFUSED[arguments] in await stored.refused(2, "keys", *arguments)
    assert await stored.json("keys", "list") == {"keys": []}


@pytest.mark.parametrize(("place", "is_not"), [("/proc/nope", "kept"), (__file__, "read")])
async def test_where_no_directory_can_be_no_key_is_made(cli: Cli, place: str, is_not: str):
    said = await cli.refused(2, "keys", "create", "ci", "--scope", "read", "--store", place)
    assert f"eys cannot be {is_not} in {place}" in said


@pytest.mark.parametrize("command", [("list",), ("revoke", "aaaaaaaaaaaa")], ids=lambda command: command[0])
async def test_a_store_that_is_not_there_is_not_one_without_keys(stored: Cli, tmp_path: Path, command: tuple[str, ...]):
    said = await stored.refused(2, "keys", *command, "--store", str(tmp_path / "kyes"))
    assert f"There is no directory {tmp_path / 'kyes'}" in said


async def test_an_unknown_key_cannot_be_revoked(stored: Cli):
    assert "keys list" in await stored.refused(4, "keys", "revoke", "aaaaaaaaaaaa")


async def test_where_keys_are_must_be_said(cli: Cli):
    assert "AGNO_TEMPORAL_API_KEY_STORE" in await cli.refused(2, "keys", "list")


async def test_the_server_takes_a_key_that_was_made_here(stored: Cli, tmp_path: Path):
    from agno_temporal.api.key_ring import KeyRing
    from agno_temporal.api.key_stores import KeyDirectory

    token = json.loads(await stored.ok("keys", "create", "ci", "--scope", "read", "--json"))["key"]
    key = await KeyRing(KeyDirectory(tmp_path / "keys")).key(token)
    assert key is not None
    assert key.principal.id == "key:ci"


async def test_an_api_without_credentials_does_not_listen_to_others(cli: Cli, tmp_path: Path):
    app = tmp_path / f"open_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place=str(tmp_path / "agno.db")))
    said = await cli.refused(2, "api", str(app), "--host", "0.0.0.0")
    assert "AGNO_TEMPORAL_API_KEY_STORE" in said
    assert "127.0.0.1" in said


async def test_a_misspelt_setting_does_not_start_an_api(cli: Cli, tmp_path: Path):
    app = tmp_path / f"misspelt_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place=str(tmp_path / "agno.db")))
    cli.environment["AGNO_TEMPORAL_API_JWT_ISUER"] = "https://issuer.example.org"
    assert "AGNO_TEMPORAL_API_JWT_ISUER" in await cli.refused(2, "api", str(app))


async def test_isolation_without_credentials_does_not_start_an_api(cli: Cli, tmp_path: Path):
    app = tmp_path / f"isolated_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place=str(tmp_path / "agno.db")))
    assert "ISOLATION needs keys" in await cli.refused(2, "api", str(app), "--isolation")


async def test_keys_in_a_database_that_there_is_not_do_not_start_an_api(cli: Cli, tmp_path: Path):
    app = tmp_path / f"bare_{tmp_path.name.replace('-', '_')}.py"
    app.write_text(APP.format(place="").replace("db=db, ", ""))
    assert "cannot be kept in no database" in await cli.refused(2, "api", str(app), "--key-store", "database")
