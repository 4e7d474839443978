"""Endpoints as a deployer configures them. What is wrong refuses to start: a webhook is noticed when it is missing.

Histories know an endpoint by its name alone. Its URL and its secrets are looked up when something is sent, so that both
may change under deliveries that are being tried, and an endpoint that is taken away ends its own.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from agno_temporal.contract.notices import Audience, Lead, Listener, NoticeType
from agno_temporal.webhooks.targets import Network, TargetRefused, check

if TYPE_CHECKING:
    import httpx  # Where it is used: a third of the time that importing this package adds, for who has no webhooks.

EVENTS = tuple(one.value for one in NoticeType)
"""Everything that can be told."""

MAX_TIMEOUT = 45.0
"""Seconds. Temporal takes an attempt for lost a little later (`workflows.delivery.ATTEMPT`)."""

DELAYS = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds between attempts, as the specification of Standard Webhooks proposes; the last is repeated."""

LONGEST = timedelta(days=28)
"""Temporal ends a delivery a little later (`activities.handing_over.LONGEST`)."""

SECRET_BYTES = range(24, 65)
"""As the specification says."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class WebhookError(ValueError):
    """A webhook cannot be used as it is configured. The message names it, and says what to do."""


@dataclass(frozen=True)
class Webhook:
    """An endpoint that is told what happens in runs.

    Args:
        name: What histories call it. Another name is another endpoint.
        url: Where to post; https, unless `allow_http` says otherwise.
        secret: Of Standard Webhooks, such as ``whsec_...``. Of several, each signs: put the new one first, and take the
            old one away when the receiver no longer needs it.
        events: What it is told; everything by default.
        workflows: The ids of the workflows whose runs it is told of; all by default.
        allow_networks: Networks that it may be in although they are not public, such as ``10.1.0.0/16``.
        allow_http: Let the URL be ``http:``. What is sent is signed, and readable by everybody on the way.
        timeout: Seconds until an attempt without an answer has failed.

    Raises:
        WebhookError: It cannot be used like this.
    """

    name: str
    url: str = field(repr=False)
    secret: str | Sequence[str] = field(repr=False)
    events: Sequence[str] = EVENTS
    workflows: Sequence[str] | None = None
    allow_networks: Sequence[str] = ()
    allow_http: bool = False
    timeout: float = 15.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(str(self.name)):
            raise WebhookError(f"Webhook {self.name!r}: a name is 1 to 64 letters, digits, '-' and '_'.")
        self._check_library()
        self._check_secrets()
        self._check_events()
        self._check_url()
        if not 0 < self.timeout <= MAX_TIMEOUT:
            raise self._wrong(f"timeout={self.timeout!r} is not between 0 and {MAX_TIMEOUT:.0f} seconds.")

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret,) if isinstance(self.secret, str) else tuple(self.secret)

    @cached_property
    def target(self) -> httpx.URL:
        import httpx

        return httpx.URL(self.url)

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        return tuple(ip_network(one) for one in self.allow_networks)

    @cached_property
    def certificates(self) -> ssl.SSLContext:
        """Those that are trusted; ``SSL_CERT_FILE`` names a bundle of one's own."""
        import httpx

        return httpx.create_ssl_context()

    def hears(self, workflow_id: str) -> bool:
        return self.workflows is None or workflow_id in self.workflows

    def _check_library(self) -> None:
        try:
            import standardwebhooks  # noqa: F401
        except ImportError as error:
            raise WebhookError(
                "Webhooks are signed with standardwebhooks: pip install 'agno-temporal[webhooks]'"
            ) from error

    def _check_secrets(self) -> None:
        if not self.secrets:
            raise self._wrong("it has no secret.")
        for secret in self.secrets:
            try:
                size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
            except (binascii.Error, AttributeError, ValueError):
                size = 0
            if size not in SECRET_BYTES:
                raise self._wrong(
                    "a secret is 'whsec_' and the base64 of 24 to 64 random bytes, such as "
                    "`python -c \"import base64, os; print('whsec_' + base64.b64encode(os.urandom(32)).decode())\"` "
                    "prints."
                )

    def _check_events(self) -> None:
        for option in ("events", "workflows", "allow_networks"):
            given = getattr(self, option)
            texts = isinstance(given, Sequence) and all(isinstance(one, str) for one in given)
            if isinstance(given, str) or not (texts or (option == "workflows" and given is None)):
                raise self._wrong(f"{option} is a list of texts.")
        if not isinstance(self.allow_http, bool):
            raise self._wrong(f"allow_http={self.allow_http!r} is neither true nor false.")
        for option in ("events", "workflows"):
            if (given := getattr(self, option)) is not None and not given:
                raise self._wrong(f"{option} is empty; leave it out for all {option}, or remove the webhook.")
        if unknown := [one for one in self.events if one not in EVENTS]:
            raise self._wrong(f"events has {unknown[0]!r}, which is none of {', '.join(EVENTS)}.")

    def _check_url(self) -> None:
        import httpx

        try:
            url, networks = self.target, self.networks
            host = url.host  # Raises where it is to be punycode and is none.
            url.raw_host.decode().encode("idna")
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise self._wrong(f"{error}.") from error
        if url.scheme == "http" and not self.allow_http:
            raise self._wrong("its URL is not https. allow_http=True allows it.")
        if url.scheme not in ("https", "http") or not host:
            raise self._wrong("its URL is no absolute https URL.")
        if url.port is not None and not 0 < url.port < 65536:
            raise self._wrong(f"its URL has port {url.port}.")
        if url.userinfo or url.fragment:
            raise self._wrong("its URL has a user, a password or a fragment. The signature says who sends.")
        try:
            check(ip_address(host), networks)
        except TargetRefused as error:
            raise self._wrong(str(error)) from error
        except ValueError:
            pass  # A name: its addresses are checked whenever it is connected to.

    def _wrong(self, why: str) -> WebhookError:
        return WebhookError(f"Webhook {self.name!r}: {why}")


