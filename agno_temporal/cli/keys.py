"""Commands for API keys: `keys create`, `keys list` and `keys revoke`.

A key is printed once, alone on stdout, so that a script can put it where it belongs and no terminal has to show it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agno_temporal.cli.empty_texts import Command
from agno_temporal.cli.exits import ExitCode, Failed, as_exit_codes, tell
from agno_temporal.cli.options import AsJson
from agno_temporal.cli.stdout import ours, put_aside

if TYPE_CHECKING:
    from agno_temporal.api.key_stores import KeyStore
    from agno_temporal.api.keys import ApiKey

T = TypeVar("T")

keys = typer.Typer(name="keys", help="Make, list and revoke keys to the API.", no_args_is_help=True)

Store = Annotated[
    str | None,
    typer.Option(help='A directory, or "database" with --app (AGNO_TEMPORAL_API_KEY_STORE).'),
]
App = Annotated[list[str] | None, typer.Option(metavar="APP", help="Whose database has the keys: as for `worker`.")]

_UNITS = {"m": 60, "h": 3600, "d": 86400}


@keys.command(cls=Command)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will call: decisions are shown as key:NAME.")],
    scope: Annotated[list[str], typer.Option(help="read, run, decide or admin; may be repeated.")],
    user: Annotated[str | None, typer.Option(help="Whose runs it has, where users are isolated.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="TIME", help="Ends after 30m, 12h, 90d; else never.")] = None,
    store: Store = None,
    app: App = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is printed now, and never again."""
    with as_exit_codes(), put_aside():
        from agno_temporal.api.keys import new_key
        from agno_temporal.cli.console import print_json

        now = time.time()
        place = _store(store, app)
        known = _known(place)
        ends = None if expires is None else now + _seconds(expires)
        key, token = new_key(name, _scopes(scope), now, user_id=user, expires_at=ends, known=known)
        _done(place.add(key))
        if as_json:
            print_json({"key": token, **_document(key, now)})
            return
        print(token, file=ours())
        tell(f"This is key {key.id} of {name}. Keep it: it is not shown again.")


@keys.command("list", cls=Command)
def list_keys(store: Store = None, app: App = None, as_json: AsJson = False) -> None:
    """List keys, those that have ended too."""
    with as_exit_codes(), put_aside():
        from agno_temporal.cli.console import print_json

        now = time.time()
        found = _done(_store(store, app).load())
        if as_json:
            print_json({"keys": [_document(key, now) for key in found]})
            return
        _draw(found, now)


@keys.command(cls=Command)
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, which `keys list` shows.")],
    store: Store = None,
    app: App = None,
    as_json: AsJson = False,
) -> None:
    """End a key, for good. Servers know within seconds."""
    with as_exit_codes(), put_aside():
        from agno_temporal.cli.console import print_json

        place = _store(store, app)
        if key_id not in {key.id for key in _done(place.load())}:
            raise Failed(f"There is no key {key_id!r}. `agno-temporal keys list` shows the ids.", ExitCode.NOT_FOUND)
        _done(place.revoke(key_id))
        [key] = [one for one in _done(place.load()) if one.id == key_id]
        if as_json:
            print_json(_document(key, time.time()))
            return
        tell(f"Key {key.id} of {key.name} is revoked.")


def _draw(found: list[ApiKey], now: float) -> None:
    from rich.text import Text

    from agno_temporal.cli.console import draw, plain_table, text

    if not found:
        draw(Text("No keys."))
        return
    table = plain_table("ID", "NAME", "SCOPES", "USER", "STATE", "ENDS", "LAST USED")
    table.columns[0].min_width = 12
    for key in found:
        state = key.state(now)
        colour = "green" if state == "live" else "red"
        ends, used = _day(key.expires_at), _day(key.last_used_at)
        scopes = " ".join(sorted(key.scopes))
        table.add_row(key.id, text(key.name), scopes, text(key.user_id or ""), Text(state, colour), ends, used)
    draw(table)


def _store(place: str | None, apps: list[str] | None) -> KeyStore:
    import os

    from agno_temporal.api.key_stores import DATABASE, VARIABLE, store_at

    place = place or os.environ.get(VARIABLE) or (DATABASE if apps else None)
    if place is None:
        raise Failed(f"Say where keys are: --store DIRECTORY, --app APP, or {VARIABLE}.", ExitCode.USAGE)
    if place != DATABASE:
        return store_at(place, None)
    if not apps:
        raise Failed("Keys in the database need --app: it is that of the workflows.", ExitCode.USAGE)
    from agno_temporal.api.service import shared_database
    from agno_temporal.connect.loading import load_workflows

    databases = {str(one.id or one.name): one.db for one in load_workflows(apps)}
    return store_at(place, shared_database(databases))


def _known(store: KeyStore) -> list[ApiKey]:
    """The keys beside a new one, which may be the first."""
    from agno_temporal.api.key_stores import NoDirectory

    try:
        return _done(store.load())
    except NoDirectory:
        return []


def _done(work: Coroutine[Any, Any, T]) -> T:
    from agno_temporal.connect.loops import call

    return call(work, "the store's method")


def _scopes(said: list[str]) -> list[Any]:
    from agno_temporal.api.principals import Scope

    words = [word for one in said for word in one.replace(",", " ").split()]
    if unknown := [word for word in words if word not in set(Scope)]:
        raise Failed(f"{unknown[0]!r} is no scope. Scopes are {', '.join(Scope)}.", ExitCode.USAGE)
    return [Scope(word) for word in words]


def _seconds(said: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", said)
    if found is None:
        raise Failed(f"--expires {said!r} is no time. Say 30m, 12h or 90d.", ExitCode.USAGE)
    return int(found[1]) * _UNITS[found[2]]


def _document(key: ApiKey, now: float) -> dict[str, Any]:
    """All that is kept of a key but its digest."""
    from agno_temporal.contract.moments import moment

    def at(seconds: int | None) -> str | None:
        return None if seconds is None else moment(seconds)

    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "user_id": key.user_id,
        "state": key.state(now),
        "created_at": at(key.created_at),
        "expires_at": at(key.expires_at),
        "revoked_at": at(key.revoked_at),
        "last_used_at": at(key.last_used_at),
    }


def _day(seconds: int | None) -> str:
    return "" if seconds is None else time.strftime("%Y-%m-%d", time.gmtime(seconds))
