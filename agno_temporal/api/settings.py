"""Settings of the API, from the environment: who may call, from where, and how often.

A wrong value refuses to start, and so does a name that is none (`connect.misspelt`).
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, TypeVar

from agno_temporal.api.access import Access, Limited
from agno_temporal.api.addresses import Network
from agno_temporal.api.credentials import Credentials
from agno_temporal.api.key_ring import KeyRing
from agno_temporal.api.key_sets import key_set
from agno_temporal.api.key_stores import KeyDirectory, KeyStore, NoDirectory, store_at
from agno_temporal.api.local import Open
from agno_temporal.api.origins import refuse_unsent
from agno_temporal.api.principals import Scope
from agno_temporal.api.rates import Rate
from agno_temporal.api.streams import MOST
from agno_temporal.api.tokens import TokenRules, Tokens
from agno_temporal.connect.misspelt import settings_of
from agno_temporal.connect.settings import BadSetting

T = TypeVar("T")

logger = logging.getLogger("agno_temporal.api")

VARIABLES = "AGNO_TEMPORAL_API_"

CALLERS = (f"{VARIABLES}URL", f"{VARIABLES}KEY")
"""Names of the same beginning that a caller of an API has: the command line's."""

OF_TOKENS = ("jwt_algorithms", "jwt_leeway", "jwt_user_claim", "jwt_scopes")
"""Settings that say which tokens are taken, and do nothing where none are."""


def _setting(read: Callable[[str], Any], default: Any) -> Any:
    return field(default=default, metadata={"read": read})


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _yes(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
        raise ValueError("it is neither true nor false")
    return text.lower() in ("true", "1", "yes")


def _origins(text: str) -> tuple[str, ...]:
    refuse_unsent(_words(text))
    return _words(text)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(word) for word in _words(text))


def _grants(text: str) -> tuple[tuple[str, Scope], ...]:
    pairs = [word.rpartition("=") for word in _words(text)]
    if not all(said for said, _, _ in pairs):
        raise ValueError("it should be word=scope, word=scope")
    granted = tuple((said.strip(), Scope(scope.strip())) for said, _, scope in pairs)
    if len(dict(granted)) < len(granted):
        raise ValueError("a word stands there twice, and can allow one scope")
    return granted


