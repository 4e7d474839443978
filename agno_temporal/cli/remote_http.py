"""Requests to a remote API, and what its answers mean for a command.

An API is reached over networks that lose answers. Whatever is asked here can be asked twice: a start has its run's id,
a decision its key. So what nobody answered is sent again, as it was, a few times; and then the command says whether
anything may have happened.

Certificates are verified, by the usual authorities or those that ``SSL_CERT_FILE`` names. The key goes to the address
that was named, and nowhere else: a redirect is told and not followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx

from agno_temporal.cli.backend import Document
from agno_temporal.cli.exits import ExitCode, Failed, Refused, Unknown, tell

PREFIX: Final = "/v1"

TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""The API itself waits ten seconds for a worker."""

SILENCE: Final = 45.0
"""Seconds until a stream is taken for dead: three times those after which the API says that it is there, whatever its
run does (`api.event_stream.KEEPALIVE`). A router that forgets a connection tells neither side."""

ATTEMPTS: Final = 3

LONGEST_PAUSE: Final = 5.0
"""Seconds between two attempts at most, whatever the API would like."""

_CODES: Final = {
    "already-decided": ExitCode.REFUSED,
    "stale-requirement": ExitCode.REFUSED,
    "expired": ExitCode.REFUSED,
    "run-closed": ExitCode.REFUSED,
    "session-in-use": ExitCode.REFUSED,
    "session-shared": ExitCode.REFUSED,
    "session-elsewhere": ExitCode.REFUSED,
    "run-put-back": ExitCode.NO_ANSWER,
    "nothing-blocked": ExitCode.NOT_FOUND,
    "run-not-found": ExitCode.NOT_FOUND,
    "requirement-not-found": ExitCode.NOT_FOUND,
    "workflow-not-found": ExitCode.NOT_FOUND,
    "session-not-found": ExitCode.NOT_FOUND,
}
"""Codes of problems, where their status alone does not say which."""


def base_url(url: str) -> str:
    """The address of the routes, of the API's own address.

    >>> base_url("https://agents.example.org/ops/")
    'https://agents.example.org/ops/v1'

    Raises:
        Failed: It is none.
    """
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed(f"{url!r} is no URL of an API: http://127.0.0.1:8000, say.", ExitCode.USAGE)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Failed("The URL of an API has neither credentials nor a query; its key is in AGNO_TEMPORAL_API_KEY.",
                     ExitCode.USAGE)  # fmt: skip
    found = url.rstrip("/")
    return found if found.endswith(PREFIX) else found + PREFIX


def _parts(url: str) -> SplitResult | None:
    """None where it is no URL: the two readers differ in what they take, and only one looks at the port's range."""
    try:
        parts = urlsplit(url)
        return parts if httpx.URL(url).host and parts.port != 0 else None
    except (ValueError, httpx.InvalidURL):
        return None


class NotNow(Failed):
    """The same request may be answered in a moment.

    Attributes:
        pause: Seconds until the API would like to have it.
    """

    def __init__(self, why: Failed, pause: float) -> None:
        super().__init__(str(why), why.code)
        self.pause = pause