@dataclass(frozen=True)
class Webhooks:
    """All endpoints of a worker, and how they are tried.

    Args:
        endpoints: An empty list ends what is still to be delivered to endpoints that are gone.
        remind_before: When to remind of an open question: so long before its deadline, or when this share of its time
            is left (0.25 is the last quarter); several times, if several are given. A question that had less time from
            the start is not reminded of.
        delays: Seconds between attempts; the last is repeated.
        retry_for: How long a notice is tried.
        look_for: How long an endpoint is looked for that this worker does not know, from when one first missed it:
            while a new configuration is being deployed, other workers know it already, or still.

    Raises:
        WebhookError: They cannot be used like this.
    """

    endpoints: Sequence[Webhook]
    remind_before: timedelta | float | Sequence[timedelta | float] = 0.25
    delays: Sequence[float] = DELAYS
    retry_for: timedelta = timedelta(days=5)
    look_for: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        names = [one.name for one in self.endpoints]
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise WebhookError(f"Two webhooks are called {twice[0]!r}. Give each its own name.")
        delays: Any = self.delays
        numbers = isinstance(delays, Sequence) and all(isinstance(one, int | float) for one in delays)
        if not numbers or not delays or not all(0 < one <= LONGEST.total_seconds() for one in delays):
            raise WebhookError(
                f"delays has to be one or more numbers of seconds above 0, of up to {LONGEST.days} days."
            )
        for option in ("retry_for", "look_for"):
            if not timedelta(0) <= getattr(self, option) <= LONGEST:
                raise WebhookError(f"{option}={getattr(self, option)} is not between 0 and {LONGEST.days} days.")
        _ = self.leads

    @cached_property
    def leads(self) -> tuple[Lead, ...]:
        given = self.remind_before
        return tuple(map(_lead, [given] if isinstance(given, timedelta | float | int) else given))

    def get(self, name: str) -> Webhook | None:
        return next((one for one in self.endpoints if one.name == name), None)

    def audience(self, workflow_id: str) -> Audience | None:
        """Whom a new run of this workflow tells what."""
        listeners = tuple(Listener(one.name, tuple(one.events)) for one in self.endpoints if one.hears(workflow_id))
        return Audience(listeners, self.leads, by_run=True) if listeners else None

    def refuse_unknown(self, workflows: Sequence[str]) -> None:
        """
        Raises:
            WebhookError: A webhook is for a workflow that is not there.
        """
        for one in self.endpoints:
            if unknown := [name for name in one.workflows or () if name not in workflows]:
                raise WebhookError(
                    f"Webhook {one.name!r}: workflows has {unknown[0]!r}, which is not registered; registered are "
                    f"{', '.join(workflows) or 'none'}. Use the workflow's id."
                )


def _lead(given: timedelta | float) -> Lead:
    if isinstance(given, timedelta) and given > timedelta(0):
        return Lead(seconds=given.total_seconds())
    if isinstance(given, float) and 0 < given < 1:
        return Lead(share=given)
    raise WebhookError(
        f"remind_before={given!r} is neither a timedelta above 0 nor a share of the time between 0 and 1, such as 0.25."
    )