def _number(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise ValueError("it is not between 0 and a million")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise ValueError("it is not between 0 and an hour")
    return seconds


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    """Each is read from ``AGNO_TEMPORAL_API_`` and its name in capitals; lists have commas between.

    Attributes:
        key_store: Where API keys are: ``database`` for that of the workflows, or a directory. None takes no keys.
        jwt_issuer: Who signs bearer tokens (`iss`). None takes no tokens; with it, the next two are needed.
        jwt_audience: Whom tokens must be for (`aud`): one of these.
        jwt_keys: The issuer's public keys (JWKS): a URL with https, or a file.
        jwt_algorithms: Signatures that are taken.
        jwt_leeway: Seconds that clocks may differ.
        jwt_user_claim: The claim that says whose runs the bearer's are.
        jwt_scopes: What the issuer's words allow, as ``approver=decide,staff=admin``. None takes the scopes' own names.
        isolation: Whether users see and start their own runs only.
        cors_origins: Pages of other sites that may call from a browser.
        trusted_proxies: Networks whose ``X-Forwarded-For`` is believed.
        open_metrics: Whether the metrics are read without credentials.
        codec: Whether Temporal's user interface and command line may have encrypted payloads opened here.
        rate, burst: Requests of one caller, in a second and at once. Only with keys or tokens.
        streams: Streams of events that one caller may have open at once.
        drain: Seconds for which a server that is told to stop says that it is not ready, and goes on.
    """

    key_store: str | None = _setting(str, None)
    jwt_issuer: str | None = _setting(str, None)
    jwt_audience: tuple[str, ...] = _setting(_words, ())
    jwt_keys: str | None = _setting(str, None)
    jwt_algorithms: tuple[str, ...] = _setting(_words, ("RS256", "ES256", "EdDSA"))
    jwt_leeway: float = _setting(_seconds, 30.0)
    jwt_user_claim: str = _setting(str, "sub")
    jwt_scopes: tuple[tuple[str, Scope], ...] | None = _setting(_grants, None)
    isolation: bool = _setting(_yes, False)
    cors_origins: tuple[str, ...] = _setting(_origins, ())
    trusted_proxies: tuple[Network, ...] = _setting(_networks, ())
    open_metrics: bool = _setting(_yes, False)
    codec: bool = _setting(_yes, False)
    rate: float = _setting(_number, 100.0)
    burst: int = _setting(int, 500)
    streams: int = _setting(int, MOST)
    drain: float = _setting(_seconds, 0.0)

    def __post_init__(self) -> None:
        """
        Raises:
            BadSetting: They do not go together.
        """
        tokens = {"JWT_ISSUER": self.jwt_issuer, "JWT_AUDIENCE": self.jwt_audience, "JWT_KEYS": self.jwt_keys}
        missing = [name for name, value in tokens.items() if not value]
        if 0 < len(missing) < len(tokens):
            raise BadSetting(f"{VARIABLES}{missing[0]} is missing: tokens need an issuer, an audience and keys.")
        if self.jwt_issuer is None and (idle := self._changed(*OF_TOKENS)):
            raise BadSetting(
                f"{VARIABLES}{idle[0].upper()} is of tokens, and none are taken. Set {VARIABLES}JWT_ISSUER."
            )
        if self.isolation and not self.is_guarded:
            raise BadSetting(f"{VARIABLES}ISOLATION needs keys or tokens: without them, nobody is anybody's user.")
        if self.burst < 1:
            raise BadSetting(f"{VARIABLES}BURST={self.burst} lets nobody in. It should be 1 or more.")
        if self.streams < 1:
            raise BadSetting(f"{VARIABLES}STREAMS={self.streams} lets nobody follow a run. It should be 1 or more.")

    def _changed(self, *names: str) -> list[str]:
        """Those of these settings that are not as they are by default."""
        return [one.name for one in fields(self) if one.name in names and getattr(self, one.name) != one.default]

    @property
    def is_guarded(self) -> bool:
        """Whether callers need credentials."""
        return self.key_store is not None or self.jwt_issuer is not None

    def access(self, db: Any) -> Access:
        """Who may call.

        Args:
            db: The database that the workflows share.

        Raises:
            BadSetting, CannotKeepKeys, BadKeySet: It cannot be told.
        """
        if not self.is_guarded:
            return Open(self.cors_origins)
        keys = None if self.key_store is None else KeyRing(_store(self.key_store, db))
        return Limited(
            Credentials(keys, self._tokens(), trusted=self.trusted_proxies),
            Rate(self.rate, self.burst),
        )

    def _tokens(self) -> Tokens | None:
        if self.jwt_issuer is None or self.jwt_keys is None:
            return None
        granted = {} if self.jwt_scopes is None else {"scopes": dict(self.jwt_scopes)}
        try:
            rules = TokenRules(
                self.jwt_issuer,
                self.jwt_audience,
                self.jwt_algorithms,
                timedelta(seconds=self.jwt_leeway),
                self.jwt_user_claim,
                **granted,
            )
        except (ValueError, OverflowError) as error:
            raise BadSetting(f"{VARIABLES}JWT_*: {error}") from error
        return Tokens(rules, key_set(self.jwt_keys))


def settings_from(environment: Mapping[str, str] = os.environ, **given: Any) -> ApiSettings:
    """The settings of the environment.

    Args:
        given: What goes before, by name; None leaves one to the environment.

    Raises:
        BadSetting: One of them is wrong, or is none.
    """
    known = {VARIABLES + one.name.upper(): one for one in fields(ApiSettings)}
    values = {
        known[variable].name: _read(variable, text.strip(), known[variable].metadata["read"])
        for variable, text in settings_of(environment, VARIABLES, known, CALLERS).items()
        if text.strip()
    }
    return ApiSettings(**{**values, **{name: value for name, value in given.items() if value is not None}})


def _store(place: str, db: Any) -> KeyStore:
    """The store of keys. A directory that is not there is told and no more: the first key may be made later.

    Raises:
        CannotKeepKeys: It cannot be read.
    """
    store = store_at(place, db)
    if isinstance(store, KeyDirectory):
        try:
            store.look()
        except NoDirectory as error:
            logger.warning("%s", error)
    return store


def _read(variable: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise BadSetting(f"{variable}={text!r} is wrong: {error}.") from error