class Http:
    """One API."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url = base_url(url)
        key = _checked(key)
        if key and self.url.startswith("http:") and urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
            tell("The API is called without TLS: whoever is on the way can read the key. Use https.")
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        self._client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=TIMEOUT)

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, **query: Any) -> Document:
        return await self._asked("GET", path, params={key: value for key, value in query.items() if value is not None})

    async def checks(self) -> dict[str, Document]:
        """What the API says of the parts that it needs, by their names; it says so also where it is not ready."""
        try:
            answer = await self._client.get("/ready")
        except httpx.TransportError as error:
            raise self.unreachable(error) from error
        checks = _document(answer).get("checks")
        if not isinstance(checks, dict):
            raise failed(answer)
        return checks

    async def post(self, path: str, body: Document | None = None, headers: dict[str, str] | None = None) -> Document:
        """
        Raises:
            Unknown: Nobody said whether it is done.
        """
        return await self._asked("POST", path, json=body, headers=headers)

    async def delete(self, path: str) -> Document:
        """
        Raises:
            Unknown: Nobody said whether it is done.
        """
        return await self._asked("DELETE", path)

    @asynccontextmanager
    async def stream(self, path: str, headers: dict[str, str], **query: str) -> AsyncIterator[httpx.Response]:
        """An answer that comes as it is made, for as long as it says now and then that it is there.

        Raises:
            Failed: It is an error; `NotNow`, if only for now.
            TransportError: It has broken off, or says nothing any more.
        """
        timeout = httpx.Timeout(SILENCE, connect=TIMEOUT.connect)
        async with self._client.stream("GET", path, headers=headers, params=query, timeout=timeout) as answer:
            if answer.status_code >= 300:
                await answer.aread()
                raise NotNow(failed(answer), _pause(answer)) if _may_be_repeated(answer) else failed(answer)
            yield answer

    async def _asked(self, method: str, path: str, **request: Any) -> Document:
        for left in reversed(range(ATTEMPTS)):
            try:
                answer = await self._client.request(method, path, **request)
            except httpx.ConnectError as error:
                raise self.unreachable(error) from error
            except httpx.TransportError as error:
                if left:
                    continue
                what = f"The API at {self.url} did not answer ({type(error).__name__})."
                raise (Failed(what, ExitCode.NO_ANSWER) if method == "GET" else Unknown(what)) from error
            if left and _may_be_repeated(answer):
                await asyncio.sleep(min(_pause(answer), LONGEST_PAUSE))
                continue
            if answer.status_code >= 300:
                raise failed(answer)
            return _document(answer)
        raise AssertionError("unreachable")

    def unreachable(self, error: Exception) -> Failed:
        if "CERTIFICATE" in str(error).upper():
            why = f"The certificate of {self.url} is not trusted: {error}. SSL_CERT_FILE names other authorities."
        else:
            why = (
                f"No API answers at {self.url}: {str(error) or type(error).__name__}. "
                "Start one (`agno-temporal api app.py`), or name another with --api or AGNO_TEMPORAL_API_URL."
            )
        return Failed(why, ExitCode.NO_ANSWER)


def _checked(key: str | None) -> str | None:
    """The key without the line end that a file of it has. httpx would say all of one that no header can have.

    Raises:
        Failed: It is none.
    """
    key = (key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise Failed("AGNO_TEMPORAL_API_KEY is no key: it has characters that no key has.", ExitCode.USAGE)
    return key or None


def failed(answer: httpx.Response) -> Failed:
    """What an error means here."""
    problem = _problem(answer)
    kind, status = str(problem.get("type", "")), answer.status_code
    said = _words(problem) or f"{answer.request.url.copy_with(query=None)} answered {status} {answer.reason_phrase}."
    if status in (401, 403):
        return Failed(f"{said.rstrip('.')}. Its key is in AGNO_TEMPORAL_API_KEY.", ExitCode.USAGE)
    if 300 <= status < 400:
        return Failed(f"The API is elsewhere: {answer.headers.get('location', 'nobody says where')}.", ExitCode.USAGE)
    if kind == "outcome-unknown":
        return Unknown(said)
    if status == 404 and kind not in _CODES:
        return Failed(f"{said.rstrip('.')}. Is there an API of agno-temporal at this address?", ExitCode.USAGE)
    code = _CODES.get(kind) or (ExitCode.USAGE if status < 500 and status != 429 else ExitCode.NO_ANSWER)
    if status == 501:
        code = ExitCode.USAGE
    return Refused(said, code) if status in (404, 409, 422) else Failed(said, code)


def _words(problem: Document) -> str:
    """The detail, and those errors that it only points at: of an answer it has them already."""
    said = str(problem.get("detail") or problem.get("title") or "")
    unsaid = [one for one in _errors(problem) if str(one.get("message")) not in said]
    return said + "".join(f"\n  {one.get('field') or one.get('in')}: {one.get('message')}" for one in unsaid)


def _errors(problem: Document) -> list[Document]:
    errors = problem.get("errors")
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _may_be_repeated(answer: httpx.Response) -> bool:
    """Whether the same request may be answered in a moment. A worker that is missing is not there in a moment."""
    return answer.status_code in (429, 502, 503, 504) and _problem(answer).get("type") != "no-worker"


def _pause(answer: httpx.Response) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdecimal() else 1.0


def _problem(answer: httpx.Response) -> Document:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    return _document(answer)


def _document(answer: httpx.Response) -> Document:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Failed(f"{answer.request.url.copy_with(query=None)} is no API of agno-temporal.", ExitCode.USAGE)
    return document
